//! Work that may hang for ever: drivers, file systems, child processes.
//!
//! The background thread never calls such things itself. It gives them to a thread that lives for
//! one call and looks later whether there is a result; a call that hangs costs a thread, not the
//! events.

use crate::signals;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError, sync_channel};
use std::time::Duration;

/// One kind of work, of which at most one runs.
#[derive(Debug)]
pub struct Aside<T> {
    running: Option<Receiver<T>>,
}

impl<T: Send + 'static> Aside<T> {
    /// Nothing runs.
    pub fn new() -> Self {
        Self { running: None }
    }

    /// Whether a call has not come back yet.
    pub fn is_busy(&self) -> bool {
        self.running.is_some()
    }

    /// Starts the work unless the last one still runs.
    pub fn start(&mut self, name: &str, work: impl FnOnce() -> T + Send + 'static) {
        if self.running.is_some() {
            return;
        }
        let (send, receive) = sync_channel(1);
        let run = move || {
            // Nobody looks any more when this fails.
            let _ = send.send(work());
        };
        if signals::spawn_deaf(name, run).is_ok() {
            self.running = Some(receive);
        }
    }

    /// As [`Aside::take`], waiting for a call under way, at most `limit`.
    pub fn wait(&mut self, limit: Duration) -> Option<T> {
        let result = self.running.as_ref()?.recv_timeout(limit);
        if !matches!(result, Err(RecvTimeoutError::Timeout)) {
            self.running = None;
        }
        result.ok()
    }

    /// The result, once.
    pub fn take(&mut self) -> Option<T> {
        let result = self.running.as_ref()?.try_recv();
        if !matches!(result, Err(TryRecvError::Empty)) {
            self.running = None;
        }
        result.ok()
    }
}

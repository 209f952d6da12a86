//! What the reporter has to say to people: rarely, and each thing once.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// How much a notice matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Good to know.
    Info,
    /// Something waits or was left out.
    Warning,
    /// Somebody has to do something.
    Error,
}

/// One thing to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// How much it matters.
    pub weight: Weight,
    /// In words.
    pub text: String,
}

/// Where notices go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Voice {
    /// To standard error, at once.
    Stderr,
    /// Kept until somebody takes them: for hosts with a log of their own.
    Kept,
    /// Nowhere.
    Mute,
}

/// Notices of one reporter.
#[derive(Debug)]
pub struct Notices {
    voice: Voice,
    waiting: AtomicBool,
    state: Mutex<(HashSet<&'static str>, Vec<Notice>)>,
}

impl Notices {
    pub(crate) fn new(voice: Voice) -> Self {
        Self {
            voice,
            waiting: AtomicBool::new(false),
            state: Mutex::default(),
        }
    }

    /// Says something, unless a notice of the same `topic` was said since [`Notices::over`].
    pub(crate) fn once(&self, topic: &'static str, weight: Weight, text: String) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if !state.0.insert(topic) {
            return;
        }
        match self.voice {
            Voice::Stderr => eprintln!("argus: {text}"),
            Voice::Kept => {
                state.1.push(Notice { weight, text });
                self.waiting.store(true, Ordering::Release);
            }
            Voice::Mute => {}
        }
    }

    /// Forgets a topic; whether it had been said.
    pub(crate) fn over(&self, topic: &'static str) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.0.remove(topic)
    }

    /// Whether [`Notices::take`] has something to give; costs next to nothing.
    pub fn is_waiting(&self) -> bool {
        self.waiting.load(Ordering::Acquire)
    }

    /// Takes the kept notices.
    pub fn take(&self) -> Vec<Notice> {
        self.waiting.store(false, Ordering::Release);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut state.1)
    }
}

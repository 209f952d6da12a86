//! Between the training loop and the background thread: callers append, the thread takes all.
//!
//! A caller holds the lock for one copy of one event. The thread holds it to exchange two
//! buffers. Nobody waits for a disk or a network here.

use crate::clock;
use crate::event::{self, Event, Kind, Middle};
use crate::ids::EventIds;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// After this long at most, an event whose call returned is in the file: the flush interval.
pub const FLUSH: Duration = Duration::from_millis(100);
/// With this much waiting, the thread does not wait for the interval to end.
const FULL: usize = 1024 * 1024;
/// With this much waiting, the disk does not keep up: detail is dropped, and counted.
const CAP: usize = 64 * 1024 * 1024;

#[derive(Debug)]
struct State {
    ids: EventIds,
    lines: Vec<u8>,
    since: Option<Instant>,
    urgent: bool,
    dropped: u64,
    /// Events taken in, and of these, those in the file.
    pushed: u64,
    written: u64,
    /// Until when the thread may go on; set once.
    closing: Option<Instant>,
    /// Somebody waits until everything was sent.
    draining: bool,
    /// The thread has something to look at that is no event.
    nudged: bool,
    /// Nothing more is taken in: the thread has written what it ever will.
    sealed: bool,
    ended: bool,
}

/// Events on their way to the background thread.
#[derive(Debug)]
pub struct Inbox {
    state: Mutex<State>,
    wake: Condvar,
    told: Condvar,
}

/// What the thread took.
#[derive(Debug, Default)]
pub struct Taken {
    /// Events, each with a line end.
    pub lines: Vec<u8>,
    /// Among them is one that people wait for.
    pub urgent: bool,
    /// Detail that found no room since the last time.
    pub dropped: u64,
    /// Number of the last event, for [`Inbox::written`].
    pub last: u64,
}

impl Inbox {
    /// An empty one.
    pub fn new() -> Self {
        let state = State {
            ids: EventIds::new(),
            lines: Vec::new(),
            since: None,
            urgent: false,
            dropped: 0,
            pushed: 0,
            written: 0,
            closing: None,
            draining: false,
            nudged: false,
            sealed: false,
            ended: false,
        };
        Self {
            state: Mutex::new(state),
            wake: Condvar::new(),
            told: Condvar::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends an event that happens now; `data` is its JSON object. Lifecycle events wake the
    /// thread at once and are never dropped.
    pub fn push(&self, kind: Kind, middle: &Middle, data: &[u8]) {
        let stamp = clock::stamp(clock::since_epoch());
        self.add(!kind.is_detail(), |state| {
            event::write_head(&mut state.lines, kind, &mut state.ids, &stamp, middle);
            state.lines.extend_from_slice(data);
            state.lines.extend_from_slice(b"}\n");
        });
    }

    /// Appends an event with an id and a time of its own.
    pub fn push_event(&self, event: &Event, middle: &Middle) {
        self.add(!event.kind.is_detail(), |state| {
            event::write(&mut state.lines, event, &mut state.ids, middle);
            state.lines.push(b'\n');
        });
    }

    fn add(&self, urgent: bool, write: impl FnOnce(&mut State)) {
        let mut state = self.lock();
        let before = state.lines.len();
        if state.sealed {
            return;
        }
        if before > CAP && !urgent {
            state.dropped += 1;
            return;
        }
        write(&mut state);
        state.pushed += 1;
        let mut wakes = urgent && !state.urgent;
        wakes |= before <= FULL && state.lines.len() > FULL;
        if state.since.is_none() {
            state.since = Some(Instant::now());
            wakes = true;
        }
        state.urgent |= urgent;
        drop(state);
        if wakes {
            self.wake.notify_one();
        }
    }

    /// Waits until events wait for longer than [`FLUSH`], one is urgent, there are many, somebody
    /// closes or drains, or `until`.
    pub fn wait(&self, until: Instant) {
        let mut state = self.lock();
        loop {
            let now = Instant::now();
            let flush_at = state.since.map(|since| since + FLUSH);
            let at = flush_at.map_or(until, |flush| flush.min(until));
            let nudged = std::mem::take(&mut state.nudged);
            if nudged || state.urgent || state.lines.len() > FULL || at <= now {
                return;
            }
            let waited = self.wake.wait_timeout(state, at - now);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Whether there is something that waited long enough to be taken.
    pub fn is_due(&self) -> bool {
        let state = self.lock();
        let waited = state.since.is_some_and(|since| since.elapsed() >= FLUSH);
        waited || state.urgent || state.lines.len() > FULL
    }

    /// Takes everything, leaving `spare` to be filled.
    pub fn take(&self, mut spare: Vec<u8>) -> Taken {
        spare.clear();
        let mut state = self.lock();
        state.since = None;
        Taken {
            lines: std::mem::replace(&mut state.lines, spare),
            urgent: std::mem::take(&mut state.urgent),
            dropped: std::mem::take(&mut state.dropped),
            last: state.pushed,
        }
    }

    /// Said by the thread: events up to `last` are in the file.
    pub fn written(&self, last: u64) {
        self.lock().written = last;
        self.told.notify_all();
    }

    /// Tells the thread to end at `deadline`, or earlier when everything was sent.
    pub fn close(&self, deadline: Instant) {
        let mut state = self.lock();
        state.closing.get_or_insert(deadline);
        state.nudged = true;
        drop(state);
        self.wake.notify_one();
    }

    /// Until when the thread may go on.
    pub fn closing(&self) -> Option<Instant> {
        self.lock().closing
    }

    /// Whether somebody waits for everything to be sent.
    pub fn is_draining(&self) -> bool {
        self.lock().draining
    }

    /// Said by the thread: everything taken so far was sent.
    pub fn drained(&self) {
        let mut state = self.lock();
        if state.draining && state.lines.is_empty() {
            state.draining = false;
            self.told.notify_all();
        }
    }

    /// Said by the thread: from now on, events would find nobody who writes them.
    pub fn seal(&self) {
        self.lock().sealed = true;
    }

    /// Said by the thread: it ends.
    pub fn end(&self) {
        let mut state = self.lock();
        (state.sealed, state.ended) = (true, true);
        drop(state);
        self.told.notify_all();
    }

    /// Waits until everything recorded so far was sent; whether it was within `limit`.
    pub fn drain(&self, limit: Duration) -> bool {
        let mut state = self.lock();
        state.draining = true;
        state.nudged = true;
        self.wake.notify_one();
        let state = self.until(state, limit, |state| !state.draining);
        !state.draining
    }

    /// Waits until everything recorded so far is in the file; whether it was within `limit`.
    pub fn settle(&self, limit: Duration) -> bool {
        let mut state = self.lock();
        let last = state.pushed;
        if state.written >= last {
            return true;
        }
        state.urgent = true;
        self.wake.notify_one();
        let state = self.until(state, limit, |state| state.written >= last);
        state.written >= last
    }

    /// Waits until the thread has ended; whether it did before `deadline`.
    pub fn ended(&self, deadline: Instant) -> bool {
        let limit = deadline.saturating_duration_since(Instant::now());
        self.until(self.lock(), limit, |state| state.ended).ended
    }

    fn until<'a>(
        &self,
        state: MutexGuard<'a, State>,
        limit: Duration,
        holds: impl Fn(&State) -> bool,
    ) -> MutexGuard<'a, State> {
        let waits = |state: &mut State| !state.ended && !holds(state);
        let waited = self.told.wait_timeout_while(state, limit, waits);
        waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

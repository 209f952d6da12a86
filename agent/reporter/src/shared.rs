//! What callers and the background thread have in common.

use crate::event::{Event, Fields, Kind, Middle, Source};
use crate::inbox::Inbox;
use crate::json;
use crate::notice::Notices;
use crate::settings::Settings;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// What the background thread does beside sending; `None` switches a thing off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Intervals {
    /// A sign of life where nothing else was sent for so long.
    pub heartbeat: Option<Duration>,
    /// Between two looks whether somebody asked the batch to stop.
    pub stop_poll: Option<Duration>,
    /// Between two snapshots of the host.
    pub resources: Option<Duration>,
    /// Whether code and environment are described once.
    pub env_snapshot: bool,
}

/// Counters of one reporter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Events the server has.
    pub stored: u64,
    /// Events the server will never take; they are kept aside.
    pub refused: u64,
    /// Events dropped because there was no room for them.
    pub dropped: u64,
    /// Bytes of events that were not sent yet.
    pub unsent_bytes: u64,
}

/// One reporter's state.
#[derive(Debug)]
pub struct Shared {
    pub settings: Settings,
    pub batch_id: String,
    pub source: Source,
    pub middle: Middle,
    pub intervals: Intervals,
    pub inbox: Inbox,
    pub notices: Notices,
    pub stopped: AtomicBool,
    pub env_extra: Fields,
    active_job: Mutex<Option<String>>,
    stored: AtomicU64,
    refused: AtomicU64,
    dropped: AtomicU64,
    unsent: AtomicU64,
}

impl Shared {
    pub fn new(
        settings: Settings,
        batch_id: String,
        source: Source,
        intervals: Intervals,
        notices: Notices,
        env_extra: Fields,
    ) -> Self {
        Self {
            middle: Middle::new(&batch_id, None, &source),
            settings,
            batch_id,
            source,
            intervals,
            inbox: Inbox::new(),
            notices,
            stopped: AtomicBool::new(false),
            env_extra,
            active_job: Mutex::default(),
            stored: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
            unsent: AtomicU64::new(0),
        }
    }

    /// Records an event with fields.
    pub fn record(&self, kind: Kind, job_id: Option<&str>, data: &Fields) {
        let mut out = Vec::with_capacity(256);
        let mut object = json::Object::begin(&mut out);
        for (key, value) in data {
            object.value(key, value);
        }
        object.end();
        match job_id {
            None => self.inbox.push(kind, &self.middle, &out),
            Some(job) => {
                let middle = Middle::new(&self.batch_id, Some(job), &self.source);
                self.inbox.push(kind, &middle, &out);
            }
        }
    }

    /// Records an event with an id and a time of its own.
    pub fn record_event(&self, event: &Event) {
        match event.job_id.as_deref() {
            None => self.inbox.push_event(event, &self.middle),
            Some(job) => {
                let middle = Middle::new(&self.batch_id, Some(job), &self.source);
                self.inbox.push_event(event, &middle);
            }
        }
    }

    /// The job that runs, for signs of life.
    pub fn active_job(&self) -> Option<String> {
        let job = self.active_job.lock();
        job.unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn set_active_job(&self, job: Option<&str>) {
        let mut active = self
            .active_job
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *active = job.map(str::to_owned);
    }

    pub fn count(&self, stored: u64, refused: u64, dropped: u64) {
        self.stored.fetch_add(stored, Ordering::Relaxed);
        self.refused.fetch_add(refused, Ordering::Relaxed);
        self.dropped.fetch_add(dropped, Ordering::Relaxed);
    }

    pub fn set_unsent(&self, bytes: u64) {
        self.unsent.store(bytes, Ordering::Relaxed);
    }

    pub fn stats(&self) -> Stats {
        Stats {
            stored: self.stored.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
            dropped: self.dropped.load(Ordering::Relaxed),
            unsent_bytes: self.unsent.load(Ordering::Relaxed),
        }
    }
}

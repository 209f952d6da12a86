//! How followed feeds become one response.
//!
//! In one process the hub wakes the stream; across processes it polls, fast while there is news
//! and slower when idle. Either way the feed decides what is told: the hub is only a shortcut.

use crate::frame;
use crate::live::{End, Live, Plan};
use bytes::Bytes;
use domain::limits::SSE_KEEPALIVE_SECS;
use futures::stream::{Stream, StreamExt};
use runtime::Services;
use serde_json::json;
use std::convert::Infallible;
use std::time::Duration;
use store::StoreError;
use tokio::time::{Instant, sleep_until};

/// Polling never gets slower than this.
const SLOWEST_POLL: Duration = Duration::from_secs(2);
/// Where the hub sees every append, polling is only a safety net.
const SAFETY_POLL: Duration = Duration::from_secs(20);
/// How often rights are looked at again.
const RECHECK: Duration = Duration::from_secs(60);
/// What a client waits before it comes back after an orderly end, milliseconds.
const RETRY_MS: u64 = 1000;

/// A stream that is open: its seconds are counted, whoever ends it.
struct Open {
    services: Services,
    since: Instant,
}

impl Open {
    fn count(&mut self) {
        let now = Instant::now();
        let spending = &self.services.store.spending;
        spending.streamed(now.duration_since(self.since));
        self.since = now;
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.count();
    }
}

/// The response body of a subscription.
pub fn open(
    services: Services,
    plan: Plan,
) -> impl Stream<Item = Result<Bytes, Infallible>> + Send + 'static {
    async_stream::stream! {
        let mut shutdown = services.shutdown.subscribe();
        let config = &services.config;
        let started = Instant::now();
        let mut open = Open { services: services.clone(), since: started };
        let ends_at = config.stream_max_secs.map(|s| started + Duration::from_secs(s));
        let idle = config.stream_idle_secs.map(Duration::from_secs);
        let mut pace = Pace::new(config.exclusive, config.feed_poll_ms);
        let mut live = Live::new(services.clone(), plan);
        match live.begin().await {
            Ok(frames) => for frame in frames { yield Ok(frame) },
            // The client sees an ended stream and comes back; the cause is in the log.
            Err(error) => { warn(&error); yield Ok(frame::retry(RETRY_MS)); return; }
        }
        let (mut last_frame, mut last_news) = (Instant::now(), Instant::now());
        let mut recheck = Instant::now() + RECHECK;
        loop {
            let keepalive = last_frame + Duration::from_secs(SSE_KEEPALIVE_SECS);
            let idle_end = idle.map(|i| last_news + i);
            let outcome = tokio::select! {
                Some(notice) = live.notices.next() => live.noticed(notice).await,
                () = sleep_until(pace.due) => live.poll().await,
                () = sleep_until(keepalive) => {
                    last_frame = Instant::now();
                    yield Ok(frame::keepalive(services.clock.now().secs()));
                    continue;
                }
                () = sleep_until(recheck) => {
                    recheck = Instant::now() + RECHECK;
                    open.count();
                    services.save_spending().await;
                    match live.recheck().await {
                        Ok(()) => continue,
                        Err(end) => { yield Ok(last_words(&end)); return; }
                    }
                }
                () = at(ends_at) => { yield Ok(frame::retry(RETRY_MS)); return; }
                () = at(idle_end) => { yield Ok(frame::retry(RETRY_MS)); return; }
                () = going_down(&mut shutdown) => { yield Ok(frame::retry(RETRY_MS)); return; }
            };
            match outcome {
                Ok(frames) => {
                    pace.polled(!frames.is_empty());
                    for frame in frames {
                        last_frame = Instant::now();
                        last_news = last_frame;
                        yield Ok(frame);
                    }
                }
                Err(error) => { warn(&error); pace.polled(false); }
            }
        }
    }
}

fn last_words(end: &End) -> Bytes {
    match end {
        End::Retry => frame::retry(RETRY_MS),
        End::Revoked => frame::control(None, "closed", &json!({"reason": "revoked"})),
    }
}

fn warn(error: &StoreError) {
    tracing::warn!(cause = %error, "live stream could not read its feeds");
}

async fn going_down(shutdown: &mut tokio::sync::watch::Receiver<bool>) {
    let _ = shutdown.wait_for(|down| *down).await;
}

async fn at(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

/// When to poll next.
struct Pace {
    due: Instant,
    wait: Duration,
    fastest: Duration,
    exclusive: bool,
}

impl Pace {
    fn new(exclusive: bool, poll_ms: u64) -> Self {
        let fastest = if exclusive {
            SAFETY_POLL
        } else {
            Duration::from_millis(poll_ms)
        };
        Self {
            due: Instant::now() + fastest,
            wait: fastest,
            fastest,
            exclusive,
        }
    }

    fn polled(&mut self, news: bool) {
        self.wait = match (self.exclusive, news) {
            (true, _) => SAFETY_POLL,
            (false, true) => self.fastest,
            (false, false) => (self.wait * 2).min(SLOWEST_POLL.max(self.fastest)),
        };
        self.due = Instant::now() + self.wait;
    }
}

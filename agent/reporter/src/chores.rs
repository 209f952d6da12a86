//! What happens at intervals: looks for a stop, signs of life, snapshots of the host; and the one
//! description of code and environment.

use crate::aside::Aside;
use crate::event::{Fields, Kind};
use crate::http::{Pulse, Request, escaped};
use crate::sender::Sender;
use crate::shared::Shared;
use crate::{environment, sampler};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// How long a look for a stop may take.
const LOOK_LIMIT: Duration = Duration::from_secs(5);
/// The first look for a stop comes no later than this.
const FIRST_LOOK: Duration = Duration::from_secs(1);
/// How often results of other threads are looked for.
const GLANCE: Duration = Duration::from_millis(200);
/// How long the end of a run waits for the look at its environment.
const LOOK_BACK: Duration = Duration::from_secs(1);

/// The thread's clock.
#[derive(Debug)]
pub(crate) struct Chores {
    shared: Arc<Shared>,
    poll: Option<Instant>,
    heartbeat: Option<Instant>,
    resources: Option<Instant>,
    sample: Aside<(sampler::Sampler, Fields)>,
    sampler: Option<sampler::Sampler>,
    environment: Aside<Fields>,
}

impl Chores {
    /// Everything that is wanted begins at once.
    pub fn new(shared: Arc<Shared>) -> Self {
        let now = Instant::now();
        let wanted = shared.intervals;
        let mut environment = Aside::new();
        if wanted.env_snapshot {
            let extra = shared.env_extra.clone();
            environment.start("argus-env", move || environment::describe(extra));
        }
        Self {
            // The first answers to events say it, where the server says it there.
            poll: wanted.stop_poll.map(|every| now + every.min(FIRST_LOOK)),
            heartbeat: wanted.heartbeat.map(|every| now + every),
            resources: wanted.resources.map(|_| now),
            sample: Aside::new(),
            sampler: wanted.resources.map(|_| sampler::Sampler::new()),
            environment,
            shared,
        }
    }

    /// When something is next to be done.
    pub fn next(&self) -> Instant {
        let now = Instant::now();
        let busy = self.sample.is_busy() || self.environment.is_busy();
        let glance = busy.then(|| now + GLANCE);
        let times = [self.poll, self.heartbeat, self.resources, glance];
        times
            .into_iter()
            .flatten()
            .min()
            .unwrap_or(now + Duration::from_secs(3600))
    }

    /// Does what is due. `heard` is when an answer last said whether to stop.
    pub fn turn(
        &mut self,
        now: Instant,
        heard: Option<Instant>,
        sender: &mut Sender,
        pulse: Pulse<'_>,
    ) {
        self.collect();
        let wanted = self.shared.intervals;
        if let (Some(every), Some(at)) = (wanted.resources, self.resources)
            && at <= now
        {
            self.resources = Some(now + every);
            if let Some(mut sampler) = self.sampler.take() {
                self.sample.start("argus-sample", move || {
                    let fields = sampler.sample();
                    (sampler, fields)
                });
            }
        }
        if let (Some(every), Some(at)) = (wanted.heartbeat, self.heartbeat)
            && at <= now
        {
            self.heartbeat = Some(now + every);
            // Whatever else was sent is a sign of life as well.
            if sender.stored().is_none_or(|stored| now - stored >= every) {
                self.sign_of_life();
            }
        }
        if let (Some(every), Some(at)) = (wanted.stop_poll, self.poll)
            && at <= now
        {
            self.poll = Some(now + every);
            // A server that says it in its answers need not be asked.
            if heard.is_none_or(|heard| now - heard >= every) {
                self.ask(sender, pulse);
            }
        }
        if self.shared.stopped.load(Ordering::Acquire) {
            self.poll = None;
        }
    }

    fn collect(&mut self) {
        if let Some((sampler, fields)) = self.sample.take() {
            self.sampler = Some(sampler);
            self.shared.record(Kind::ResourceSnapshot, None, &fields);
        }
        if let Some(fields) = self.environment.take() {
            self.shared.record(Kind::EnvSnapshot, None, &fields);
        }
    }

    /// Records results that came in at the last moment. A run shorter than a look at its
    /// environment waits for that, at most [`LOOK_BACK`] and `limit`: a rerun is made of it.
    pub fn finish(&mut self, limit: Duration) {
        if let Some(fields) = self.environment.wait(limit.min(LOOK_BACK)) {
            self.shared.record(Kind::EnvSnapshot, None, &fields);
        }
        self.collect();
    }

    /// A line every server knows not to show.
    fn sign_of_life(&self) {
        let mut data = Fields::new();
        data.insert("line".into(), "heartbeat".into());
        data.insert("level".into(), "debug".into());
        let now = crate::clock::since_epoch().as_secs_f64();
        data.insert("ts_unix".into(), now.into());
        let job = self.shared.active_job();
        self.shared.record(Kind::LogLine, job.as_deref(), &data);
    }

    fn ask(&self, sender: &mut Sender, pulse: Pulse<'_>) {
        let Some(client) = sender.client() else {
            return;
        };
        let batch = escaped(&self.shared.batch_id);
        let path = format!("/api/batches/{batch}/stop-requested");
        let mut request = Request::new("GET", &path);
        request.timeout = LOOK_LIMIT;
        if let Ok(answer) = client.call_paced(&request, pulse)
            && answer.is_success()
        {
            let said = answer.json();
            let says = |name: &str| said[name].as_bool() == Some(true);
            if says("stop_requested") || says("requested") {
                self.shared.stopped.store(true, Ordering::Release);
            }
        }
    }
}

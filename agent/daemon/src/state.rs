//! What the daemon knows, and what follows from each event. Pure: no clock, no disk, no process.
//! Every promise about what may run when is kept here, so every one can be tried in a loop.

use crate::event::{Effect, Event, Level, Now};
use crate::journal::{End, Phase, Record};
use crate::request::Rerun;
use client::{Ack, Backoff, ExitReason, Refusal, Secret};
use policy::{Load, Policy};
use std::collections::BTreeMap;
use std::time::Duration;

/// How long a process may wait at its gate for the server's word.
pub(crate) const GATE_LIMIT_MS: u64 = 5 * 60 * 1000;
/// Runs that are over and still known.
const KNOWN: usize = 1000;
/// Longest wait between tries while the server is away.
const LONGEST_WAIT: Duration = Duration::from_secs(120);

/// What a run waits for, besides what its record says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Hold {
    /// Nothing.
    #[default]
    None,
    /// To be looked at.
    Examination,
    /// Somebody's word on the host.
    Approval,
    /// Its turn; why.
    Turn(String),
}

/// A word to the server that is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// It began.
    Started,
    /// It was not carried out.
    Failed,
    /// It ended.
    Ended,
}

/// One run.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) record: Record,
    pub(crate) request: Option<Rerun>,
    pub(crate) hold: Hold,
    /// Arrival, for turns.
    pub(crate) turn: u64,
    /// When the request is too old.
    pub(crate) expires_ms: u64,
    /// Since when its process waits at the gate.
    pub(crate) gated_ms: u64,
    /// Token of the batch, for its own reports. Never on the disk.
    pub(crate) token: Option<Secret>,
    /// What the server is being told about it.
    pub(crate) calling: Option<Said>,
    /// It was found again and has no token yet.
    pub(crate) refresh: bool,
    /// When to call again.
    pub(crate) retry_ms: u64,
    pub(crate) waits: Backoff,
}

/// What the server has to hear about a stop.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) ack: Ack,
    pub(crate) calling: bool,
    pub(crate) retry_ms: u64,
    pub(crate) waits: Backoff,
}

impl From<Ack> for Answer {
    fn from(ack: Ack) -> Self {
        Self {
            ack,
            calling: false,
            retry_ms: 0,
            waits: waits(),
        }
    }
}

/// Whether the server knows us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Not asked yet.
    Unknown,
    /// It does.
    Fine,
    /// It does not answer; since how many tries and why.
    Away(u32, String),
    /// It does not want this token; its status and text.
    Unwanted(u16, String),
}

/// Everything known.
#[derive(Debug)]
pub struct State {
    pub(crate) policies: Vec<Policy>,
    pub(crate) boot_id: String,
    pub(crate) runs: BTreeMap<String, Run>,
    /// Stops whose answer the server has not heard, by command.
    pub(crate) stops: BTreeMap<String, Answer>,
    pub(crate) standing: Standing,
    pub(crate) poll_interval: Duration,
    /// Whether the journal took its last line.
    pub(crate) journal_well: bool,
    /// Whether the clocks were found to differ.
    pub(crate) skewed: bool,
    pub(crate) turns: u64,
    waits: Backoff,
}

pub(crate) fn waits() -> Backoff {
    Backoff::new(Duration::from_secs(1), LONGEST_WAIT)
}

impl State {
    /// A daemon with these rules on this start of the machine.
    pub fn new(policies: Vec<Policy>, boot_id: String, poll_interval: Duration) -> Self {
        Self {
            policies,
            boot_id,
            runs: BTreeMap::new(),
            stops: BTreeMap::new(),
            standing: Standing::Unknown,
            poll_interval,
            journal_well: true,
            skewed: false,
            turns: 0,
            waits: waits(),
        }
    }

    /// Keeps memory bounded over years: of runs that are over, the latest are known.
    fn forget(&mut self) {
        if self.runs.len() <= KNOWN * 2 {
            return;
        }
        let over = self.runs.values().filter(|r| r.record.phase == Phase::Done);
        let mut over: Vec<_> = over.map(|r| (r.turn, r.record.cmd.clone())).collect();
        over.sort();
        over.truncate(over.len().saturating_sub(KNOWN));
        for (_, cmd) in over {
            self.runs.remove(&cmd);
        }
    }

    /// Whether anything needs looking at more often than a heartbeat.
    pub fn is_busy(&self) -> bool {
        self.runs.values().any(|r| r.record.phase != Phase::Done) || !self.stops.is_empty()
    }

    /// Runs with a process.
    pub(crate) fn active(&self) -> impl Iterator<Item = &Run> {
        let held = |p: Phase| matches!(p, Phase::Spawning | Phase::Spawned | Phase::Acked);
        self.runs.values().filter(move |r| held(r.record.phase))
    }

    pub(crate) fn load(&self, now: Now) -> Load {
        let mut load = Load {
            minute: now.minute,
            ..Load::default()
        };
        for run in self.active() {
            load.runs += 1;
            for gpu in &run.record.gpus {
                *load.gpus.entry(gpu.clone()).or_default() += 1;
            }
        }
        load
    }

    pub(crate) fn grace_ms(&self) -> u64 {
        let least = self.policies.iter().map(|p| p.limits.grace_seconds).max();
        least.unwrap_or(30) * 1000
    }

    pub(crate) fn max_age_ms(&self) -> u64 {
        let least = self.policies.iter().map(|p| p.run.max_age_hours).min();
        least.unwrap_or(24) * 3_600_000
    }
}

/// One event, and what to do now.
pub fn step(state: &mut State, event: Event, now: Now) -> Vec<Effect> {
    let mut out = Vec::new();
    match event {
        Event::Polled { answer, took } => polled(state, answer, took, now, &mut out),
        Event::Examined(cmd, found) => crate::begin::examined(state, &cmd, found, &mut out),
        Event::Answered(cmd, yes) => crate::begin::answered(state, &cmd, yes, &mut out),
        Event::Unwritten(cmd) => crate::begin::unwritten(state, &cmd, now, &mut out),
        Event::Spawned(cmd, made) => crate::begin::spawned(state, &cmd, made, now, &mut out),
        Event::Acked(cmd, answer) => crate::finish::acked(state, &cmd, answer, now, &mut out),
        Event::Stuck(cmd, why) => crate::finish::stuck(state, &cmd, &why, &mut out),
        Event::Ended(cmd, end) => crate::finish::ended(state, &cmd, end, &mut out),
        Event::Reported(cmd, answer) => crate::finish::reported(state, &cmd, answer, now, &mut out),
        Event::Tick => {}
        Event::Woke => {
            state.waits.reset();
            out.push(poll(Duration::ZERO));
        }
        Event::Reloaded => {
            state.standing = Standing::Unknown;
            state.waits.reset();
            out.push(poll(Duration::ZERO));
        }
        Event::Shutdown => {
            let running = state.active().count();
            out.push(say(Level::Info, format!("ending; {running} runs go on")));
            out.push(Effect::Quit);
            return out;
        }
    }
    state.forget();
    crate::finish::due(state, now, &mut out);
    crate::begin::fill(state, now, &mut out);
    crate::finish::calls(state, now, &mut out);
    out
}

fn poll(after: Duration) -> Effect {
    Effect::Poll { after, wait_s: 20 }
}

pub(crate) fn say(level: Level, text: String) -> Effect {
    Effect::Say(level, text)
}

fn polled(
    state: &mut State,
    answer: Result<client::Jobs, client::Error>,
    took: Duration,
    now: Now,
    out: &mut Vec<Effect>,
) {
    let jobs = match answer {
        Ok(jobs) => jobs,
        Err(error) => return out.extend(unanswered(state, &error)),
    };
    if state.standing != Standing::Fine {
        out.push(say(Level::Info, "the server answers".to_owned()));
    }
    state.standing = Standing::Fine;
    state.waits.reset();
    let holds_open = jobs.server_time_utc.is_some();
    let news = crate::arrive::arrived(state, jobs, now, out);
    // What waits here stays on the server's list, so it would answer at once, over and over.
    let after = match (holds_open, news || took >= Duration::from_secs(1)) {
        (true, true) => Duration::ZERO,
        (true, false) => Duration::from_secs(1),
        (false, _) => state.poll_interval,
    };
    out.push(poll(after));
}

fn unanswered(state: &mut State, error: &client::Error) -> Vec<Effect> {
    let mut out = Vec::new();
    let asked = match error {
        client::Error::RetryAfter { after, .. } => *after,
        _ => None,
    };
    let standing = match error {
        // No new registration by itself: two daemons would take the identity from each other.
        client::Error::Refused {
            status: status @ (401 | 403 | 404),
            detail,
            ..
        } => {
            if !matches!(state.standing, Standing::Unwanted(..)) {
                let hint = "run `argus-agent login` on this host; runs go on meanwhile";
                let text =
                    format!("the server does not know this agent ({status} {detail}): {hint}");
                out.push(say(Level::Warn, text));
            }
            Standing::Unwanted(*status, detail.clone())
        }
        other => {
            if !matches!(state.standing, Standing::Away(..)) {
                out.push(say(Level::Warn, other.to_string()));
            }
            Standing::Away(state.waits.failures() + 1, other.to_string())
        }
    };
    let mut after = state.waits.next(asked);
    if matches!(standing, Standing::Unwanted(..)) {
        after = after.max(LONGEST_WAIT);
    }
    state.standing = standing;
    out.push(poll(after));
    out
}

/// Puts a run where the server still has to hear that it is not carried out.
pub(crate) fn refuse(run: &mut Run, reason: Refusal, text: String, out: &mut Vec<Effect>) {
    run.record.phase = Phase::Refused;
    run.record.refusal = Some((reason, text.clone()));
    run.hold = Hold::None;
    run.retry_ms = 0;
    let cmd = run.record.cmd.clone();
    out.push(Effect::Record(Box::new(run.record.clone())));
    out.push(Effect::Audit(cmd.clone(), "refused", text.clone()));
    out.push(say(Level::Info, format!("refused {cmd}: {text}")));
}

/// Puts a run where the server still has to hear of its end.
pub(crate) fn end(run: &mut Run, end: End, out: &mut Vec<Effect>) {
    let how = format!(
        "{:?} code {:?} signal {:?}",
        end.reason, end.code, end.signal
    );
    run.record.phase = Phase::Exited;
    run.record.end = Some(end);
    run.retry_ms = 0;
    let cmd = run.record.cmd.clone();
    out.push(Effect::Record(Box::new(run.record.clone())));
    out.push(Effect::Audit(cmd.clone(), "ended", how.clone()));
    out.push(say(Level::Info, format!("{cmd} ended: {how}")));
}

/// Nothing is left to do for a run.
pub(crate) fn done(run: &mut Run, out: &mut Vec<Effect>) {
    run.record.phase = Phase::Done;
    run.token = None;
    out.push(Effect::Record(Box::new(run.record.clone())));
}

pub(crate) fn unknown_end(reason: ExitReason, now: Now) -> End {
    End {
        code: None,
        signal: None,
        reason,
        at: crate::clock::rfc3339(now.unix_s),
    }
}

//! What the server asks for. Stops come first and never wait; a command that is known is never
//! carried out twice, however often it is delivered.

use crate::clock;
use crate::event::{Effect, Level, Now};
use crate::journal::{End, Phase, Record, Stop};
use crate::request::Rerun;
use crate::state::{self, Hold, Run, State, say};
use client::{Ack, ExitReason, Job, Jobs, Refusal};

/// Most commands taken from one answer, and most that may be open here.
const AT_ONCE: usize = 1000;
const OPEN: usize = 2000;
/// Longest id remembered.
const LONGEST_ID: usize = 256;
/// Difference of clocks worth a word, in seconds.
const SKEW_S: i64 = 60;

/// Takes commands in. Tells whether any was new.
pub(crate) fn arrived(state: &mut State, jobs: Jobs, now: Now, out: &mut Vec<Effect>) -> bool {
    let server_s = jobs.server_time_utc.as_deref().and_then(clock::seconds);
    if let Some(skew) = server_s
        .map(|s| s - now.unix_s)
        .filter(|s| s.abs() > SKEW_S)
    {
        if !std::mem::replace(&mut state.skewed, true) {
            let text = format!("this host's clock and the server's differ by {skew} s");
            out.push(say(Level::Warn, text));
        }
    } else {
        state.skewed = false;
    }
    let (stops, others): (Vec<_>, Vec<_>) = jobs
        .jobs
        .into_iter()
        .take(AT_ONCE)
        .filter(|job| !job.id.is_empty() && job.id.len() <= LONGEST_ID)
        .partition(|job| job.kind == "stop");
    let mut news = false;
    for stop in stops {
        if state.stops.contains_key(&stop.id) {
            continue;
        }
        news = true;
        let coming = others
            .iter()
            .find(|j| j.batch_id == stop.batch_id && j.kind == "rerun");
        if let Some(job) = coming.filter(|job| !state.runs.contains_key(&job.id)) {
            let run = received(state, job, now);
            state::refuse(
                run,
                Refusal::Other,
                "stopped before it began".to_owned(),
                out,
            );
        }
        let ack = stopped(state, &stop, now, out);
        state.stops.insert(stop.id.clone(), ack.into());
    }
    for job in others {
        if let Some(run) = state.runs.get_mut(&job.id) {
            again(run);
        } else if state
            .runs
            .values()
            .filter(|r| r.record.phase != Phase::Done)
            .count()
            < OPEN
        {
            news = true;
            rerun(state, &job, server_s, now, out);
        }
    }
    news
}

/// A command that is over is still on the server's list: it did not hear what became of it.
fn again(run: &mut Run) {
    if run.record.phase != Phase::Done {
        return;
    }
    run.record.phase = match run.record.refusal {
        Some(_) => Phase::Refused,
        None => Phase::Exited,
    };
    run.record.acked = false;
    run.retry_ms = 0;
}

fn received<'a>(state: &'a mut State, job: &Job, now: Now) -> &'a mut Run {
    state.turns += 1;
    let run = Run {
        record: Record {
            cmd: job.id.clone(),
            batch_id: job.batch_id.clone(),
            phase: Phase::Received,
            argv: Vec::new(),
            cwd: String::new(),
            gpus: Vec::new(),
            process: None,
            acked: false,
            started_at: None,
            stop: None,
            end: None,
            refusal: None,
        },
        request: None,
        hold: Hold::Examination,
        turn: state.turns,
        expires_ms: now.mono_ms + state.max_age_ms(),
        gated_ms: 0,
        token: None,
        calling: None,
        refresh: false,
        retry_ms: 0,
        waits: state::waits(),
    };
    state.runs.entry(job.id.clone()).or_insert(run)
}

fn rerun(state: &mut State, job: &Job, server_s: Option<i64>, now: Now, out: &mut Vec<Effect>) {
    let max_age_ms = state.max_age_ms();
    let age_ms = age_s(job, server_s) * 1000;
    // By the server's clock alone: how much of its life is left.
    let server_end_ms = match (server_s, job.expires_at.as_deref().and_then(clock::seconds)) {
        (Some(server), Some(end)) => u64::try_from(end - server).unwrap_or(0) * 1000,
        _ => u64::MAX,
    };
    let run = received(state, job, now);
    let by = job
        .payload
        .get("requested_by")
        .and_then(|v| v.as_str())
        .unwrap_or("?");
    let note = format!("batch {} asked for by {by}", job.batch_id);
    out.push(Effect::Audit(job.id.clone(), "received", note));
    if job.kind != "rerun" {
        let kind: String = job.kind.chars().take(40).collect();
        let text = format!("this agent knows no `{kind}`");
        return state::refuse(run, Refusal::Unsupported, text, out);
    }
    if age_ms >= max_age_ms || server_end_ms == 0 {
        let text = "the request is too old; ask again".to_owned();
        return state::refuse(run, Refusal::Expired, text, out);
    }
    run.expires_ms = now.mono_ms + (max_age_ms - age_ms).min(server_end_ms);
    if job.batch_id.is_empty() || job.batch_id.len() > LONGEST_ID || job.batch_id.contains('\0') {
        return state::refuse(run, Refusal::Other, "that is no batch".to_owned(), out);
    }
    match Rerun::read(job) {
        Ok(request) => {
            run.request = Some(request);
            out.push(Effect::Record(Box::new(run.record.clone())));
            out.push(Effect::Examine(job.id.clone()));
        }
        Err((reason, text)) => state::refuse(run, reason, text, out),
    }
}

fn age_s(job: &Job, server_s: Option<i64>) -> u64 {
    let told = job
        .age_s
        .filter(|s| s.is_finite() && *s >= 0.0)
        .map(|s| s as u64);
    let counted = || {
        let made = job.created_at.as_deref().and_then(clock::seconds)?;
        u64::try_from(server_s? - made).ok()
    };
    // Years are old enough, and leave room for milliseconds.
    told.or_else(counted).unwrap_or(0).min(1 << 32)
}

fn stopped(state: &mut State, stop: &Job, now: Now, out: &mut Vec<Effect>) -> Ack {
    let grace_ms = state.grace_ms();
    let found = state
        .runs
        .values_mut()
        .find(|r| r.record.batch_id == stop.batch_id);
    let Some(run) = found else {
        let note = format!("stop of batch {}, which is not ours", stop.batch_id);
        out.push(Effect::Audit(stop.id.clone(), "refused", note));
        return Ack::Failed {
            error: "this agent did not launch that batch".to_owned(),
            reason: Refusal::NotLaunchedHere,
        };
    };
    let cmd = run.record.cmd.clone();
    out.push(Effect::Audit(
        cmd.clone(),
        "stop",
        format!("by command {}", stop.id),
    ));
    let pid = run.record.process.as_ref().map(|p| p.pid);
    match run.record.phase {
        Phase::Received => {
            state::refuse(
                run,
                Refusal::Other,
                "stopped before it began".to_owned(),
                out,
            );
        }
        Phase::Spawning | Phase::Spawned => {
            out.push(Effect::DropGate(cmd));
            let end = End {
                code: None,
                signal: Some(15),
                reason: ExitReason::Signaled,
                at: clock::rfc3339(now.unix_s),
            };
            state::end(run, end, out);
        }
        Phase::Acked if run.record.stop.is_none() => {
            run.record.stop = Some(Stop {
                kill_at_ms: now.mono_ms + grace_ms,
                killed: false,
            });
            out.push(Effect::Terminate(cmd.clone()));
            out.push(Effect::Record(Box::new(run.record.clone())));
            let grace = grace_ms / 1000;
            out.push(say(
                Level::Info,
                format!("stopping {cmd}; SIGKILL in {grace} s"),
            ));
        }
        Phase::Done if run.record.end.is_some() => {
            run.record.phase = Phase::Exited;
            run.retry_ms = 0;
        }
        Phase::Acked | Phase::Exited | Phase::Refused | Phase::Done => {}
    }
    Ack::Started { pid }
}

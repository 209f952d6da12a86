//! From a process at its gate to the last word about it.

use crate::event::{Effect, Ended, Level, Now};
use crate::journal::{End, Phase};
use crate::state::{self, GATE_LIMIT_MS, Run, Said, Standing, State, say};
use client::{Ack, Acked, Error, ExitReason, Refusal, Secret};

/// Between two SIGKILLs, when something does not die of the first.
const KILL_AGAIN_MS: u64 = 5000;
/// Before a server that no longer wants us is tried again with what it has to hear.
const UNWANTED_MS: u64 = 120_000;

/// What the server's 409 means.
enum Conflict {
    /// The command was taken back.
    Cancelled,
    /// It already heard that it began.
    Started,
}

enum Heard {
    Yes(Acked),
    Conflict(Conflict),
    /// It will never take this.
    No(String),
    /// Later.
    Later(Option<u64>),
}

fn heard(answer: Result<Acked, Error>) -> Heard {
    match answer {
        Ok(acked) => Heard::Yes(acked),
        Err(Error::Refused {
            status: 409,
            code,
            detail,
        }) => {
            if code.contains("cancelled") || detail.contains("cancelled") {
                Heard::Conflict(Conflict::Cancelled)
            } else if code.contains("started") || detail.contains("'started'") {
                Heard::Conflict(Conflict::Started)
            } else {
                Heard::No(detail)
            }
        }
        Err(Error::Refused {
            status: 401 | 403, ..
        }) => Heard::Later(Some(UNWANTED_MS)),
        Err(Error::Refused { detail, .. }) => Heard::No(detail),
        Err(Error::RetryAfter { after, .. }) => {
            Heard::Later(after.map(|d| u64::try_from(d.as_millis()).unwrap_or(u64::MAX)))
        }
        Err(_) => Heard::Later(None),
    }
}

fn later(run: &mut Run, asked_ms: Option<u64>, now: Now) {
    let asked = asked_ms.map(std::time::Duration::from_millis);
    let wait = run.waits.next(asked);
    run.retry_ms = now.mono_ms + u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
}

pub(crate) fn acked(
    state: &mut State,
    cmd: &str,
    answer: Result<Acked, Error>,
    now: Now,
    out: &mut Vec<Effect>,
) {
    if let Some(stop) = state.stops.get_mut(cmd) {
        stop.calling = false;
        match heard(answer) {
            Heard::Later(asked) => {
                let asked = asked.map(std::time::Duration::from_millis);
                let wait = stop.waits.next(asked).as_millis();
                stop.retry_ms = now.mono_ms + u64::try_from(wait).unwrap_or(u64::MAX);
            }
            Heard::Yes(_) | Heard::Conflict(_) | Heard::No(_) => {
                state.stops.remove(cmd);
            }
        }
        return;
    }
    let Some(run) = state.runs.get_mut(cmd) else {
        return;
    };
    let said = run.calling.take();
    let heard = heard(answer);
    if let Heard::Later(asked) = heard {
        return later(run, asked, now);
    }
    run.waits.reset();
    match run.record.phase {
        Phase::Spawned => opened(run, heard, now, out),
        Phase::Acked => refreshed(run, heard, now, out),
        Phase::Exited => match heard {
            Heard::Yes(_) | Heard::Conflict(Conflict::Started) => run.record.acked = true,
            _ => state::done(run, out),
        },
        Phase::Refused => match (heard, said) {
            // It heard an earlier word of ours, that the run began.
            (Heard::Yes(_), Some(Said::Started)) | (Heard::Conflict(Conflict::Started), _) => {
                run.record.acked = true;
                run.record.refusal = None;
                state::end(run, state::unknown_end(ExitReason::Lost, now), out);
            }
            _ => state::done(run, out),
        },
        Phase::Received | Phase::Spawning | Phase::Done => {}
    }
}

/// The server's word on a process at its gate.
fn opened(run: &mut Run, heard: Heard, now: Now, out: &mut Vec<Effect>) {
    let cmd = run.record.cmd.clone();
    let why = match heard {
        Heard::Yes(answer) => {
            run.token = answer.reporter_token.map(Secret::new);
            None
        }
        Heard::Conflict(Conflict::Started) => None,
        Heard::Conflict(Conflict::Cancelled) => Some("it was taken back".to_owned()),
        Heard::No(detail) => Some(detail),
        Heard::Later(_) => return,
    };
    match why {
        None => {
            run.record.acked = true;
            run.record.phase = Phase::Acked;
            out.push(Effect::Record(Box::new(run.record.clone())));
            out.push(Effect::Release(cmd.clone()));
            out.push(Effect::Audit(cmd.clone(), "started", String::new()));
            out.push(say(
                Level::Info,
                format!("started {cmd} ({})", run.record.batch_id),
            ));
        }
        Some(why) => {
            out.push(Effect::DropGate(cmd.clone()));
            out.push(Effect::Audit(cmd.clone(), "dropped", why.clone()));
            out.push(say(
                Level::Info,
                format!("dropped {cmd} before it began: {why}"),
            ));
            run.record.refusal = Some((Refusal::Other, why));
            run.record.end = Some(state::unknown_end(ExitReason::Unknown, now));
            state::done(run, out);
        }
    }
}

/// A run that was found again asks for its token once more.
fn refreshed(run: &mut Run, heard: Heard, now: Now, out: &mut Vec<Effect>) {
    run.refresh = false;
    match heard {
        Heard::Yes(answer) => run.token = answer.reporter_token.map(Secret::new),
        Heard::Conflict(Conflict::Cancelled) if run.record.stop.is_none() => {
            run.record.stop = Some(crate::journal::Stop {
                kill_at_ms: now.mono_ms,
                killed: false,
            });
            out.push(Effect::Record(Box::new(run.record.clone())));
        }
        Heard::Conflict(_) | Heard::No(_) | Heard::Later(_) => {}
    }
}

pub(crate) fn stuck(state: &mut State, cmd: &str, why: &str, out: &mut Vec<Effect>) {
    if state.runs.contains_key(cmd) {
        // Its end arrives by itself.
        out.push(say(Level::Warn, format!("{cmd} died at its gate: {why}")));
    }
}

pub(crate) fn ended(state: &mut State, cmd: &str, ended: Ended, out: &mut Vec<Effect>) {
    let Some(run) = state.runs.get_mut(cmd) else {
        return;
    };
    match run.record.phase {
        Phase::Spawned => {
            let text = "its process died before it began".to_owned();
            state::refuse(run, Refusal::Other, text, out);
        }
        Phase::Acked => {
            // Our own SIGKILL is not the kernel's.
            let killed = run.record.stop.as_ref().is_some_and(|s| s.killed);
            let reason = match ended.reason {
                ExitReason::Oom if killed => ExitReason::Signaled,
                reason => reason,
            };
            let end = End {
                code: ended.code,
                signal: ended.signal,
                reason,
                at: ended.at,
            };
            state::end(run, end, out);
        }
        Phase::Received | Phase::Spawning | Phase::Exited | Phase::Refused | Phase::Done => {}
    }
}

pub(crate) fn reported(
    state: &mut State,
    cmd: &str,
    answer: Result<(), Error>,
    now: Now,
    out: &mut Vec<Effect>,
) {
    let Some(run) = state.runs.get_mut(cmd) else {
        return;
    };
    run.calling = None;
    match answer {
        Ok(()) => state::done(run, out),
        Err(Error::Refused {
            status: 401 | 403, ..
        }) => later(run, Some(UNWANTED_MS), now),
        Err(error @ Error::Refused { .. }) => {
            let text = format!("the server does not take the end of {cmd}: {error}");
            out.push(say(Level::Warn, text));
            state::done(run, out);
        }
        Err(_) => later(run, None, now),
    }
}

/// What time alone brings: gates that waited too long, and stops that were not obeyed.
pub(crate) fn due(state: &mut State, now: Now, out: &mut Vec<Effect>) {
    for run in state.runs.values_mut() {
        let cmd = run.record.cmd.clone();
        match run.record.phase {
            Phase::Spawned if now.mono_ms.saturating_sub(run.gated_ms) >= GATE_LIMIT_MS => {
                out.push(Effect::DropGate(cmd));
                let text = "the server could not be told that it begins".to_owned();
                state::refuse(run, Refusal::Other, text, out);
            }
            Phase::Acked => {
                let Some(stop) = &mut run.record.stop else {
                    continue;
                };
                if now.mono_ms < stop.kill_at_ms {
                    continue;
                }
                let first = !std::mem::replace(&mut stop.killed, true);
                stop.kill_at_ms = now.mono_ms + KILL_AGAIN_MS;
                out.push(Effect::Kill(cmd.clone()));
                if first {
                    out.push(Effect::Record(Box::new(run.record.clone())));
                    out.push(Effect::Audit(
                        cmd,
                        "killed",
                        "it did not end in time".to_owned(),
                    ));
                }
            }
            _ => {}
        }
    }
}

/// Calls that are due.
pub(crate) fn calls(state: &mut State, now: Now, out: &mut Vec<Effect>) {
    if matches!(state.standing, Standing::Unwanted(..)) {
        return;
    }
    for (cmd, stop) in &mut state.stops {
        if !stop.calling && now.mono_ms >= stop.retry_ms {
            stop.calling = true;
            out.push(Effect::Ack(cmd.clone(), Box::new(stop.ack.clone())));
        }
    }
    for run in state.runs.values_mut() {
        if run.calling.is_some() || now.mono_ms < run.retry_ms {
            continue;
        }
        let cmd = run.record.cmd.clone();
        let pid = run.record.process.as_ref().map(|p| p.pid);
        let started = Effect::Ack(cmd.clone(), Box::new(Ack::Started { pid }));
        let (said, call) = match run.record.phase {
            Phase::Spawned => (Said::Started, started),
            Phase::Acked if run.refresh => (Said::Started, started),
            Phase::Exited if !run.record.acked => (Said::Started, started),
            Phase::Exited => (Said::Ended, Effect::Report(cmd)),
            Phase::Refused => {
                let (reason, error) = run
                    .record
                    .refusal
                    .clone()
                    .unwrap_or((Refusal::Other, String::new()));
                let failed = Ack::Failed { error, reason };
                (Said::Failed, Effect::Ack(cmd, Box::new(failed)))
            }
            Phase::Received | Phase::Spawning | Phase::Acked | Phase::Done => continue,
        };
        run.calling = Some(said);
        out.push(call);
    }
}

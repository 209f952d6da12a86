//! From a request to a process at its gate.

use crate::event::{Effect, Examined, Level, Now};
use crate::journal::Phase;
use crate::machine::Process;
use crate::state::{self, Hold, State, say};
use client::{ExitReason, Refusal};
use policy::{Room, Verdict, room};

pub(crate) fn examined(state: &mut State, cmd: &str, found: Examined, out: &mut Vec<Effect>) {
    let Some(run) = state
        .runs
        .get_mut(cmd)
        .filter(|r| r.hold == Hold::Examination)
    else {
        return;
    };
    if run.record.phase != Phase::Received {
        return;
    }
    run.record.argv = found.argv;
    run.record.cwd = found.cwd;
    run.record.gpus = found.gpus;
    let text = || "the policy says no".to_owned();
    let (reason, why) = found.refusal.unwrap_or_else(|| (Refusal::Policy, text()));
    match found.verdict {
        Verdict::Deny => state::refuse(run, reason, why, out),
        Verdict::Ask => {
            run.hold = Hold::Approval;
            out.push(Effect::Audit(
                cmd.to_owned(),
                "asked",
                run.record.argv.join(" "),
            ));
            let text = format!("{cmd} waits for a word: `argus-agent approve {cmd}`");
            out.push(say(Level::Info, text));
        }
        Verdict::Allow => {
            run.hold = Hold::Turn(String::new());
            out.push(Effect::Audit(
                cmd.to_owned(),
                "allowed",
                run.record.argv.join(" "),
            ));
        }
    }
}

pub(crate) fn answered(state: &mut State, cmd: &str, yes: bool, out: &mut Vec<Effect>) {
    let Some(run) = state.runs.get_mut(cmd).filter(|r| r.hold == Hold::Approval) else {
        return;
    };
    if yes {
        run.hold = Hold::Turn(String::new());
        out.push(Effect::Audit(cmd.to_owned(), "approved", String::new()));
    } else {
        let text = "refused on the host".to_owned();
        state::refuse(run, Refusal::ApprovalRefused, text, out);
    }
}

/// The journal did not take a line that had to be there before what follows from it.
pub(crate) fn unwritten(state: &mut State, cmd: &str, now: Now, out: &mut Vec<Effect>) {
    if std::mem::replace(&mut state.journal_well, false) {
        let text = "the journal cannot be written: nothing new is run, runs go on".to_owned();
        out.push(say(Level::Warn, text));
    }
    let Some(run) = state.runs.get_mut(cmd) else {
        return;
    };
    let why = || "the host cannot write its journal".to_owned();
    match run.record.phase {
        Phase::Received | Phase::Spawning => state::refuse(run, Refusal::Journal, why(), out),
        Phase::Spawned => {
            out.push(Effect::DropGate(cmd.to_owned()));
            state::refuse(run, Refusal::Journal, why(), out);
        }
        // Its gate stays shut, yet the server heard that it began.
        Phase::Acked => {
            out.push(Effect::DropGate(cmd.to_owned()));
            state::end(run, state::unknown_end(ExitReason::Lost, now), out);
        }
        Phase::Exited | Phase::Refused | Phase::Done => {}
    }
}

pub(crate) fn spawned(
    state: &mut State,
    cmd: &str,
    made: Result<(Process, String), (Refusal, String)>,
    now: Now,
    out: &mut Vec<Effect>,
) {
    let Some(run) = state
        .runs
        .get_mut(cmd)
        .filter(|r| r.record.phase == Phase::Spawning)
    else {
        return out.push(Effect::DropGate(cmd.to_owned()));
    };
    match made {
        Ok((process, at)) => {
            let pid = process.pid;
            run.record.process = Some(process);
            run.record.started_at = Some(at);
            run.record.phase = Phase::Spawned;
            run.gated_ms = now.mono_ms;
            run.retry_ms = 0;
            out.push(Effect::Record(Box::new(run.record.clone())));
            out.push(Effect::Audit(
                cmd.to_owned(),
                "spawned",
                format!("pid {pid}"),
            ));
        }
        Err((reason, text)) => state::refuse(run, reason, text, out),
    }
}

/// Gives processes to those whose turn it is, and turns away those who waited too long.
pub(crate) fn fill(state: &mut State, now: Now, out: &mut Vec<Effect>) {
    let mut waiting: Vec<(u64, String)> = state
        .runs
        .values()
        .filter(|r| r.record.phase == Phase::Received && r.hold != Hold::None)
        .map(|r| (r.turn, r.record.cmd.clone()))
        .collect();
    waiting.sort();
    for (_, cmd) in waiting {
        let load = state.load(now);
        let policies = &state.policies;
        let Some(run) = state.runs.get_mut(&cmd) else {
            continue;
        };
        if now.mono_ms >= run.expires_ms {
            let text = "it waited too long for its turn".to_owned();
            state::refuse(run, Refusal::Expired, text, out);
            continue;
        }
        let Hold::Turn(before) = &run.hold else {
            continue;
        };
        match room(policies, &load, &run.record.gpus) {
            Room::Yes => {
                run.hold = Hold::None;
                run.record.phase = Phase::Spawning;
                out.push(Effect::Record(Box::new(run.record.clone())));
                out.push(Effect::Spawn(cmd));
            }
            Room::Wait(why) => {
                if *before != why {
                    out.push(say(Level::Info, format!("{cmd} waits: {why}")));
                }
                run.hold = Hold::Turn(why);
            }
        }
    }
}

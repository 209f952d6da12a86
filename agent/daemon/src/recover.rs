//! What a daemon makes of its journal when it comes back: runs that live are its own again, runs
//! that died meanwhile are reported, and what never began is told so.

use crate::event::{Effect, Level, Now};
use crate::journal::{Phase, Record};
use crate::machine::Process;
use crate::state::{self, Hold, Run, State, say};
use client::{ExitReason, Refusal};

/// Takes records in. `lives` tells whether that very process is still there.
pub fn recover(
    state: &mut State,
    records: Vec<Record>,
    lives: impl Fn(&Process) -> bool,
    now: Now,
) -> Vec<Effect> {
    let mut out = Vec::new();
    for record in records {
        let never = matches!(record.phase, Phase::Received | Phase::Spawning);
        if never {
            // The server was told nothing and no user code ran: it brings the command again.
            continue;
        }
        state.turns += 1;
        let mut run = Run {
            request: None,
            hold: Hold::None,
            turn: state.turns,
            expires_ms: 0,
            gated_ms: now.mono_ms,
            token: None,
            calling: None,
            refresh: false,
            retry_ms: 0,
            waits: state::waits(),
            record,
        };
        settle(&mut run, &state.boot_id, &lives, now, &mut out);
        state.runs.insert(run.record.cmd.clone(), run);
    }
    out
}

fn settle(
    run: &mut Run,
    boot_id: &str,
    lives: &impl Fn(&Process) -> bool,
    now: Now,
    out: &mut Vec<Effect>,
) {
    let cmd = run.record.cmd.clone();
    let process = run.record.process.clone();
    let living = process.as_ref().is_some_and(lives);
    match run.record.phase {
        Phase::Spawned => {
            // Its gate closed with the daemon that held it.
            if living {
                out.push(Effect::DropGate(cmd));
            }
            let text = "the agent was restarted before the run began; ask again".to_owned();
            state::refuse(run, Refusal::Other, text, out);
        }
        Phase::Acked if living => {
            run.refresh = true;
            out.push(say(Level::Info, format!("{cmd} goes on")));
            out.push(Effect::Audit(cmd, "adopted", String::new()));
        }
        Phase::Acked => {
            let same = process.is_some_and(|p| p.boot_id == boot_id);
            let reason = if same {
                ExitReason::Unknown
            } else {
                ExitReason::Lost
            };
            state::end(run, state::unknown_end(reason, now), out);
        }
        Phase::Received | Phase::Spawning | Phase::Exited | Phase::Refused | Phase::Done => {}
    }
}

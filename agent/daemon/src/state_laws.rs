//! Laws that hold whatever happens in whatever order.

use crate::event::{Effect, Ended, Event};
use crate::journal::{Phase, Record};
use crate::recover::recover;
use crate::state::{State, step};
use crate::state_tests::{at, ended, found, polled, process, rerun, state, stop};
use client::{Acked, Error, ExitReason};
use policy::Verdict;
use proptest::prelude::*;
use serde_json::json;
use std::collections::BTreeMap;

/// A host for the state to act on: gates, a journal, and what was really run.
#[derive(Default)]
struct World {
    journal: BTreeMap<String, Record>,
    gates: BTreeMap<String, bool>,
    ran: BTreeMap<String, u32>,
    terminated: Vec<String>,
}

impl World {
    /// Does the effects, checking that nothing happens before it is written down.
    fn act(&mut self, state: &mut State, effects: Vec<Effect>, now: u64) {
        for effect in effects {
            match effect {
                Effect::Record(record) => {
                    self.journal.insert(record.cmd.clone(), *record);
                }
                Effect::Spawn(cmd) => {
                    assert_eq!(
                        self.journal[&cmd].phase,
                        Phase::Spawning,
                        "made before it was written down"
                    );
                    self.gates.insert(cmd.clone(), true);
                    let made = Ok((process(42), String::new()));
                    let more = step(state, Event::Spawned(cmd, made), at(now));
                    self.act(state, more, now);
                }
                Effect::Release(cmd) => {
                    assert_eq!(
                        self.journal[&cmd].phase,
                        Phase::Acked,
                        "opened before it was written down"
                    );
                    assert_eq!(
                        self.gates.remove(&cmd),
                        Some(true),
                        "there is no gate to open"
                    );
                    *self.ran.entry(cmd).or_default() += 1;
                }
                Effect::DropGate(cmd) => {
                    self.gates.remove(&cmd);
                }
                Effect::Terminate(cmd) | Effect::Kill(cmd) => {
                    assert!(
                        self.ran.contains_key(&cmd),
                        "what does not run is not signalled"
                    );
                    self.terminated.push(cmd);
                }
                _ => {}
            }
        }
    }
}

#[derive(Clone, Debug)]
enum Happening {
    Rerun(usize),
    Stop(usize),
    Examined(usize, Verdict),
    Answered(usize, bool),
    Acked(usize, u8),
    Ended(usize),
    Reported(usize, bool),
    Unwritten(usize),
    Later,
    Offline,
    Restart,
    Reboot,
}

fn happenings() -> impl Strategy<Value = Happening> {
    let which = 0usize..3;
    let verdict =
        prop_oneof![3 => Just(Verdict::Allow), 1 => Just(Verdict::Ask), 1 => Just(Verdict::Deny)];
    prop_oneof![
        4 => which.clone().prop_map(Happening::Rerun),
        2 => which.clone().prop_map(Happening::Stop),
        4 => (which.clone(), verdict).prop_map(|(n, v)| Happening::Examined(n, v)),
        1 => (which.clone(), any::<bool>()).prop_map(|(n, b)| Happening::Answered(n, b)),
        5 => (which.clone(), 0u8..6).prop_map(|(n, k)| Happening::Acked(n, k)),
        2 => which.clone().prop_map(Happening::Ended),
        2 => (which.clone(), any::<bool>()).prop_map(|(n, b)| Happening::Reported(n, b)),
        1 => which.prop_map(Happening::Unwritten),
        2 => Just(Happening::Later),
        1 => Just(Happening::Offline),
        1 => Just(Happening::Restart),
        1 => Just(Happening::Reboot),
    ]
}

fn answer(kind: u8) -> Result<Acked, Error> {
    let refused = |status, detail: &str| {
        let (code, detail) = (String::new(), detail.to_owned());
        Err(Error::Refused {
            status,
            code,
            detail,
        })
    };
    match kind {
        0 | 1 => Ok(Acked::default()),
        2 => Err(Error::Offline("gone".to_owned())),
        3 => refused(409, "cmd already in status 'started'"),
        4 => refused(409, "cmd already in status 'cancelled'"),
        _ => refused(404, "command not found"),
    }
}

fn event(happening: &Happening) -> Option<Event> {
    let name = |n: &usize| format!("cmd-{n}");
    Some(match happening {
        Happening::Rerun(n) => polled(json!([rerun(&name(n))])),
        Happening::Stop(n) => polled(json!([stop(&format!("stop-{n}"), &name(n))])),
        Happening::Examined(n, verdict) => Event::Examined(name(n), found(*verdict)),
        Happening::Answered(n, yes) => Event::Answered(name(n), *yes),
        Happening::Acked(n, kind) => Event::Acked(name(n), answer(*kind)),
        Happening::Ended(n) => Event::Ended(name(n), ended(0)),
        Happening::Reported(n, true) => Event::Reported(name(n), Ok(())),
        Happening::Reported(n, false) => {
            Event::Reported(name(n), Err(Error::Offline("gone".to_owned())))
        }
        Happening::Unwritten(n) => Event::Unwritten(name(n)),
        Happening::Offline => Event::Polled {
            answer: Err(Error::Offline("gone".to_owned())),
            took: std::time::Duration::ZERO,
        },
        Happening::Later => Event::Tick,
        Happening::Restart | Happening::Reboot => return None,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn nothing_runs_twice_or_unwritten_whatever_happens(all in prop::collection::vec(happenings(), 1..60)) {
        let mut state = state();
        let mut world = World::default();
        let mut now = 0;
        for happening in &all {
            now += match happening {
                Happening::Later => 20,
                _ => 1,
            };
            if let Happening::Ended(n) = happening {
                // Only what runs can end.
                if !world.ran.contains_key(&format!("cmd-{n}")) {
                    continue;
                }
            }
            let effects = match event(happening) {
                Some(event) => step(&mut state, event, at(now)),
                None => {
                    // Gates close with the daemon that held them.
                    world.gates.clear();
                    let boot = if matches!(happening, Happening::Reboot) { "boot-2" } else { "boot-1" };
                    state = State::new(state.policies.clone(), boot.to_owned(), std::time::Duration::from_secs(10));
                    let records = world.journal.values().cloned().collect();
                    recover(&mut state, records, |p| p.boot_id == boot, at(now))
                }
            };
            world.act(&mut state, effects, now);
        }
        for (cmd, times) in &world.ran {
            prop_assert!(*times == 1, "{cmd} ran {times} times");
        }
    }

    #[test]
    fn every_stop_of_a_living_run_ends_in_a_kill(waits in prop::collection::vec(1u64..20, 1..12)) {
        let mut state = state();
        crate::state_tests::running(&mut state, "a");
        let mut now = 1;
        let mut seen = step(&mut state, polled(json!([stop("s", "a")])), at(now));
        for wait in waits.iter().chain(&[30]) {
            now += wait;
            seen.extend(step(&mut state, Event::Tick, at(now)));
        }
        let kill = Effect::Kill("a".to_owned());
        prop_assert!(seen.contains(&kill));
        let gone = Ended { signal: Some(9), code: None, reason: ExitReason::Signaled, ..ended(0) };
        step(&mut state, Event::Ended("a".to_owned(), gone), at(now));
        let after = step(&mut state, Event::Tick, at(now + 100));
        prop_assert!(!after.contains(&kill), "the dead are left alone");
    }
}

//! What follows from what, case by case.

use crate::event::{Effect, Ended, Event, Examined, Now};
use crate::machine::Process;
use crate::state::{State, step};
use client::{Ack, Acked, Error, ExitReason, Jobs};
use policy::{Policy, Verdict};
use serde_json::{Value, json};
use std::time::Duration;

pub(crate) const BOOT: &str = "boot-1";

pub(crate) fn state() -> State {
    State::new(
        vec![Policy::default()],
        BOOT.to_owned(),
        Duration::from_secs(10),
    )
}

pub(crate) fn at(seconds: u64) -> Now {
    Now {
        mono_ms: seconds * 1000,
        unix_s: 1_000_000 + seconds as i64,
        minute: 0,
    }
}

pub(crate) fn polled(jobs: Value) -> Event {
    let answer =
        json!({"jobs": jobs, "server_time_utc": "1970-01-12T13:46:40Z", "more": {"new": 1}});
    let jobs: Jobs = serde_json::from_value(answer).unwrap();
    Event::Polled {
        answer: Ok(jobs),
        took: Duration::from_millis(5),
    }
}

pub(crate) fn rerun(cmd: &str) -> Value {
    json!({"id": cmd, "kind": "rerun", "batch_id": format!("batch-{cmd}"), "age_s": 1,
        "payload": {"argv": ["python", "train.py"], "cwd": "/home/me"}})
}

pub(crate) fn stop(cmd: &str, of: &str) -> Value {
    json!({"id": cmd, "kind": "stop", "batch_id": format!("batch-{of}"), "payload": {}})
}

pub(crate) fn found(verdict: Verdict) -> Examined {
    Examined {
        verdict,
        refusal: None,
        argv: vec!["python".to_owned(), "train.py".to_owned()],
        cwd: "/home/me".to_owned(),
        gpus: Vec::new(),
    }
}

pub(crate) fn process(pid: u32) -> Process {
    Process {
        pid,
        starttime: 7,
        boot_id: BOOT.to_owned(),
        cgroup: None,
    }
}

pub(crate) fn ended(code: i32) -> Ended {
    Ended {
        code: Some(code),
        signal: None,
        reason: ExitReason::Exited,
        at: "1970-01-12T14:00:00Z".to_owned(),
    }
}

pub(crate) fn ok() -> Result<Acked, Error> {
    let reporter_token = Some("em_live_run".to_owned());
    Ok(Acked { reporter_token })
}

pub(crate) fn refused(status: u16, code: &str, detail: &str) -> Error {
    let (code, detail) = (code.to_owned(), detail.to_owned());
    Error::Refused {
        status,
        code,
        detail,
    }
}

/// The effects that matter for order: no lines for people, no polls.
pub(crate) fn deeds(effects: &[Effect]) -> Vec<String> {
    let name = |effect: &Effect| match effect {
        Effect::Poll { .. } | Effect::Say(..) | Effect::Audit(..) => None,
        Effect::Record(r) => Some(format!("record {} {:?}", r.cmd, r.phase)),
        Effect::Ack(c, ack) => Some(match &**ack {
            Ack::Started { .. } => format!("ack {c} started"),
            Ack::Failed { reason, .. } => format!("ack {c} {reason:?}"),
        }),
        Effect::Examine(c) => Some(format!("examine {c}")),
        Effect::Spawn(c) => Some(format!("spawn {c}")),
        Effect::Release(c) => Some(format!("release {c}")),
        Effect::DropGate(c) => Some(format!("drop {c}")),
        Effect::Terminate(c) => Some(format!("terminate {c}")),
        Effect::Kill(c) => Some(format!("kill {c}")),
        Effect::Report(c) => Some(format!("report {c}")),
        Effect::Quit => Some("quit".to_owned()),
    };
    effects.iter().filter_map(name).collect()
}

pub(crate) fn gated(state: &mut State, cmd: &str) {
    step(state, polled(json!([rerun(cmd)])), at(0));
    step(
        state,
        Event::Examined(cmd.to_owned(), found(Verdict::Allow)),
        at(0),
    );
    let made = Ok((process(42), "1970-01-12T13:46:40Z".to_owned()));
    let did = deeds(&step(state, Event::Spawned(cmd.to_owned(), made), at(0)));
    assert_eq!(
        did,
        [
            format!("record {cmd} Spawned"),
            format!("ack {cmd} started")
        ]
    );
}

pub(crate) fn running(state: &mut State, cmd: &str) {
    gated(state, cmd);
    let did = deeds(&step(state, Event::Acked(cmd.to_owned(), ok()), at(1)));
    assert_eq!(
        did,
        [format!("record {cmd} Acked"), format!("release {cmd}")]
    );
}

#[test]
fn a_rerun_is_written_down_before_every_step_and_runs_once() {
    let mut state = state();
    let did = deeds(&step(&mut state, polled(json!([rerun("a")])), at(0)));
    assert_eq!(did, ["record a Received", "examine a"]);
    let again = deeds(&step(&mut state, polled(json!([rerun("a")])), at(0)));
    assert!(again.is_empty(), "delivered again: {again:?}");
    let allowed = Event::Examined("a".to_owned(), found(Verdict::Allow));
    assert_eq!(
        deeds(&step(&mut state, allowed, at(0))),
        ["record a Spawning", "spawn a"]
    );
    let made = Ok((process(42), String::new()));
    step(&mut state, Event::Spawned("a".to_owned(), made), at(0));
    step(&mut state, Event::Acked("a".to_owned(), ok()), at(1));
    let did = deeds(&step(
        &mut state,
        Event::Ended("a".to_owned(), ended(3)),
        at(5),
    ));
    assert_eq!(did, ["record a Exited", "report a"]);
    let did = deeds(&step(
        &mut state,
        Event::Reported("a".to_owned(), Ok(())),
        at(6),
    ));
    assert_eq!(did, ["record a Done"]);
    let again = deeds(&step(&mut state, polled(json!([rerun("a")])), at(9)));
    assert_eq!(
        again,
        ["ack a started"],
        "the server did not hear of it; it hears again, no more"
    );
}

#[test]
fn a_word_that_was_lost_is_said_again_and_the_gate_waits_for_it() {
    let mut state = state();
    gated(&mut state, "a");
    let lost = Event::Acked("a".to_owned(), Err(Error::Offline("gone".to_owned())));
    assert!(deeds(&step(&mut state, lost, at(1))).is_empty());
    assert_eq!(
        deeds(&step(&mut state, Event::Tick, at(3))),
        ["ack a started"]
    );
    let heard = refused(409, "command_settled", "cmd already in status 'started'");
    let did = deeds(&step(
        &mut state,
        Event::Acked("a".to_owned(), Err(heard)),
        at(4),
    ));
    assert_eq!(did, ["record a Acked", "release a"]);
}

#[test]
fn a_gate_whose_word_is_refused_never_opens() {
    for error in [
        refused(409, "command_cancelled", "cancelled"),
        refused(409, "", "cmd already in status 'cancelled'"),
        refused(404, "command_not_found", "command not found"),
    ] {
        let mut state = state();
        gated(&mut state, "a");
        let did = deeds(&step(
            &mut state,
            Event::Acked("a".to_owned(), Err(error)),
            at(1),
        ));
        assert_eq!(did, ["drop a", "record a Done"]);
        assert!(
            deeds(&step(
                &mut state,
                Event::Ended("a".to_owned(), ended(125)),
                at(1)
            ))
            .is_empty()
        );
    }
    let mut state = state();
    gated(&mut state, "a");
    let lost = Event::Acked("a".to_owned(), Err(Error::Offline("gone".to_owned())));
    step(&mut state, lost, at(1));
    let did = deeds(&step(&mut state, Event::Tick, at(301)));
    assert_eq!(did, ["drop a", "record a Refused", "ack a Other"]);
    let late = refused(409, "command_settled", "'started'");
    let did = deeds(&step(
        &mut state,
        Event::Acked("a".to_owned(), Err(late)),
        at(302),
    ));
    assert_eq!(
        did,
        ["record a Exited", "report a"],
        "the server believed it began, so it hears of an end"
    );
}

#[test]
fn stops_come_first_and_are_enforced() {
    let mut state = state();
    running(&mut state, "a");
    let did = deeds(&step(
        &mut state,
        polled(json!([rerun("b"), stop("s", "a")])),
        at(10),
    ));
    let expected = [
        "terminate a",
        "record a Acked",
        "record b Received",
        "examine b",
        "ack s started",
    ];
    assert_eq!(did, expected);
    step(&mut state, Event::Acked("s".to_owned(), ok()), at(10));
    assert!(deeds(&step(&mut state, Event::Tick, at(39))).is_empty());
    let repeated = deeds(&step(&mut state, polled(json!([stop("s2", "a")])), at(39)));
    assert_eq!(
        repeated,
        ["ack s2 started"],
        "a second stop gives no second grace"
    );
    assert_eq!(
        deeds(&step(&mut state, Event::Tick, at(40))),
        ["kill a", "record a Acked"]
    );
    assert_eq!(deeds(&step(&mut state, Event::Tick, at(46))), ["kill a"]);
    let killed = Ended {
        code: None,
        signal: Some(9),
        reason: ExitReason::Oom,
        ..ended(0)
    };
    step(&mut state, Event::Ended("a".to_owned(), killed), at(47));
    let end = state.runs["a"].record.end.clone().unwrap();
    assert_eq!(
        (end.signal, end.reason),
        (Some(9), ExitReason::Signaled),
        "it was us, not the kernel"
    );
}

#[test]
fn a_stop_reaches_a_run_that_has_not_begun() {
    let mut state = state();
    let did = deeds(&step(
        &mut state,
        polled(json!([stop("s", "a"), rerun("a")])),
        at(0),
    ));
    assert_eq!(
        did,
        ["record a Refused", "ack s started", "ack a Other"],
        "with its rerun in one answer"
    );
    let mut state = self::state();
    gated(&mut state, "a");
    let did = deeds(&step(&mut state, polled(json!([stop("s", "a")])), at(1)));
    assert_eq!(did, ["drop a", "record a Exited", "ack s started"]);
    let did = deeds(&step(&mut state, Event::Acked("a".to_owned(), ok()), at(2)));
    assert_eq!(
        did,
        ["report a"],
        "the word that was on its way opens nothing"
    );
    let mut state = self::state();
    step(&mut state, polled(json!([rerun("a")])), at(0));
    step(
        &mut state,
        Event::Examined("a".to_owned(), found(Verdict::Ask)),
        at(0),
    );
    let did = deeds(&step(&mut state, polled(json!([stop("s", "a")])), at(1)));
    assert_eq!(did, ["record a Refused", "ack s started", "ack a Other"]);
    assert!(
        deeds(&step(
            &mut state,
            Event::Answered("a".to_owned(), true),
            at(2)
        ))
        .is_empty()
    );
}

#[test]
fn what_is_not_ours_is_left_alone() {
    let mut state = state();
    running(&mut state, "a");
    let did = deeds(&step(
        &mut state,
        polled(json!([stop("s", "other")])),
        at(1),
    ));
    assert_eq!(did, ["ack s NotLaunchedHere"]);
    let lost = Err(Error::Offline("gone".to_owned()));
    step(&mut state, Event::Acked("s".to_owned(), lost), at(1));
    assert_eq!(
        deeds(&step(&mut state, Event::Tick, at(4))),
        ["ack s NotLaunchedHere"]
    );
    step(&mut state, Event::Acked("s".to_owned(), ok()), at(5));
    assert!(deeds(&step(&mut state, Event::Tick, at(60))).is_empty());
}

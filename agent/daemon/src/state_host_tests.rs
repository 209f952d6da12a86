//! What follows from what on a host with trouble of its own: old requests, full disks, restarts.

use crate::event::{Effect, Event};
use crate::journal::Phase;
use crate::recover::recover;
use crate::state::{State, step};
use crate::state_tests::{
    BOOT, at, deeds, ended, found, gated, ok, polled, refused, rerun, running, state,
};
use client::{ExitReason, Refusal};
use policy::{Policy, Verdict};
use serde_json::json;
use std::time::Duration;

#[test]
fn the_old_the_unknown_and_the_shapeless_are_refused() {
    let old = |age: i64| json!({"id": "a", "kind": "rerun", "batch_id": "b", "age_s": age, "payload": {"argv": ["x"]}});
    let cases = [
        (old(24 * 3600), "Expired"),
        (old(i64::MAX), "Expired"),
        // Written 2 days before the server's own time.
        (
            json!({"id": "a", "kind": "rerun", "batch_id": "b", "created_at": "1970-01-10T00:00:00Z", "payload": {"argv": ["x"]}}),
            "Expired",
        ),
        (
            json!({"id": "a", "kind": "rerun", "batch_id": "b", "expires_at": "1970-01-12T13:46:39Z", "payload": {"argv": ["x"]}}),
            "Expired",
        ),
        (
            json!({"id": "a", "kind": "shell", "batch_id": "b", "payload": {"argv": ["x"]}}),
            "Unsupported",
        ),
        (
            json!({"id": "a", "kind": "rerun", "batch_id": "b"}),
            "CommandMissing",
        ),
        (
            json!({"id": "a", "kind": "rerun", "batch_id": "", "payload": {"argv": ["x"]}}),
            "Other",
        ),
    ];
    for (job, reason) in cases {
        let mut state = state();
        let did = deeds(&step(&mut state, polled(json!([job])), at(0)));
        assert_eq!(
            did,
            ["record a Refused".to_owned(), format!("ack a {reason}")],
            "{job}"
        );
    }
    let mut state = state();
    let huge = json!({"id": "x".repeat(5000), "kind": "rerun", "batch_id": "b"});
    assert!(deeds(&step(&mut state, polled(json!([huge])), at(0))).is_empty());
}

#[test]
fn a_journal_that_cannot_be_written_starts_nothing() {
    let mut state = state();
    step(&mut state, polled(json!([rerun("a")])), at(0));
    let did = deeds(&step(&mut state, Event::Unwritten("a".to_owned()), at(0)));
    assert_eq!(did, ["record a Refused", "ack a Journal"]);
    assert!(!state.journal_well);
    gated(&mut state, "b");
    let did = deeds(&step(&mut state, Event::Unwritten("b".to_owned()), at(0)));
    assert_eq!(
        did,
        ["drop b", "record b Refused"],
        "an ack is on its way, the next follows it"
    );
    let did = deeds(&step(&mut state, Event::Acked("b".to_owned(), ok()), at(1)));
    assert_eq!(did, ["record b Exited", "report b"]);
}

#[test]
fn runs_wait_for_their_turn() {
    let mut policy = Policy::default();
    policy.limits.max_runs = 1;
    let mut state = State::new(vec![policy], BOOT.to_owned(), Duration::from_secs(10));
    running(&mut state, "a");
    step(&mut state, polled(json!([rerun("b"), rerun("c")])), at(2));
    for cmd in ["c", "b"] {
        let did = deeds(&step(
            &mut state,
            Event::Examined(cmd.to_owned(), found(Verdict::Allow)),
            at(2),
        ));
        assert!(did.is_empty());
    }
    let did = deeds(&step(
        &mut state,
        Event::Ended("a".to_owned(), ended(0)),
        at(9),
    ));
    assert_eq!(
        did,
        [
            "record a Exited",
            "record b Spawning",
            "spawn b",
            "report a"
        ]
    );
    let did = deeds(&step(&mut state, Event::Tick, at(24 * 3600 + 10)));
    assert!(did.contains(&"ack c Expired".to_owned()), "{did:?}");
}

#[test]
fn a_token_that_died_stops_the_calls_but_not_the_runs() {
    let mut state = state();
    running(&mut state, "a");
    let dead = Event::Polled {
        answer: Err(refused(401, "", "agent token unknown")),
        took: Duration::ZERO,
    };
    let out = step(&mut state, dead, at(2));
    let after = out.iter().find_map(|e| match e {
        Effect::Poll { after, .. } => Some(*after),
        _ => None,
    });
    assert!(after.unwrap() >= Duration::from_secs(120));
    assert_eq!(
        deeds(&step(
            &mut state,
            Event::Ended("a".to_owned(), ended(0)),
            at(3)
        )),
        ["record a Exited"]
    );
    assert_eq!(
        deeds(&step(&mut state, Event::Reloaded, at(4))),
        ["report a"]
    );
}

#[test]
fn a_daemon_that_comes_back_takes_up_where_it_was() {
    let mut before = state();
    running(&mut before, "alive");
    running(&mut before, "dead");
    gated(&mut before, "gated");
    step(&mut before, polled(json!([rerun("early")])), at(0));
    running(&mut before, "over");
    step(
        &mut before,
        Event::Ended("over".to_owned(), ended(0)),
        at(1),
    );
    let records = |state: &State| {
        state
            .runs
            .values()
            .map(|r| r.record.clone())
            .collect::<Vec<_>>()
    };
    let mut found = records(&before);
    for record in &mut found {
        if let Some(process) = &mut record.process {
            process.pid = if record.cmd == "alive" { 42 } else { 43 };
        }
    }
    let mut state = self::state();
    let did = deeds(&recover(&mut state, found.clone(), |p| p.pid == 42, at(9)));
    assert_eq!(did, ["record dead Exited", "record gated Refused"]);
    assert!(
        !state.runs.contains_key("early"),
        "it never began, so the server brings it again"
    );
    assert_eq!(
        state.runs["dead"].record.end.as_ref().unwrap().reason,
        ExitReason::Unknown
    );
    let did = deeds(&step(&mut state, Event::Tick, at(9)));
    assert_eq!(
        did,
        [
            "ack alive started",
            "report dead",
            "ack gated Other",
            "report over"
        ]
    );
    assert_eq!(state.runs["alive"].record.phase, Phase::Acked);

    let mut state = State::new(
        vec![Policy::default()],
        "boot-2".to_owned(),
        Duration::from_secs(10),
    );
    recover(&mut state, found, |_| false, at(9));
    assert_eq!(
        state.runs["alive"].record.end.as_ref().unwrap().reason,
        ExitReason::Lost
    );
}

#[test]
fn refusals_of_the_host_have_their_reasons() {
    let mut state = state();
    step(&mut state, polled(json!([rerun("a"), rerun("b")])), at(0));
    let mut no = found(Verdict::Deny);
    no.refusal = Some((Refusal::Cwd, "gone".to_owned()));
    let did = deeds(&step(
        &mut state,
        Event::Examined("a".to_owned(), no),
        at(0),
    ));
    assert_eq!(did, ["record a Refused", "ack a Cwd"]);
    step(
        &mut state,
        Event::Examined("b".to_owned(), found(Verdict::Ask)),
        at(0),
    );
    let did = deeds(&step(
        &mut state,
        Event::Answered("b".to_owned(), false),
        at(1),
    ));
    assert_eq!(did, ["record b Refused", "ack b ApprovalRefused"]);
}

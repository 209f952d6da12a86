//! Whole cycles over made-up snapshots and real processes.

use crate::trees::{Running, candidate, environment, program, settings, snapshot, usage, wait_for};
use argus_watchdog::cycle::{Trace, Watchdog};
use argus_watchdog::detect::orphan::Orphans;
use argus_watchdog::plan::{ActionKind, Origin, Ruling};
use argus_watchdog::snapshot::{Disk, Service};
use probe::Probe;
use std::path::Path;

fn dog(state: &Path, more: &str) -> Watchdog {
    Watchdog::new(
        settings(state, more),
        environment(state),
        Probe::live(),
        Trace::None,
        false,
    )
    .expect("watchdog")
}

#[test]
fn rules_propose_without_any_model() {
    let state = tempfile::tempdir().expect("folder");
    let mut host = snapshot();
    host.disks = vec![Disk {
        handle: "d1".into(),
        mount: "/".into(),
        fs: "ext4".into(),
        usage: usage(95),
    }];
    host.services = vec![Service {
        handle: "s1".into(),
        name: "a.service".into(),
        unit: Some("a.service".into()),
        ok: false,
        detail: "failed".into(),
    }];
    let (judged, troubles) =
        dog(state.path(), "[services]\nunits = [\"a.service\"]\n").explain(host);
    let kinds: Vec<ActionKind> = judged.iter().map(|(p, _)| p.action).collect();
    assert_eq!(kinds, [ActionKind::CleanDisk, ActionKind::RestartService]);
    assert!(
        judged
            .iter()
            .all(|(p, r)| p.origin == Origin::Rule && matches!(r, Ruling::DryRun(_))),
        "{judged:?}"
    );
    assert_eq!(troubles.len(), 2, "{troubles:?}");
}

#[test]
fn a_left_over_test_run_is_ended_at_the_third_sighting_of_the_same_process() {
    let settings = settings(Path::new("/nonexistent"), "");
    let mut orphans = Orphans::default();
    let mut host = snapshot();
    let with = |pid| {
        let mut host = snapshot();
        host.processes = vec![candidate("p1", pid, "/usr/bin/node")];
        host
    };
    // Three different short runs: none is ended.
    for pid in [100, 101, 102] {
        assert!(orphans.sight(&with(pid), &settings).ripe.is_empty());
    }
    assert!(orphans.sight(&with(102), &settings).ripe.is_empty());
    assert_eq!(orphans.sight(&with(102), &settings).ripe, ["p1"]);
    // Not what they look like.
    let look = |change: &dyn Fn(&mut argus_watchdog::snapshot::Candidate)| {
        let mut host = with(102);
        change(&mut host.processes[0]);
        let mut known = Orphans::default();
        (0..4).any(|_| !known.sight(&host, &settings).ripe.is_empty())
    };
    assert!(look(&|_| {}));
    assert!(!look(&|p| p.argv = vec![
        "vim".into(),
        "my-node-notes.md".into(),
        "--test-plan".into()
    ]));
    assert!(!look(
        &|p| p.identity.as_mut().expect("identity").exe = "/usr/bin/node_exporter".into()
    ));
    assert!(!look(&|p| p.orphaned = false));
    assert!(!look(&|p| p.run = Some("b-1".into())));
    assert!(!look(&|p| p.age_s = 10));
    host.boot_id = "another".into();
    host.processes = with(102).processes;
    assert!(
        orphans.sight(&host, &settings).ripe.is_empty(),
        "another boot counts anew"
    );
    let old = r#"{"pattern":"node --test","count":2,"pids":1,"first_seen":"2026-02-20T00:00:00Z","last_seen":"2026-02-20T00:05:00Z"}"#;
    let mut old: Orphans = serde_json::from_str(old).expect("the first watchdog's file");
    assert!(old.sight(&with(102), &settings).ripe.is_empty());
}

#[test]
fn processes_of_runs_are_known_by_variable_descent_and_journal() {
    let state = tempfile::tempdir().expect("folder");
    let node = program(state.path(), "node");
    let by_variable = Running(
        std::process::Command::new(&node)
            .arg("600")
            .env("ARGUS_BATCH_ID", "b-var")
            .spawn()
            .expect("start"),
    );
    let by_journal = Running::start(&node, "600");
    let plain = Running::start(&node, "600");
    let probe = Probe::live();
    wait_for("exec", || {
        [&by_variable, &by_journal, &plain]
            .iter()
            .all(|r| probe.exe(r.pid()).as_deref() == Some(&node))
    });
    let start = probe
        .process(by_journal.pid())
        .expect("process")
        .start_ticks;
    let line = |phase: &str, start: u64| {
        serde_json::json!({
        "v": 1, "at": 1, "cmd": "c1", "batch_id": "b-journal", "phase": phase,
        "process": {"pid": by_journal.pid(), "starttime": start, "boot_id": probe.boot_id().expect("boot")},
    }).to_string() + "\n"
    };
    let journal = state.path().join("journal.jsonl");
    let more = format!("[server]\nagent_journal = {journal:?}\n");
    let run_of = |dog: &mut Watchdog, running: &Running| {
        let host = dog.look().expect("look");
        let found = host
            .processes
            .iter()
            .find(|p| p.pid == running.pid())
            .expect("a candidate")
            .run
            .clone();
        (found, host.blind.len())
    };
    std::fs::write(&journal, line("spawned", start) + &line("acked", start)).expect("journal");
    let mut dog = dog(state.path(), &more);
    assert_eq!(run_of(&mut dog, &by_variable).0.as_deref(), Some("b-var"));
    assert_eq!(
        run_of(&mut dog, &by_journal).0.as_deref(),
        Some("b-journal")
    );
    assert_eq!(run_of(&mut dog, &plain).0, None);
    std::fs::write(&journal, line("acked", start) + &line("exited", start)).expect("journal");
    assert_eq!(run_of(&mut dog, &by_journal).0, None, "over");
    std::fs::write(&journal, line("acked", start + 1)).expect("journal");
    assert_eq!(
        run_of(&mut dog, &by_journal).0,
        None,
        "another process of that number"
    );
    std::fs::write(&journal, "no journal\nat all\n").expect("journal");
    assert!(
        run_of(&mut dog, &plain).1 > 0,
        "and while that is so, nothing is ended"
    );
}

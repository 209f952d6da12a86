//! The daemon killed at every step, servers that vanish, answers that get lost, machines that are
//! switched off: nothing runs twice, nothing is forgotten.

use crate::agent::{Host, lives, signal, until};
use crate::server::Server;
use serde_json::json;

const SHORT: &str = "#!/bin/sh\necho ran >> marks\necho said\n";
const LONG: &str = "#!/bin/sh\ntrap 'echo ended; exit 7' TERM\necho $$ > pid\necho ran >> marks\nn=0\n\
    while :; do sleep 0.1; n=$((n+1)); echo line $n; done\n";
const DEAF: &str =
    "#!/bin/sh\ntrap '' TERM\necho $$ > pid\necho ran >> marks\nwhile :; do sleep 0.1; done\n";

fn one_run(server: &Server, script: &str) -> Host {
    let host = Host::new(server);
    host.script("work", script);
    server.command("cmd-1", "rerun", "rerun-1", host.payload(&["./work"]));
    host
}

#[test]
fn killed_before_the_server_knew_the_run_begins_again() {
    for fault in ["received", "spawning", "gated"] {
        let server = Server::start();
        let mut host = one_run(&server, SHORT);
        host.start(fault);
        assert!(!host.died().success(), "{fault}");
        assert!(host.marks().is_empty(), "{fault}: user code ran too early");
        host.start("");
        assert_eq!(server.exit("cmd-1")["exit_code"], json!(0), "{fault}");
        assert_eq!(host.marks(), ["ran"], "{fault}");
    }
}

#[test]
fn killed_between_the_journal_and_the_server_the_run_is_given_up() {
    let server = Server::start();
    let mut host = one_run(&server, SHORT);
    host.start("spawned");
    assert!(!host.died().success());
    host.start("");
    assert_eq!(server.refusal("cmd-1"), "other");
    assert!(host.marks().is_empty());
}

#[test]
fn killed_before_the_gate_opened_the_server_hears_of_an_end() {
    let server = Server::start();
    let mut host = one_run(&server, SHORT);
    host.start("acked");
    assert!(!host.died().success());
    host.start("");
    assert_eq!(server.exit("cmd-1")["reason"], "unknown");
    assert!(host.marks().is_empty(), "its gate closed with the daemon");
}

#[test]
fn killed_after_the_end_the_end_is_still_reported() {
    for (fault, code) in [
        ("ended", json!(null)),
        ("exited", json!(0)),
        ("done", json!(0)),
    ] {
        let server = Server::start();
        let mut host = one_run(&server, SHORT);
        host.start(fault);
        assert!(!host.died().success(), "{fault}");
        host.start("");
        let exit = server.exit("cmd-1");
        assert_eq!(exit["exit_code"], code, "{fault}: {exit}");
        assert_eq!(host.marks(), ["ran"], "{fault}");
    }
}

#[test]
fn killed_after_refusing_it_refuses_again() {
    let server = Server::start();
    let mut host = Host::new(&server);
    server.command("cmd-1", "rerun", "rerun-1", host.payload(&["./nothing"]));
    host.start("refused");
    assert!(!host.died().success());
    host.start("");
    assert_eq!(server.refusal("cmd-1"), "command_missing");
}

#[test]
fn a_run_outlives_its_daemon_and_belongs_to_the_next() {
    let server = Server::start();
    let mut host = one_run(&server, LONG);
    host.start("");
    until("it runs", || !host.marks().is_empty());
    server.until("its lines arrive", |w| (w.events.len() > 3).then_some(()));
    host.kill();
    let before = server.world().events.len();
    let pid = std::fs::read_to_string(host.project().join("pid")).unwrap();
    assert!(lives(&pid));
    host.start("");
    server.until("its lines go on", |w| {
        (w.events.len() > before + 5).then_some(())
    });
    let lines = server.lines("rerun-1");
    let expected: Vec<_> = (1..=lines.len()).map(|n| format!("line {n}")).collect();
    assert_eq!(lines, expected, "none is missing, none is there twice");
    server.stop("stop-1", "rerun-1");
    let exit = server.exit("cmd-1");
    assert_eq!(
        (&exit["exit_code"], &exit["reason"]),
        (&json!(null), &json!("unknown")),
        "nobody may ask for it"
    );
    assert_eq!(
        exit["last_lines"].as_array().unwrap().last().unwrap(),
        "ended"
    );
    assert_eq!(host.marks(), ["ran"]);
}

#[test]
fn a_stop_survives_its_daemon() {
    let server = Server::start();
    let mut host = one_run(&server, DEAF);
    host.policy("[limits]\ngrace_seconds = 3\n");
    host.start("stopping");
    until("it runs", || !host.marks().is_empty());
    server.stop("stop-1", "rerun-1");
    assert!(!host.died().success());
    let pid = std::fs::read_to_string(host.project().join("pid")).unwrap();
    assert!(lives(&pid));
    host.start("");
    server.exit("cmd-1");
    assert!(!lives(&pid), "the deadline was in the journal");
    server.reached("stop-1", "started");
}

#[test]
fn a_server_that_goes_away_costs_nothing() {
    let server = Server::start();
    let mut host = one_run(&server, LONG);
    host.start("");
    until("it runs", || !host.marks().is_empty());
    server.change(|w| w.trouble = vec![("/".to_owned(), 503)]);
    until("it notices", || host.log().contains("warning"));
    let pid = std::fs::read_to_string(host.project().join("pid")).unwrap();
    signal(pid.trim().parse().unwrap(), "TERM");
    until("it ended", || host.log().contains("ended"));
    server.change(|w| w.trouble.clear());
    assert_eq!(server.exit("cmd-1")["exit_code"], json!(7));
    let lines = server.lines("rerun-1");
    assert_eq!(
        lines.last().unwrap(),
        "ended",
        "what was printed meanwhile arrives, too"
    );
}

#[test]
fn lost_answers_and_repeats_change_nothing() {
    let server = Server::start();
    let mut host = one_run(&server, SHORT);
    server.change(|w| {
        w.lose = vec![
            ("/ack".to_owned(), 2),
            ("/exit".to_owned(), 2),
            ("/events".to_owned(), 1),
        ];
    });
    host.start("");
    server.until("the end is heard three times", |w| {
        (w.commands["cmd-1"].exits.len() >= 3).then_some(())
    });
    assert_eq!(server.world().commands["cmd-1"].acks.len(), 3);
    assert_eq!(host.marks(), ["ran"]);
    // Somebody puts the command on the list again.
    server.change(|w| w.commands.get_mut("cmd-1").unwrap().status = "pending".to_owned());
    server.reached("cmd-1", "started");
    server.until("and again", |w| {
        (w.commands["cmd-1"].exits.len() >= 4).then_some(())
    });
    assert_eq!(host.marks(), ["ran"]);
}

#[test]
fn after_a_restart_of_the_machine_runs_are_lost() {
    let server = Server::start();
    let mut host = one_run(&server, LONG);
    host.start("");
    until("it runs", || {
        host.project().join("pid").exists() && !host.marks().is_empty()
    });
    host.kill();
    let random = host.folder.path().join("proc/sys/kernel/random");
    std::fs::create_dir_all(&random).unwrap();
    std::fs::write(random.join("boot_id"), "another\n").unwrap();
    let proc = host.folder.path().join("proc").display().to_string();
    host.env.push(("ARGUS_AGENT_PROC".to_owned(), proc));
    host.start("");
    assert_eq!(server.exit("cmd-1")["reason"], "lost");
    let pid = std::fs::read_to_string(host.project().join("pid")).unwrap();
    assert!(
        lives(&pid),
        "a process of that number is somebody else's now"
    );
    signal(pid.trim().parse().unwrap(), "KILL");
}

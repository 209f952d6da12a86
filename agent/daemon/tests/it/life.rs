//! Runs from begin to end, and stops.

use crate::agent::{Host, lives, until};
use crate::server::Server;
use serde_json::json;

/// Writes its mark, says what it sees, and ends.
const SHORT: &str = "#!/bin/sh\necho ran >> marks\necho \"hello $1 [$2]\"\necho \"in $PWD gpu $CUDA_VISIBLE_DEVICES\"\n\
    echo \"batch $ARGUS_BATCH_ID url $ARGUS_URL token $ARGUS_TOKEN aws [$AWS_SECRET_ACCESS_KEY]\"\nexit 3\n";
/// Runs until somebody ends it, and says so.
const LONG: &str = "#!/bin/sh\ntrap 'echo ended; exit 7' TERM\necho $$ > pid\necho ran >> marks\nwhile :; do sleep 0.1; done\n";
/// Does not listen, nor does what it started in a session of its own.
const DEAF: &str = "#!/bin/sh\ntrap '' TERM\necho ran >> marks\nsetsid sh -c 'trap \"\" TERM; echo $$ > helper; while :; do sleep 0.1; done' &\n\
    echo $$ > pid\nwhile :; do sleep 0.1; done\n";

#[test]
fn a_run_gets_its_words_its_place_and_its_own_token_and_is_reported() {
    let server = Server::start();
    let mut host = Host::new(&server);
    host.script("short", SHORT);
    host.start("");
    let mut payload = host.payload(&["./short", "a b; rm -rf *"]);
    payload["overrides"] = json!({"model.lr": 0.1});
    payload["env"] =
        json!({"CUDA_VISIBLE_DEVICES": "1", "LD_PRELOAD": "/evil.so", "ARGUS_TOKEN": "theirs"});
    server.command("cmd-1", "rerun", "rerun-1", payload);
    let exit = server.exit("cmd-1");
    assert_eq!(
        (&exit["exit_code"], &exit["signal"], &exit["reason"]),
        (&json!(3), &json!(null), &json!("exited"))
    );
    let expected = [
        "hello a b; rm -rf * [model.lr=0.1]".to_owned(),
        format!("in {} gpu 1", host.project().display()),
        format!(
            "batch rerun-1 url {} token em_live_run_rerun-1 aws []",
            server.url
        ),
    ];
    assert_eq!(server.lines("rerun-1"), expected);
    assert_eq!(exit["last_lines"], json!(expected));
    assert_eq!(host.marks(), ["ran"]);
    let snapshot = server
        .world()
        .events
        .values()
        .find(|e| e["event_type"] == "env_snapshot")
        .cloned()
        .unwrap();
    assert_eq!(
        snapshot["data"]["argv"],
        json!(["./short", "a b; rm -rf *", "model.lr=0.1"])
    );
    assert_eq!(snapshot["data"]["cwd"], json!(host.project()));
    server.until("signs of life", |w| {
        w.beats
            .last()
            .filter(|b| b["policy"]["approve"] == "always")
            .map(|_| ())
    });
    assert_eq!(server.world().commands["cmd-1"].acks.len(), 1);
    let out = host.run(&["logs", "rerun-1", "-n", "1"]);
    assert_eq!(
        String::from_utf8_lossy(&out.stdout),
        format!("{}\n", expected[2])
    );
    let audit = std::fs::read_to_string(host.state.join("audit.jsonl")).unwrap();
    for what in ["received", "allowed", "spawned", "started", "ended"] {
        assert!(
            audit.contains(&format!("\"{what}\"")),
            "{what} is missing in {audit}"
        );
    }
    assert!(!audit.contains("em_live"), "no token in the audit");
    assert!(host.end().success());
}

#[test]
fn python_means_the_one_of_the_environment_that_was_active() {
    let server = Server::start();
    let mut host = Host::new(&server);
    std::fs::create_dir_all(host.project().join("venv/bin")).unwrap();
    host.script("venv/bin/python3", "#!/bin/sh\necho \"mine $*\"\n");
    std::fs::write(host.project().join("train.py"), "print('not mine')").unwrap();
    let venv = host.project().join("venv");
    std::fs::write(venv.join("pyvenv.cfg"), "version = 3.12.4\n").unwrap();
    let info = venv.join("lib/python3.12/site-packages/torch-2.6.0.dist-info");
    std::fs::create_dir_all(&info).unwrap();
    std::fs::write(info.join("METADATA"), "Name: torch\nVersion: 2.6.0\n").unwrap();
    host.start("");
    let mut payload = host.payload(&["python3", "train.py", "lr=1"]);
    payload["env"] = json!({"VIRTUAL_ENV": host.project().join("venv")});
    server.command("cmd-1", "rerun", "rerun-1", payload);
    assert_eq!(
        server.exit("cmd-1")["last_lines"],
        json!(["mine train.py lr=1"])
    );
    let told = server.until("what it ran in", |w| {
        let mut all = w.events.values();
        all.find(|e| e["event_type"] == "env_snapshot").cloned()
    });
    assert_eq!(told["data"]["python_version"], "3.12.4");
    assert_eq!(told["data"]["pip_freeze"], json!(["torch==2.6.0"]));
    assert_eq!(told["data"]["package_count"], 1);
}

#[test]
fn a_stop_ends_a_run_within_seconds_and_repeats_are_harmless() {
    let server = Server::start();
    let mut host = Host::new(&server);
    host.script("long", LONG);
    host.start("");
    server.command("cmd-1", "rerun", "rerun-1", host.payload(&["./long"]));
    until("it runs", || !host.marks().is_empty());
    let begin = std::time::Instant::now();
    let (exit, followed) = std::thread::scope(|scope| {
        let follow = scope.spawn(|| host.run(&["logs", "-f", "rerun-1"]).stdout);
        server.stop("stop-1", "rerun-1");
        (server.exit("cmd-1"), follow.join().unwrap())
    });
    // The shell may also say that its helper was ended.
    assert!(String::from_utf8_lossy(&followed).ends_with("ended\n"));
    assert!(begin.elapsed().as_secs() < 10, "{:?}", begin.elapsed());
    assert_eq!(exit["exit_code"], json!(7));
    server.reached("stop-1", "started");
    server.stop("stop-2", "rerun-1");
    server.reached("stop-2", "started");
    server.stop("stop-3", "somebody's");
    assert_eq!(server.refusal("stop-3"), "not_launched_here");
    assert_eq!(host.marks(), ["ran"]);
}

#[test]
fn a_run_that_does_not_listen_is_killed_with_all_it_started() {
    let server = Server::start();
    let mut host = Host::new(&server);
    host.policy("[limits]\ngrace_seconds = 1\n");
    host.script("deaf", DEAF);
    host.start("");
    server.command("cmd-1", "rerun", "rerun-1", host.payload(&["./deaf"]));
    let file = |name: &str| std::fs::read_to_string(host.project().join(name)).unwrap_or_default();
    until("both run", || {
        file("helper").ends_with('\n') && file("pid").ends_with('\n')
    });
    server.stop("stop-1", "rerun-1");
    let exit = server.exit("cmd-1");
    assert_eq!(
        (&exit["signal"], &exit["reason"]),
        (&json!(9), &json!("signaled"))
    );
    until("nothing is left", || {
        !lives(&file("helper")) && !lives(&file("pid"))
    });
}

#[test]
fn fifty_reruns_at_once_run_once_each_and_no_more_than_allowed_at_a_time() {
    let server = Server::start();
    let mut host = Host::new(&server);
    host.policy("[limits]\nmax_runs = 4\n");
    host.script("one", "#!/bin/sh\nmkdir here-$$\nls -d here-* | wc -l >> counts\necho $1 >> marks\nrmdir here-$$\n");
    host.start("");
    for n in 0..50 {
        let payload = host.payload(&["./one", &n.to_string()]);
        server.command(&format!("cmd-{n}"), "rerun", &format!("rerun-{n}"), payload);
    }
    for n in 0..50 {
        assert_eq!(server.exit(&format!("cmd-{n}"))["exit_code"], json!(0));
    }
    let mut marks: Vec<u32> = host.marks().iter().map(|m| m.parse().unwrap()).collect();
    marks.sort();
    assert_eq!(marks, (0..50).collect::<Vec<_>>());
    let counts = std::fs::read_to_string(host.project().join("counts")).unwrap();
    assert!(
        counts
            .lines()
            .all(|n| n.trim().parse::<u32>().unwrap() <= 4),
        "{counts}"
    );
}

#[test]
fn a_rerun_that_was_taken_back_never_runs() {
    let server = Server::start();
    let mut host = Host::new(&server);
    host.script("short", SHORT);
    host.policy("approve = \"ask\"\n");
    host.start("");
    server.command("cmd-1", "rerun", "rerun-1", host.payload(&["./short"]));
    until("it asks", || {
        String::from_utf8_lossy(&host.run(&["runs"]).stdout).contains("waits for approval")
    });
    server.change(|w| w.commands.get_mut("cmd-1").unwrap().status = "cancelled".to_owned());
    assert!(host.run(&["approve", "cmd-1"]).status.success());
    until("it is dropped", || host.log().contains("dropped cmd-1"));
    server.command("cmd-2", "rerun", "rerun-2", host.payload(&["./short"]));
    until("it asks", || {
        String::from_utf8_lossy(&host.run(&["runs"]).stdout).contains("cmd-2")
    });
    server.stop("stop-2", "rerun-2");
    assert_eq!(server.refusal("cmd-2"), "other");
    server.command("cmd-3", "rerun", "rerun-3", host.payload(&["./short"]));
    until("it asks", || {
        String::from_utf8_lossy(&host.run(&["runs"]).stdout).contains("cmd-3")
    });
    assert!(host.run(&["approve", "--deny", "rerun-3"]).status.success());
    assert_eq!(server.refusal("cmd-3"), "approval_refused");
    server.command("cmd-4", "rerun", "rerun-4", host.payload(&["./short"]));
    until("it asks", || {
        String::from_utf8_lossy(&host.run(&["runs"]).stdout).contains("cmd-4")
    });
    assert!(host.run(&["approve", "cmd-4"]).status.success());
    assert_eq!(server.exit("cmd-4")["exit_code"], json!(3));
    assert_eq!(host.marks(), ["ran"], "only the approved one");
}

//! What a host may be in when the daemon comes: no room on the disk, no token, another daemon.

use crate::agent::{Host, until};
use crate::server::Server;
use serde_json::json;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

const SHORT: &str = "#!/bin/sh\necho ran >> marks\n";
const LONG: &str =
    "#!/bin/sh\ntrap 'exit 7' TERM\necho ran >> marks\nwhile :; do sleep 0.1; done\n";

/// A small disk at the agent's state folder, where the test may make one.
struct Disk(std::path::PathBuf);

impl Disk {
    fn mount(path: &std::path::Path) -> Option<Self> {
        std::fs::create_dir_all(path).unwrap();
        let mut mount = Command::new("mount");
        mount
            .args(["-t", "tmpfs", "-o", "size=256k,mode=700", "tmpfs"])
            .arg(path);
        let made = mount.status().is_ok_and(|s| s.success());
        made.then(|| Self(path.to_owned()))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn on_a_full_disk_nothing_new_begins_and_what_runs_goes_on() {
    let server = Server::start();
    let mut host = Host::unregistered(&server);
    let Some(_disk) = Disk::mount(&host.state) else {
        eprintln!("skipped: this user may not mount");
        return;
    };
    assert!(host.run(&["login"]).status.success());
    host.script("long", LONG);
    host.script("short", SHORT);
    host.start("");
    server.command("cmd-1", "rerun", "rerun-1", host.payload(&["./long"]));
    until("it runs", || !host.marks().is_empty());
    let filler = host.state.join("filler");
    let _ = std::fs::write(&filler, vec![b'x'; 1 << 20]);
    // What is left in the last block of the journal may carry a run or two.
    let mut ran = 1;
    let outcome = (2..40).find_map(|n| {
        let cmd = format!("cmd-{n}");
        server.command(
            &cmd,
            "rerun",
            &format!("rerun-{n}"),
            host.payload(&["./short"]),
        );
        let (status, exit) = server.until("an outcome", |w| {
            let found = &w.commands[&cmd];
            let over = found.status == "failed" || !found.exits.is_empty();
            over.then(|| {
                (
                    found.acks[0]["reason"].clone(),
                    found.exits.first().cloned(),
                )
            })
        });
        match exit {
            Some(exit) if exit["exit_code"] == json!(0) => {
                ran += 1;
                None
            }
            Some(exit) => Some(exit["reason"].clone()),
            None => Some(status),
        }
    });
    let outcome = outcome.expect("the disk is full");
    assert!(outcome == "journal" || outcome == "lost", "{outcome}");
    assert!(!host.run(&["status"]).status.success());
    assert_eq!(host.marks().len(), ran, "what was refused never began");
    server.stop("stop-1", "rerun-1");
    assert_eq!(
        server.exit("cmd-1")["exit_code"],
        json!(7),
        "stopping works without a journal"
    );
    std::fs::remove_file(&filler).unwrap();
    server.command("last", "rerun", "rerun-last", host.payload(&["./short"]));
    assert_eq!(server.exit("last")["exit_code"], json!(0));
    assert_eq!(host.marks().len(), ran + 1);
}

#[test]
fn a_dead_token_keeps_runs_alive_and_a_new_login_is_taken_up() {
    let server = Server::start();
    let mut host = Host::new(&server);
    host.script("long", LONG);
    host.start("");
    server.command("cmd-1", "rerun", "rerun-1", host.payload(&["./long"]));
    until("it runs", || !host.marks().is_empty());
    server.change(|w| w.revoked = true);
    // The call that is held open ends when there is something on the list.
    server.stop("stop-1", "rerun-1");
    until("it says so", || host.log().contains("argus-agent login"));
    until("it shows", || {
        host.run(&["status"]).status.code() == Some(1)
    });
    assert_eq!(
        server.world().registrations.len(),
        1,
        "it does not register by itself"
    );
    server.change(|w| w.revoked = false);
    assert!(host.run(&["login"]).status.success());
    assert_eq!(server.exit("cmd-1")["exit_code"], json!(7));
    assert_eq!(host.marks(), ["ran"]);
}

#[test]
fn one_daemon_per_identity_and_exit_codes_that_mean_something() {
    let server = Server::start();
    let mut host = Host::unregistered(&server);
    assert_eq!(host.run(&["run"]).status.code(), Some(77), "not registered");
    assert!(host.run(&["--register"]).status.success());
    let told = server.world().registrations[0].clone();
    assert_eq!(
        (&told["instance"], told["machine_id"].as_str().map(str::len)),
        (&json!("default"), Some(32))
    );
    host.start("");
    server.until("it polls", |w| (w.polls > 0).then_some(()));
    assert_eq!(host.run(&[]).status.code(), Some(75), "already running");
    until("it is well", || host.run(&["status"]).status.success());
    assert!(host.run(&["doctor"]).status.success());
    assert!(host.run(&["revoke"]).status.success());
    assert!(server.world().revoked && !host.state.join("token.json").exists());
    assert!(host.end().success());
    assert!(host.run(&["--instance", "two", "login"]).status.success());
    assert!(host.state.join("instances/two/token.json").exists());

    let token = host.state.join("instances/two/token.json");
    std::fs::set_permissions(&token, std::fs::Permissions::from_mode(0o644)).unwrap();
    let out = host.run(&["--instance", "two"]);
    assert_eq!(out.status.code(), Some(78));
    assert!(String::from_utf8_lossy(&out.stderr).contains("can be read by others"));
}

#[test]
fn mistakes_are_told_with_what_to_do() {
    let server = Server::start();
    let mut host = Host::unregistered(&server);
    let said = |host: &Host, args: &[&str], code: i32, text: &str| {
        let out = host.run(args);
        let stderr = String::from_utf8_lossy(&out.stderr).into_owned();
        assert_eq!(out.status.code(), Some(code), "{stderr}");
        assert!(stderr.contains(text), "{stderr}");
    };
    said(
        &host,
        &["login", "--url", "http://argus.example.org"],
        78,
        "plain http",
    );
    said(
        &host,
        &["login", "--url", "http://127.0.0.1:1"],
        69,
        "did not answer",
    );
    said(&host, &["approve", "x"], 1, "does not wait");
    said(&host, &["logs", "x"], 1, "runs --all");
    said(&host, &["--instance", "../x"], 78, "no name");
    host.env
        .push(("ARGUS_TOKEN".to_owned(), "em_live_wrong".to_owned()));
    said(&host, &["login"], 77, "ARGUS_TOKEN");
    host.env.pop();
    assert!(host.run(&["login"]).status.success());
    host.policy("[run]\nshel = true\n");
    said(&host, &["run"], 78, "shel");
    for shell in ["bash", "zsh", "fish"] {
        assert!(host.run(&["completion", shell]).status.success());
    }
    let default = host.run(&["policy", "--default"]).stdout;
    host.policy(&String::from_utf8(default).unwrap());
    assert!(
        host.run(&["policy"]).status.success(),
        "the printed default is a policy"
    );
}

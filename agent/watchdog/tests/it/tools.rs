//! Programs around the watchdog (`bd`, Relay), its first day, and what it says about looks kept in
//! files.

use crate::command::dog;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Memory counts as critical at once; nothing else is wrong on any host.
const TIGHT: &str = "
dry_run = false
[memory]
warn = 0.001
critical = 0.002
margin = 0.0
swap_warn = 100.0
swap_critical = 100.0
[disk]
warn = 100.0
critical = 100.0
[pressure]
memory = 1000.0
io = 1000.0
cpu = 1000.0
load = 1000.0
[orphans]
enabled = false
[clean]
roots = [\"/nonexistent-root\"]
archives = []
";

/// A program that notes its words in a file of its name, one call a line, and then does as told.
fn shim(folder: &Path, name: &str, then: &str) -> PathBuf {
    let (program, log) = (folder.join(name), folder.join(format!("{name}.log")));
    let text = format!("#!/bin/sh\nprintf '%s\\037' \"$@\" >> {log:?}\necho >> {log:?}\n{then}\n");
    fs::write(&program, text).expect("program");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("rights");
    program
}

fn calls(folder: &Path, name: &str) -> Vec<Vec<String>> {
    let text = fs::read_to_string(folder.join(format!("{name}.log"))).unwrap_or_default();
    let words = |line: &str| line.split_terminator('\u{1f}').map(str::to_owned).collect();
    // An issue's text has lines of its own.
    let text = text.replace("\u{1f}\n", "\u{1e}");
    text.split_terminator('\u{1e}').map(words).collect()
}

fn host(settings: &str) -> tempfile::TempDir {
    let home = tempfile::tempdir().expect("folder");
    fs::write(home.path().join("watchdog.toml"), settings).expect("settings");
    home
}

fn once(command: &mut Command) -> Output {
    command.arg("--once").output().expect("run")
}

fn rows(home: &Path) -> Vec<Value> {
    let text = fs::read_to_string(home.join("state/problems.jsonl")).unwrap_or_default();
    let read = |line| serde_json::from_str(line).expect("a row");
    text.lines().map(read).collect()
}

fn json_of(file: &Path) -> Value {
    serde_json::from_slice(&fs::read(file).expect("file")).expect("JSON")
}

#[test]
fn what_relay_did_not_take_is_sent_again_and_a_day_is_summed_up() {
    let home = host(TIGHT);
    let down = home.path().join("down");
    let relay = shim(home.path(), "relay", &format!("! test -e {down:?}"));
    let look = || {
        let mut command = dog(home.path());
        command.env("ARGUS_RELAY_BIN", &relay);
        command
    };
    fs::write(&down, "").expect("flag");
    once(&mut look());
    let waiting = home.path().join("state/relay-fallback.jsonl");
    let kept = fs::read_to_string(&waiting).expect("kept");
    assert!(kept.contains("\"event\":\"argus.problem\""), "{kept}");
    fs::remove_file(&down).expect("flag");
    fs::remove_file(home.path().join("relay.log")).expect("log");
    assert_eq!(once(&mut look()).status.code(), Some(0));
    assert!(!waiting.exists(), "sent, and kept no longer");
    let sent = calls(home.path(), "relay");
    assert_eq!(sent.len(), kept.lines().count());
    assert_eq!(sent[0][0], "send");
    assert_eq!(sent[0][2], kept.lines().next().expect("a line"));
    // The day before is summed up by the first look of a day, once.
    let notes = home.path().join("state/notes.json");
    let mut told = json_of(&notes);
    told["summary_day"] = json!("2026-01-01");
    told["tally"] = json!({});
    fs::write(&notes, told.to_string()).expect("notes");
    once(&mut look());
    once(&mut look());
    let summaries = calls(home.path(), "relay");
    let summaries: Vec<_> = summaries
        .iter()
        .filter(|call| call.concat().contains("argus.daily_summary"))
        .collect();
    assert_eq!(summaries.len(), 1);
    assert!(summaries[0].contains(&"argus,summary,daily".to_owned()));
    let text = &summaries[0][2];
    let event: Value = serde_json::from_str(text).expect("one JSON document");
    assert_eq!(event["stats"]["recovery"]["score_pct"], Value::Null);
    assert!(
        event["summary"]
            .as_str()
            .is_some_and(|s| s.starts_with("Argus daily summary: problems="))
    );
}

#[test]
fn channels_go_by_severity() {
    let routes = "[route]\ncritical = [\"journal\"]\n";
    let home = host(&format!("{TIGHT}{routes}"));
    let relay = shim(home.path(), "relay", "true");
    let out = once(dog(home.path()).env("ARGUS_RELAY_BIN", relay));
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(
        said.contains("CRITICAL: Memory is almost used up"),
        "{said}"
    );
    assert!(calls(home.path(), "relay").is_empty());
}

#[test]
fn a_trouble_has_one_issue_that_is_found_again() {
    let home = host(TIGHT);
    let folder = home.path().join("workspace");
    fs::create_dir(&folder).expect("folder");
    let known = home.path().join("known");
    let then = format!(
        "if [ $1 = list ]; then cat {known:?} 2>/dev/null || echo '[]'; else echo argus-7; fi"
    );
    shim(home.path(), "bd", &then);
    let path = format!("{}:/usr/bin:/bin", home.path().display());
    let look = || {
        let mut command = dog(home.path());
        command
            .env("PATH", &path)
            .env("ARGUS_BEADS_WORKDIR", &folder);
        once(&mut command)
    };
    assert_eq!(look().status.code(), Some(0));
    let memory = |rows: &[Value]| -> Value {
        let found = rows.iter().find(|r| r["type"] == "memory");
        found.cloned().expect("a row")
    };
    let row = memory(&rows(home.path()));
    assert_eq!(row["bead_id"], "argus-7");
    let made = calls(home.path(), "bd");
    let made: Vec<_> = made.iter().filter(|call| call[0] == "create").collect();
    let body = &made[0][4];
    let line = format!("Problem key: {}", row["key"].as_str().expect("key"));
    assert!(body.ends_with(&format!("\n\n{line}\n")), "{body}");
    // Another watchdog's memory, or none: the open issue is found by its key.
    let issue = json!([{"id": "argus-3", "description": body}]);
    fs::write(&known, issue.to_string()).expect("issues");
    fs::remove_dir_all(home.path().join("state")).expect("state");
    assert_eq!(look().status.code(), Some(0));
    assert_eq!(memory(&rows(home.path()))["bead_id"], "argus-3");
}

#[test]
fn the_first_day_it_only_looks() {
    let home = host(&TIGHT.replace("dry_run = false\n", ""));
    let state = home.path().join("state/logs/cycle_state.json");
    once(&mut dog(home.path()));
    assert_eq!(json_of(&state)["mode"], "dry_run");
    let notes = home.path().join("state/notes.json");
    let mut told = json_of(&notes);
    let installed = told["installed"].as_i64().expect("seconds");
    told["installed"] = json!(installed - 23 * 3600);
    fs::write(&notes, told.to_string()).expect("notes");
    once(&mut dog(home.path()));
    assert_eq!(json_of(&state)["mode"], "dry_run");
    told["installed"] = json!(installed - 25 * 3600);
    fs::write(&notes, told.to_string()).expect("notes");
    once(&mut dog(home.path()));
    assert_eq!(json_of(&state)["mode"], "live");
}

#[test]
fn a_look_kept_in_a_file_is_judged_again() {
    let home = host(TIGHT);
    let shown = dog(home.path())
        .args(["explain", "--snapshot"])
        .output()
        .expect("run");
    let mut snapshot: Value = serde_json::from_slice(&shown.stdout).expect("a snapshot");
    // The kernel ended somebody since.
    snapshot["oom_kills"] = json!(2);
    let file = home.path().join("look.json");
    fs::write(&file, snapshot.to_string()).expect("snapshot");
    let answer = home.path().join("answer.json");
    let handle = &snapshot["processes"][0]["handle"];
    let wish = json!({"action": "kill_pid", "target": handle, "reason": "large"});
    let said = json!({"assessment": "x", "actions": [wish], "observations": []});
    fs::write(&answer, said.to_string()).expect("answer");
    let out = dog(home.path())
        .arg("replay")
        .arg(&file)
        .arg("--answer")
        .arg(&answer)
        .output()
        .expect("run");
    let said = String::from_utf8_lossy(&out.stdout);
    assert!(
        said.contains("critical: Memory is almost used up"),
        "{said}"
    );
    assert!(said.contains("2 since the last look"), "{said}");
    assert!(
        said.contains("[model] kill_pid") && said.contains("would refuse"),
        "{said}"
    );
    assert!(!home.path().join("state").exists(), "nothing was written");
}

#[test]
fn an_alert_nobody_got_is_itself_a_trouble() {
    let home = host(&format!(
        "{TIGHT}[telegram]\nbase_url = \"http://127.0.0.1:1\"\n"
    ));
    let out = once(
        dog(home.path())
            .env("TELEGRAM_BOT_TOKEN", "t")
            .env("TELEGRAM_CHAT_ID", "1"),
    );
    assert_eq!(out.status.code(), Some(2));
    let out = dog(home.path())
        .args(["status", "--json"])
        .output()
        .expect("run");
    assert_eq!(out.status.code(), Some(2));
    let status: Value = serde_json::from_slice(&out.stdout).expect("JSON");
    assert_eq!(status["undelivered"], 1);
    let degraded = status["cycle"]["degraded"].to_string();
    assert!(
        degraded.contains("1 alerts wait for delivery"),
        "{degraded}"
    );
}

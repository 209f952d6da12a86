//! The program as people run it: exit codes, locks, broken state.

use crate::trees::wait_for;
use serde_json::Value;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Settings under which this very host is well, whatever it is doing.
const CALM: &str = "
dry_run = false
[disk]
warn = 100.0
critical = 100.0
[memory]
warn = 100.0
critical = 100.0
swap_warn = 100.0
swap_critical = 100.0
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

pub(crate) fn dog(home: &Path) -> Command {
    let file = home.join("watchdog.toml");
    if !file.exists() {
        fs::write(&file, CALM).expect("settings");
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_argus-watchdog"));
    command
        .env_clear()
        .env("HOME", home)
        .env("PATH", "/usr/bin:/bin")
        .env("TMUX_TMPDIR", home);
    command
        .env("ARGUS_STATE_DIR", home.join("state"))
        .arg("--config")
        .arg(file);
    command
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("a code")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_calm_host_is_an_ok_cycle() {
    let home = tempfile::tempdir().expect("folder");
    let out = dog(home.path()).arg("--once").output().expect("run");
    assert_eq!(code(&out), 0, "{}", stderr(&out));
    let state = home.path().join("state/logs/cycle_state.json");
    let state: Value = serde_json::from_slice(&fs::read(state).expect("state")).expect("JSON");
    assert_eq!(
        (
            &state["status"],
            &state["consecutive_failures"],
            &state["running"]
        ),
        (&"ok".into(), &0.into(), &false.into())
    );
    let out = dog(home.path())
        .args(["status", "--json"])
        .output()
        .expect("run");
    assert_eq!(code(&out), 0);
    assert!(
        dog(home.path())
            .args(["problems", "--verify"])
            .status()
            .expect("run")
            .success()
    );
}

#[test]
fn settings_that_cannot_be_used_are_named() {
    let home = tempfile::tempdir().expect("folder");
    for (name, value) in [
        ("ARGUS_INTERVAL", "abc"),
        ("ARGUS_INTERVAL", "0"),
        ("ARGUS_DEDUP_WINDOW", "59"),
        ("ARGUS_DEDUP_WINDOW", "18446744073709551716"),
        ("ARGUS_RELAY_TIMEOUT", " 5"),
        ("ARGUS_BEAD_PRIORITY", "0x2"),
        ("ARGUS_RELAY_ENABLED", "maybe"),
        ("ARGUS_STATS_WINDOW_DAYS", "x"),
        ("ARGUS_URL", "http://far.example"),
    ] {
        let out = dog(home.path())
            .arg("--once")
            .env(name, value)
            .output()
            .expect("run");
        assert_eq!(code(&out), 78, "{name}={value}");
        assert!(stderr(&out).contains(name), "{}", stderr(&out));
    }
    // Not octal: a hundred seconds, and eight.
    let out = dog(home.path())
        .arg("check-config")
        .env("ARGUS_DEDUP_WINDOW", "0100")
        .env("ARGUS_INTERVAL", "0010")
        .output();
    assert_eq!(code(&out.expect("run")), 0);
    fs::write(home.path().join("watchdog.toml"), "intervall = 3").expect("settings");
    let out = dog(home.path()).arg("check-config").output().expect("run");
    assert_eq!(code(&out), 78);
    assert!(stderr(&out).contains("intervall"));
}

#[test]
fn the_commented_file_is_the_defaults() {
    let home = tempfile::tempdir().expect("folder");
    let out = dog(home.path())
        .args(["check-config", "--defaults"])
        .output()
        .expect("run");
    fs::write(home.path().join("watchdog.toml"), &out.stdout).expect("settings");
    let with = dog(home.path()).arg("check-config").output().expect("run");
    fs::write(home.path().join("watchdog.toml"), "").expect("settings");
    let without = dog(home.path()).arg("check-config").output().expect("run");
    assert_eq!(code(&with), 0, "{}", stderr(&with));
    assert_eq!(
        String::from_utf8_lossy(&with.stdout),
        String::from_utf8_lossy(&without.stdout)
    );
}

#[test]
fn strange_words_are_a_usage_error_and_help_is_none() {
    let home = tempfile::tempdir().expect("folder");
    for words in [vec!["--once", "run"], vec!["-1"], vec!["bark"]] {
        assert_eq!(
            code(&dog(home.path()).args(&words).output().expect("run")),
            64,
            "{words:?}"
        );
    }
    let out = dog(home.path()).arg("--help").output().expect("run");
    assert_eq!(code(&out), 0);
    assert!(String::from_utf8_lossy(&out.stdout).contains("Examples:"));
    let out = dog(home.path())
        .args(["completion", "bash"])
        .output()
        .expect("run");
    assert!(String::from_utf8_lossy(&out.stdout).contains("argus-watchdog"));
}

#[test]
fn two_watchdogs_do_not_share_a_state() {
    let home = tempfile::tempdir().expect("folder");
    let mut first = dog(home.path())
        .arg("run")
        .stdout(Stdio::piped())
        .spawn()
        .expect("run");
    let lock = home.path().join("state/lock");
    wait_for("the lock", || {
        fs::read_to_string(&lock).is_ok_and(|l| l.trim() == first.id().to_string())
    });
    let state = home.path().join("state/logs/cycle_state.json");
    wait_for("a cycle", || {
        fs::read_to_string(&state).is_ok_and(|s| s.contains("\"running\": false"))
    });
    let out = dog(home.path()).arg("--once").output().expect("run");
    assert_eq!(code(&out), 75, "{}", stderr(&out));
    assert!(stderr(&out).contains(&first.id().to_string()));
    // Looking is free.
    let out = dog(home.path())
        .args(["--once", "--dry-run"])
        .output()
        .expect("run");
    assert_eq!(code(&out), 0, "{}", stderr(&out));
    let pid = rustix::process::Pid::from_child(&first);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("signal");
    assert!(
        first.wait().expect("end").success(),
        "told to end is no failure"
    );
    let mut said = String::new();
    first
        .stdout
        .take()
        .expect("output")
        .read_to_string(&mut said)
        .expect("text");
    assert!(said.contains("told to end"));
}

#[test]
fn a_state_that_cannot_be_written_stops_everything_loudly() {
    if !crate::namespace::is_inside(
        "command::a_state_that_cannot_be_written_stops_everything_loudly",
    ) {
        return;
    }
    let home = tempfile::tempdir().expect("folder");
    let state = home.path().join("state");
    fs::create_dir(&state).expect("folder");
    let mount = |arguments: &[&str]| {
        assert!(
            Command::new("mount")
                .args(arguments)
                .status()
                .expect("mount")
                .success()
        )
    };
    let path = state.to_str().expect("text");
    mount(&["-t", "tmpfs", "-o", "ro", "none", path]);
    let out = dog(home.path()).arg("--once").output().expect("run");
    assert_eq!(code(&out), 1);
    assert!(stderr(&out).contains("ARGUS_STATE_DIR"), "{}", stderr(&out));
}

#[test]
fn a_full_disk_gives_up_the_reserve_and_remembers() {
    if !crate::namespace::is_inside("command::a_full_disk_gives_up_the_reserve_and_remembers") {
        return;
    }
    let home = tempfile::tempdir().expect("folder");
    let state = home.path().join("state");
    fs::create_dir(&state).expect("folder");
    let status = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=1m", "none"])
        .arg(&state)
        .status();
    assert!(status.expect("mount").success());
    assert_eq!(
        code(&dog(home.path()).arg("--once").output().expect("run")),
        0
    );
    assert!(state.join("reserve").exists());
    let fill = fs::File::create(state.join("fill")).expect("file");
    let mut fill = std::io::BufWriter::new(fill);
    while std::io::Write::write_all(&mut fill, &[7; 4096])
        .and_then(|()| std::io::Write::flush(&mut fill))
        .is_ok()
    {}
    let out = dog(home.path()).arg("--once").output().expect("run");
    // The reserve was given up and made anew only if there is room; either way the cycle is known.
    let known: Value =
        serde_json::from_slice(&fs::read(state.join("logs/cycle_state.json")).expect("state"))
            .expect("JSON");
    assert_eq!(known["status"], "ok", "{} {}", code(&out), stderr(&out));
    assert!(
        fs::metadata(state.join("notes.json")).expect("notes").len() > 2,
        "never replaced by nothing"
    );
}

#[test]
fn broken_state_is_set_aside_and_said() {
    let home = tempfile::tempdir().expect("folder");
    assert_eq!(
        code(&dog(home.path()).arg("--once").output().expect("run")),
        0
    );
    let state = home.path().join("state");
    for file in [
        "dedup.json",
        "incidents.json",
        "actions.json",
        "outbox.json",
        "notes.json",
    ] {
        fs::write(state.join(file), "{\"half\":").expect("break");
    }
    let out = dog(home.path()).arg("--once").output().expect("run");
    assert_eq!(code(&out), 0, "{}", stderr(&out));
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    assert_eq!(said.matches("set aside").count(), 5, "{said}");
    let kept = fs::read_dir(&state)
        .expect("list")
        .flatten()
        .filter(|e| e.file_name().to_string_lossy().contains("corrupt"));
    assert_eq!(kept.count(), 5);
}

#[test]
fn a_service_that_is_down_is_told_after_two_looks_and_over_after_two_more() {
    let home = tempfile::tempdir().expect("folder");
    let check = "[[services.check]]\nname = \"gateway\"\ntcp = \"127.0.0.1:1\"\n";
    let once = |check: &str| {
        fs::write(home.path().join("watchdog.toml"), format!("{CALM}{check}")).expect("settings");
        let out = dog(home.path()).arg("--once").output().expect("run");
        assert_eq!(code(&out), 0, "{}", stderr(&out));
        String::from_utf8_lossy(&out.stdout).into_owned()
    };
    assert!(!once(check).contains("alert:"));
    assert!(once(check).contains("alert: ["));
    assert!(once(check).contains("alert:suppressed"), "told once");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("port");
    let well = check.replace(
        ":1\"",
        &format!(":{}\"", listener.local_addr().expect("address").port()),
    );
    assert!(
        !once(&well).contains("Over: "),
        "one good look proves little"
    );
    assert!(once(&well).contains("Over: Service gateway is not well"));
    let rows = fs::read_to_string(home.path().join("state/problems.jsonl")).expect("registry");
    let first: Value =
        serde_json::from_str(rows.lines().find(|l| l.contains("gateway")).expect("a row"))
            .expect("JSON");
    let keys: Vec<&str> = [
        "ts",
        "severity",
        "type",
        "description",
        "action_taken",
        "action_result",
        "bead_id",
        "host",
    ]
    .into();
    let order: Vec<usize> = keys
        .iter()
        .map(|k| rows.find(&format!("\"{k}\":")).expect("key"))
        .collect();
    assert!(
        order.is_sorted(),
        "the keys readers know come first, in their order"
    );
    assert_eq!(
        (&first["type"], &first["severity"]),
        (&"service".into(), &"critical".into())
    );
}

#[test]
fn a_clock_that_was_set_is_noticed_and_silences_nothing() {
    let home = tempfile::tempdir().expect("folder");
    assert_eq!(
        code(&dog(home.path()).arg("--once").output().expect("run")),
        0
    );
    // The last look, as if the wall clock had shown another day then.
    let file = home.path().join("state/last.json");
    let mut last: Value = serde_json::from_slice(&fs::read(&file).expect("last")).expect("JSON");
    let wall = last["clock"]["wall_s"].as_f64().expect("clock");
    last["clock"]["wall_s"] = (wall + 86_400.0).into();
    fs::write(&file, last.to_string()).expect("last");
    let future = format!(
        "{{\"keys\":{{\"disk:0123456789abcdef\":{{\"last_seen\":{},\"count\":1}}}}}}",
        wall as i64 + 86_000
    );
    fs::write(home.path().join("state/dedup.json"), future).expect("dedup");
    let out = dog(home.path()).arg("--once").output().expect("run");
    assert!(
        String::from_utf8_lossy(&out.stdout).contains("The clock was set"),
        "{}",
        stderr(&out)
    );
    let dedup: Value =
        serde_json::from_slice(&fs::read(home.path().join("state/dedup.json")).expect("dedup"))
            .expect("JSON");
    let seen = dedup["keys"]["disk:0123456789abcdef"]["last_seen"]
        .as_i64()
        .expect("kept");
    assert!(
        (seen - (wall as i64 - 400)).abs() < 60,
        "moved along with the clock: {seen}"
    );
}

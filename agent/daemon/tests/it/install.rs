//! The units and the installer.

use crate::agent::BINARY;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Most the machine's unit may be exposed, of 10.
const EXPOSED: f64 = 3.0;
/// Most a user's own unit may be; it says itself why it cannot be less.
const EXPOSED_OWN: f64 = 6.3;

fn folder() -> PathBuf {
    // Seen from where cargo runs tests; two checkouts may share a target folder.
    Path::new("../../infra/host").canonicalize().unwrap()
}

#[test]
fn the_system_unit_gives_little_away() {
    let text = std::fs::read_to_string(folder().join("agent.service")).unwrap();
    for line in [
        "KillMode=process",
        "Delegate=yes",
        "NoNewPrivileges=yes",
        "WatchdogSec=120",
    ] {
        assert!(text.lines().any(|l| l == line), "{line} is missing");
    }
    assert_exposed(&text.replace("%i", "games"), EXPOSED);
}

#[test]
fn a_users_own_unit_has_what_works_without_rights() {
    let text = std::fs::read_to_string(folder().join("agent.user.service")).unwrap();
    for line in ["KillMode=process", "Delegate=yes", "NoNewPrivileges=yes"] {
        assert!(text.lines().any(|l| l == line), "{line} is missing");
    }
    assert_exposed(&text, EXPOSED_OWN);
}

/// Asks systemd how exposed a unit is, where there is one to ask.
fn assert_exposed(text: &str, most: f64) {
    let unit = tempfile::tempdir().unwrap();
    let path = unit.path().join("argus-agent-trial.service");
    std::fs::write(&path, text).unwrap();
    let asked = Command::new("systemd-analyze")
        .args(["security", "--offline=true", "--no-pager"])
        .arg(&path)
        .output();
    let Ok(out) = asked.map(|o| String::from_utf8_lossy(&o.stdout).into_owned()) else {
        eprintln!("skipped: there is no systemd-analyze");
        return;
    };
    let Some(line) = out.lines().find(|l| l.contains("Overall exposure level")) else {
        eprintln!("skipped: this systemd-analyze cannot look at files: {out}");
        return;
    };
    let level = line.rsplit(": ").next().unwrap().split(' ').next().unwrap();
    let level: f64 = level.parse().unwrap();
    println!("exposure {level}");
    assert!(level <= most, "{line}");
}

fn install(root: &Path, args: &[&str]) -> Output {
    let mut command = Command::new("bash");
    command
        .arg(folder().join("install.sh"))
        .arg("--root")
        .arg(root)
        .args(args);
    command
        .env("HOME", "/home/me")
        .env_remove("XDG_CONFIG_HOME");
    command.output().unwrap()
}

#[test]
fn installing_twice_changes_nothing_and_uninstalling_leaves_nothing() {
    let kinds: [(&[&str], [&str; 2]); 2] = [
        (
            &["--system", "me"],
            [
                "usr/local/bin/argus-agent",
                "etc/systemd/system/argus-agent@.service",
            ],
        ),
        (
            &[],
            [
                "home/me/.local/bin/argus-agent",
                "home/me/.config/systemd/user/argus-agent.service",
            ],
        ),
    ];
    for (args, files) in kinds {
        let root = tempfile::tempdir().unwrap();
        let with = [&["--binary", BINARY], args].concat();
        let first = install(root.path(), &with);
        assert!(
            first.status.success(),
            "{}",
            String::from_utf8_lossy(&first.stderr)
        );
        let times = || {
            files.map(|f| {
                std::fs::metadata(root.path().join(f))
                    .unwrap()
                    .modified()
                    .unwrap()
            })
        };
        let before = times();
        let second = install(root.path(), &with);
        assert!(String::from_utf8_lossy(&second.stdout).contains("everything is in place"));
        assert_eq!(times(), before, "the second time wrote something");
        let version = Command::new(root.path().join(files[0]))
            .arg("--version")
            .output()
            .unwrap();
        assert!(version.status.success());
        assert!(
            install(root.path(), &[&["--uninstall"], args].concat())
                .status
                .success()
        );
        assert!(files.iter().all(|f| !root.path().join(f).exists()));
    }
    let root = tempfile::tempdir().unwrap();
    assert_eq!(install(root.path(), &["--sytem"]).status.code(), Some(2));
    assert_eq!(
        install(root.path(), &["--binary", "/none"]).status.code(),
        Some(1)
    );
}

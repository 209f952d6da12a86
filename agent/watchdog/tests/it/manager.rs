//! A real systemd, as a user's manager in namespaces of its own.

use crate::namespace::is_inside;
use crate::trees::{Running, settings, wait_for};
use argus_watchdog::act::restart::restart;
use argus_watchdog::dbus::Systemd;
use argus_watchdog::problem::Outcome;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

const SYSTEMD: &str = "/lib/systemd/systemd";

/// What systemd wants to find: a booted host, and a group it may divide.
const PREPARE: &str = "set -e
mount -t tmpfs none /run
mkdir -p /run/systemd/system /run/own
chmod 700 /run/own
umount -R /sys/fs/cgroup 2>/dev/null || true
mount -t cgroup2 none /sys/fs/cgroup
mkdir -p /sys/fs/cgroup/watchdog-test
echo $PPID > /sys/fs/cgroup/watchdog-test/cgroup.procs";

#[test]
fn a_real_systemd_restarts_what_failed_and_nothing_else() {
    if !Path::new(SYSTEMD).exists() {
        eprintln!("skipped: systemd is not installed");
        return;
    }
    if !is_inside("manager::a_real_systemd_restarts_what_failed_and_nothing_else") {
        return;
    }
    if !Command::new("sh")
        .args(["-c", PREPARE])
        .status()
        .expect("sh")
        .success()
    {
        eprintln!("skipped: this host lets nobody divide its control groups");
        return;
    }
    let home = tempfile::tempdir().expect("folder");
    let units = home.path().join("systemd/user");
    fs::create_dir_all(&units).expect("folder");
    let flag = home.path().join("may-run");
    let unit = |name: &str, script: &str| {
        let text = format!("[Service]\nExecStart=/bin/sh -c '{script}'\n");
        fs::write(units.join(name), text).expect("unit");
    };
    unit(
        "a.service",
        &format!("test -e {} && exec sleep 1000", flag.display()),
    );
    unit("b.service", "exec sleep 1000");
    let manager = Command::new(SYSTEMD)
        .arg("--user")
        .env("XDG_RUNTIME_DIR", "/run/own")
        .env("XDG_CONFIG_HOME", home.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let _manager = Running(manager.expect("systemd"));
    let socket = Path::new("/run/own/systemd/private");
    wait_for("systemd", || Systemd::connect(socket).is_ok());
    let more = format!(
        "[services]\nunits = [\"a.service\", \"gone.service\"]\nbus = {socket:?}\nrestart_timeout = 10\n"
    );
    let settings = settings(home.path(), &more);
    let mut bus = Systemd::connect(socket).expect("connection");
    assert_eq!(bus.state("a.service").expect("state").active, "inactive");
    assert!(
        !bus.state("a.service").expect("state").is_trouble(),
        "nobody started it"
    );
    assert!(bus.state("gone.service").expect("state").is_trouble());

    // It starts and ends at once: systemd says done, the look afterwards says otherwise, now or a
    // moment later.
    let first = restart("a.service", &settings.services);
    assert_ne!(first.outcome, Outcome::Skipped);
    wait_for("the failure", || {
        bus.state("a.service").expect("state").active == "failed"
    });
    assert!(bus.state("a.service").expect("state").is_trouble());
    fs::write(&flag, "").expect("flag");
    let done = restart("a.service", &settings.services);
    assert_eq!(done.outcome, Outcome::Success, "{done:?}");
    assert_eq!(
        bus.state("a.service").expect("state").to_string(),
        "active (running)"
    );
    let again = restart("a.service", &settings.services);
    assert_eq!(again.outcome, Outcome::Skipped, "well again: {again:?}");
    assert_eq!(
        restart("gone.service", &settings.services).outcome,
        Outcome::Failure
    );
    assert_eq!(
        restart("b.service", &settings.services).outcome,
        Outcome::Failure
    );
    assert_eq!(
        bus.state("b.service").expect("state").active,
        "inactive",
        "not on the list"
    );
}

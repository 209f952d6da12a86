//! Ending the right process, and only that.

use crate::namespace::is_inside;
use crate::trees::{Running, program, wait_for};
use argus_watchdog::act::kill::kill;
use argus_watchdog::problem::Outcome;
use probe::{Identity, Probe};
use std::fs;
use std::process::Command;
use std::time::Duration;

const SOON: Duration = Duration::from_millis(400);

fn identity(probe: &Probe, running: &Running, program: &std::path::Path) -> Identity {
    let mut found = None;
    // Between fork and exec it is still this test.
    wait_for("exec", || {
        found = probe.identity(running.pid()).filter(|i| i.exe == program);
        found.is_some()
    });
    found.expect("identity")
}

#[test]
fn a_process_that_ends_when_asked() {
    let folder = tempfile::tempdir().expect("folder");
    let node = program(folder.path(), "node");
    let (probe, running) = (Probe::live(), Running::start(&node, "600"));
    let who = identity(&probe, &running, &node);
    let done = kill(&who, &probe.boot_id().expect("boot"), &probe, SOON);
    assert_eq!(done.outcome, Outcome::Success, "{done:?}");
    assert!(done.detail.contains("when asked"));
}

#[test]
fn a_process_that_ignores_the_request_is_ended_by_force() {
    let probe = Probe::live();
    let shell = fs::canonicalize("/bin/sh").expect("sh");
    let child = Command::new(&shell)
        .args(["-c", "trap '' TERM; while :; do read x; done"])
        .stdin(std::process::Stdio::piped())
        .spawn();
    let running = Running(child.expect("start"));
    let who = identity(&probe, &running, &shell);
    let status = format!("/proc/{}/status", running.pid());
    wait_for("the trap", || {
        let ignored = fs::read_to_string(&status).unwrap_or_default();
        let mask = ignored.lines().find_map(|l| l.strip_prefix("SigIgn:"));
        mask.and_then(|m| u64::from_str_radix(m.trim(), 16).ok())
            .is_some_and(|m| m & (1 << 14) != 0)
    });
    let done = kill(&who, &probe.boot_id().expect("boot"), &probe, SOON);
    assert_eq!(done.outcome, Outcome::Success, "{done:?}");
    assert!(done.detail.contains("by force"));
}

#[test]
fn another_process_with_the_same_number_lives() {
    if !is_inside("kill::another_process_with_the_same_number_lives") {
        return;
    }
    let folder = tempfile::tempdir().expect("folder");
    let node = program(folder.path(), "node");
    let probe = Probe::live();
    let boot = probe.boot_id().expect("boot");
    let first = Running::start(&node, "600");
    let who = identity(&probe, &first, &node);
    let number = first.pid();
    drop(first);
    // Begins are told in hundredths of a second; within one, nothing tells two processes apart.
    wait_for("a later tick", || {
        probe::Clock::now().boot_s * 100.0 > who.start_ticks as f64 + 3.0
    });
    // The kernel gives out numbers in order; here it is told where to go on.
    let mut second = None;
    wait_for("the same number", || {
        fs::write("/proc/sys/kernel/ns_last_pid", (number - 1).to_string()).expect("ns_last_pid");
        let next = Running::start(&node, "600");
        let same = next.pid() == number;
        second = Some(next);
        same
    });
    let mut second = second.expect("a second process");
    let newcomer = identity(&probe, &second, &node);
    assert_eq!((newcomer.pid, &newcomer.exe), (who.pid, &who.exe));
    let done = kill(&who, &boot, &probe, SOON);
    assert_eq!(done.outcome, Outcome::Skipped, "{done:?}");
    assert!(second.is_alive(), "the newcomer was ended");
    let done = kill(&newcomer, "another-boot", &probe, SOON);
    assert_eq!(done.outcome, Outcome::Skipped);
    assert!(second.is_alive());
}

#[test]
fn a_process_of_a_run_lives_even_if_somebody_ordered_its_end() {
    let folder = tempfile::tempdir().expect("folder");
    let node = program(folder.path(), "node");
    let probe = Probe::live();
    let child = Command::new(&node)
        .arg("600")
        .env("ARGUS_BATCH_ID", "b-17")
        .spawn()
        .expect("start");
    let mut running = Running(child);
    let who = identity(&probe, &running, &node);
    let done = kill(&who, &probe.boot_id().expect("boot"), &probe, SOON);
    assert_eq!(done.outcome, Outcome::Skipped, "{done:?}");
    assert!(running.is_alive());
}

//! Tests that need a kernel of their own: re-run inside fresh namespaces, as root there.

use std::process::Command;

/// Variable by which a test knows that it is inside.
const INSIDE: &str = "WATCHDOG_TEST_INSIDE";

/// Whether this is the inside run; the outside one starts it and passes its verdict on. Hosts that
/// forbid namespaces skip the test, and say so.
pub(crate) fn is_inside(test: &str) -> bool {
    if std::env::vars_os().any(|(name, _)| name == INSIDE) {
        return true;
    }
    let allowed = Command::new("unshare")
        .args(NAMESPACES)
        .arg("true")
        .output();
    if !allowed.is_ok_and(|out| out.status.success()) {
        eprintln!("skipped: this host gives no namespaces");
        return false;
    }
    let own = std::env::current_exe().expect("this program");
    let out = Command::new("unshare")
        .args(NAMESPACES)
        .arg(own)
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(INSIDE, "1")
        .output()
        .expect("unshare");
    let said =
        String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "inside: {said}");
    assert!(said.contains("1 passed"), "no test of that name: {said}");
    false
}

const NAMESPACES: [&str; 6] = ["-U", "-r", "-p", "-f", "-m", "--mount-proc"];

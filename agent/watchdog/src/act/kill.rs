//! Ends one process, and no other that got its number meanwhile.

use super::Done;
use crate::exec::timespec;
use probe::{Identity, Probe};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fd::OwnedFd;
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use std::time::{Duration, Instant};

/// Longest wait for a process that was ended by force.
const GONE: Duration = Duration::from_secs(3);

/// Asks the process to end, waits `grace`, ends it. `boot_id` is the boot of its start time.
#[must_use]
pub fn kill(identity: &Identity, boot_id: &str, probe: &Probe, grace: Duration) -> Done {
    let Some(pid) = i32::try_from(identity.pid).ok().and_then(Pid::from_raw) else {
        return Done::failure("not a process number");
    };
    if probe.boot_id().ok().as_deref() != Some(boot_id) {
        return Done::skipped("the host was restarted since");
    }
    // First the handle, then the look: if the number changed hands in between, the look sees the
    // newcomer and we stop; if the look sees the one we mean, the handle is its.
    let handle = match pidfd_open(pid, PidfdFlags::empty()) {
        Ok(handle) => handle,
        Err(Errno::SRCH) => return Done::success("it was gone already"),
        Err(e) => return Done::failure(format!("no handle: {e}")),
    };
    match probe.identity(identity.pid) {
        None => return Done::skipped("it is gone or cannot be looked at any more"),
        Some(now) if now != *identity => {
            return Done::skipped("the number belongs to another process now");
        }
        Some(_) => {}
    }
    if probe
        .variable(identity.pid, "ARGUS_BATCH_ID")
        .is_some_and(|b| !b.is_empty())
    {
        return Done::skipped("it belongs to a run");
    }
    match signal(&handle, Signal::TERM) {
        Ok(()) => {}
        Err(Errno::SRCH) => return Done::success("it was gone already"),
        Err(e) => return Done::failure(format!("it cannot be signalled: {e}")),
    }
    if is_gone_within(&handle, grace) {
        return Done::success("ended by itself when asked");
    }
    if let Err(e) = signal(&handle, Signal::KILL)
        && e != Errno::SRCH
    {
        return Done::failure(format!("it cannot be ended: {e}"));
    }
    if is_gone_within(&handle, GONE) {
        Done::success("ended by force")
    } else {
        Done::failure("it is still there; it may be stuck in the kernel")
    }
}

fn signal(handle: &OwnedFd, signal: Signal) -> Result<(), Errno> {
    pidfd_send_signal(handle, signal)
}

fn is_gone_within(handle: &OwnedFd, limit: Duration) -> bool {
    let end = Instant::now() + limit;
    loop {
        let left = end.saturating_duration_since(Instant::now());
        match poll(
            &mut [PollFd::new(handle, PollFlags::IN)],
            Some(&timespec(left)),
        ) {
            Ok(ready) => return ready > 0,
            Err(Errno::INTR) => {}
            Err(_) => return false,
        }
    }
}

//! Looking once, and looking for ever.

use super::{Exit, failed, print};
use crate::cycle::{Outcome, Trace, Watchdog};
use crate::exec::timespec;
use crate::notify::Notifier;
use crate::settings::{Environment, Settings};
use crate::state::{self, Lock, LockError};
use probe::Probe;
use rustix::event::{PollFd, PollFlags, poll};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

/// One cycle.
pub(super) fn once(settings: Settings, environment: Environment, dry_run: bool) -> Exit {
    let trace = if dry_run { Trace::None } else { Trace::Full };
    let _lock = match take_lock(&settings, trace) {
        Ok(lock) => lock,
        Err(exit) => return exit,
    };
    let print_log = trace == Trace::Full;
    let mut watchdog = match Watchdog::new(settings, environment, Probe::live(), trace, print_log) {
        Ok(watchdog) => watchdog,
        Err(e) => return failed(&e.to_string()),
    };
    match watchdog.cycle() {
        Ok(outcome) => {
            if trace == Trace::None {
                print(&shown(&outcome));
            }
            if outcome.degraded.is_empty() {
                Exit::Ok
            } else {
                Exit::Degraded
            }
        }
        Err(e) => failed(&format!("the cycle failed: {e}")),
    }
}

fn shown(outcome: &Outcome) -> String {
    let mut text = String::new();
    let mut section = |head: &str, lines: &[String], none: &str| {
        text.push_str(head);
        text.push('\n');
        if lines.is_empty() {
            text.push_str(&format!("  {none}\n"));
        }
        for line in lines {
            text.push_str(&format!("  {line}\n"));
        }
    };
    section("Troubles", &outcome.troubles, "none");
    section("Decisions", &outcome.decisions, "nothing to do");
    section("Not working", &outcome.degraded, "nothing");
    text
}

/// Nothing is locked where nothing is written.
fn take_lock(settings: &Settings, trace: Trace) -> Result<Option<Lock>, Exit> {
    if trace == Trace::None {
        return Ok(None);
    }
    let folder = &settings.state_dir;
    state::prepare(folder).map_err(|e| {
        failed(&format!(
            "the state folder {} cannot be written ({e}); set ARGUS_STATE_DIR or mend its owner",
            folder.display()
        ))
    })?;
    match Lock::take(folder) {
        Ok(lock) => Ok(Some(lock)),
        Err(e @ LockError::Held(_)) => {
            eprintln!("argus-watchdog: {e}");
            Err(Exit::Locked)
        }
        Err(e) => Err(failed(&e.to_string())),
    }
}

/// Cycles until SIGTERM or SIGINT.
pub(super) fn run(settings: Settings, environment: Environment, dry_run: bool) -> Exit {
    if dry_run {
        return failed(
            "`run` has no --dry-run; set dry_run = true in the settings, or look once with --once --dry-run",
        );
    }
    let _lock = match take_lock(&settings, Trace::Full) {
        Ok(lock) => lock,
        Err(exit) => return exit,
    };
    let end = match end_signal() {
        Ok(end) => end,
        Err(e) => return failed(&e.to_string()),
    };
    let notifier = Notifier::of(&environment);
    let interval = Duration::from_secs(settings.interval);
    let mut watchdog = match Watchdog::new(settings, environment, Probe::live(), Trace::Full, true)
    {
        Ok(watchdog) => watchdog,
        Err(e) => return failed(&e.to_string()),
    };
    watchdog.log().info(&format!(
        "the watchdog looks every {} s",
        interval.as_secs()
    ));
    notifier.say("READY=1");
    let mut next = Instant::now();
    loop {
        notifier.say("WATCHDOG=1");
        let again = match watchdog.cycle() {
            Ok(outcome) => outcome.again_in_s,
            Err(_) => None,
        };
        // A fixed rhythm: a slow cycle does not push all later ones away.
        next += interval;
        if next < Instant::now() {
            next = Instant::now() + interval;
        }
        let wanted =
            again.map(|s| Instant::now() + Duration::from_secs(s.clamp(1, 3600).cast_unsigned()));
        let wake = wanted.filter(|w| *w < next).unwrap_or(next);
        if wake < next {
            next -= interval;
        }
        if told_to_end(&end, wake, &notifier) {
            notifier.say("STOPPING=1");
            watchdog.log().info("told to end");
            return Exit::Ok;
        }
    }
}

/// A socket that becomes readable when this process is told to end.
fn end_signal() -> std::io::Result<UnixStream> {
    let (read, write) = UnixStream::pair()?;
    for signal in [signal_hook::consts::SIGTERM, signal_hook::consts::SIGINT] {
        signal_hook::low_level::pipe::register(signal, write.try_clone()?)?;
    }
    Ok(read)
}

fn told_to_end(end: &UnixStream, until: Instant, notifier: &Notifier) -> bool {
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let slice = notifier.interval().map_or(left, |i| i.min(left));
        match poll(
            &mut [PollFd::new(end, PollFlags::IN)],
            Some(&timespec(slice)),
        ) {
            Ok(ready) if ready > 0 => return true,
            Ok(_) | Err(rustix::io::Errno::INTR) => notifier.say("WATCHDOG=1"),
            Err(_) => return true,
        }
        if Instant::now() >= until {
            return false;
        }
    }
}

//! `run`: serves until it is told to end. Runs go on without it.

use crate::cli::{FAILED, MISCONFIGURED, REFUSED, TAKEN, fail};
use crate::identity::IdentityError;
use crate::settings::Settings;
use crate::supervisor::{StartError, Supervisor};
use rustix::fs::{FlockOperation, Mode, OFlags, flock};
use std::os::fd::OwnedFd;
use std::process::ExitCode;

pub(crate) fn run(settings: Settings) -> ExitCode {
    if let Err(error) = settings.home.create() {
        return fail(
            MISCONFIGURED,
            &format!("{}: {error}", settings.home.folder().display()),
        );
    }
    let _lock = match lock(&settings) {
        Ok(lock) => lock,
        Err(rustix::io::Errno::WOULDBLOCK) => {
            let text = "this agent is already running; name another with --instance";
            return fail(TAKEN, &text);
        }
        Err(error) => return fail(FAILED, &std::io::Error::from(error)),
    };
    // Others may not look into what we hold in memory: a token of theirs is not worth one of ours.
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    // A daemon that lost one of its threads only looks alive; systemd starts a whole one.
    std::panic::set_hook(Box::new(|what| {
        crate::say(&format!("this is a bug: {what}"));
        std::process::abort();
    }));
    match Supervisor::start(settings) {
        Ok(supervisor) => {
            supervisor.run();
            ExitCode::SUCCESS
        }
        Err(error) => {
            let code = match &error {
                StartError::Identity(IdentityError::Missing) => REFUSED,
                StartError::Identity(_) | StartError::Rules(_) | StartError::Setup(_) => {
                    MISCONFIGURED
                }
                StartError::Journal(_) => MISCONFIGURED,
                StartError::Resources(_) => FAILED,
            };
            fail(code, &error)
        }
    }
}

/// One daemon per identity. Runs do not inherit the lock, so they never keep it.
pub(crate) fn lock(settings: &Settings) -> Result<OwnedFd, rustix::io::Errno> {
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let fd = rustix::fs::open(settings.home.lock(), flags, Mode::from_raw_mode(0o600))?;
    flock(&fd, FlockOperation::NonBlockingLockExclusive)?;
    Ok(fd)
}

//! `revoke`: ends this agent's registration.

use crate::cli::{MISCONFIGURED, code_of, fail};
use crate::identity::{self, IdentityError};
use crate::settings::Settings;
use crate::supervisor::session;
use std::process::ExitCode;

pub(crate) fn revoke(settings: &Settings) -> ExitCode {
    let path = settings.home.token();
    let identity = match identity::load(&path) {
        Ok(identity) => identity,
        Err(error @ IdentityError::Missing) => return fail(crate::cli::REFUSED, &error),
        Err(error) => return fail(MISCONFIGURED, &error),
    };
    let session = match session(settings, &identity) {
        Ok(session) => session,
        Err(error) => return fail(MISCONFIGURED, &error),
    };
    match session.client.revoke(&session.agent_id) {
        Ok(()) => println!("{} is no longer registered", identity.hostname),
        // Dead already, which is what was wanted.
        Err(error) if error.status() == Some(401) => {
            println!("the server did not know it any more")
        }
        Err(error) if matches!(error.status(), Some(404 | 405)) => {
            eprintln!(
                "argus-agent: this server cannot revoke agents; the token works until somebody logs in again"
            );
        }
        Err(error) => return fail(code_of(&error), &error),
    }
    match std::fs::remove_file(&path) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(crate::cli::FAILED, &format!("{}: {error}", path.display())),
    }
}

//! `approve`: a word on the host for a run that waits for one.

use crate::cli::{FAILED, fail};
use crate::identity::write_whole;
use crate::settings::{Settings, file_stem};
use crate::status;
use std::process::ExitCode;

pub(crate) fn approve(settings: &Settings, command: &str, deny: bool) -> ExitCode {
    let waiting = status::load(&settings.home.status())
        .unwrap_or_default()
        .runs;
    let found = waiting
        .iter()
        .find(|run| run.cmd == command || run.batch_id == command)
        .filter(|run| run.state == "waits for approval");
    let Some(run) = found else {
        return fail(
            FAILED,
            &format!("{command} does not wait for approval; see `argus-agent runs`"),
        );
    };
    let word = if deny { "deny" } else { "allow" };
    let path = settings.home.approvals().join(file_stem(&run.cmd));
    match write_whole(&path, word.as_bytes()) {
        Ok(()) => {
            println!("{word}: {}", run.argv.join(" "));
            ExitCode::SUCCESS
        }
        Err(error) => fail(FAILED, &format!("{}: {error}", path.display())),
    }
}

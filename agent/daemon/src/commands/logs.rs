//! `logs`: what a run printed, from the host's own file.

use crate::cli::{FAILED, fail};
use crate::commands::show;
use crate::journal::Phase;
use crate::logs;
use crate::settings::Settings;
use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

pub(crate) fn logs(settings: &Settings, run: &str, lines: usize, follow: bool) -> ExitCode {
    let records = match show::records(settings) {
        Ok(records) => records,
        Err(code) => return code,
    };
    let found = records
        .iter()
        .rev()
        .find(|r| r.cmd == run || r.batch_id == run);
    let cmd = found.map_or(run, |record| record.cmd.as_str()).to_owned();
    let path = settings.home.log(&cmd);
    let Ok(file) = logs::open(&path) else {
        return fail(
            FAILED,
            &format!("no log of {run} here; see `argus-agent runs --all`"),
        );
    };
    let mut place = file.metadata().map_or(0, |m| m.len());
    let mut out = std::io::stdout().lock();
    for line in logs::tail(&path, lines) {
        if writeln!(out, "{line}").is_err() {
            return ExitCode::SUCCESS;
        }
    }
    if !follow {
        return ExitCode::SUCCESS;
    }
    loop {
        let bytes = logs::read_at(&file, place, 64 * 1024).unwrap_or_default();
        let (found, used) = logs::lines(&bytes, false);
        place += used as u64;
        for (_, line) in found {
            if writeln!(out, "{line}").and_then(|()| out.flush()).is_err() {
                return ExitCode::SUCCESS;
            }
        }
        if used > 0 {
            continue;
        }
        let over = show::records(settings).unwrap_or_default();
        if over
            .iter()
            .any(|r| r.cmd == cmd && r.phase >= Phase::Exited)
        {
            return ExitCode::SUCCESS;
        }
        std::thread::sleep(Duration::from_millis(500));
    }
}

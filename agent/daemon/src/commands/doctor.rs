//! `doctor`: tries what a run needs, and says what to do about what fails.

use crate::cgroup::Cgroups;
use crate::cli::FAILED;
use crate::commands::login::hostname;
use crate::commands::run::lock;
use crate::settings::Settings;
use crate::supervisor::session;
use crate::{clock, identity, rules};
use std::process::ExitCode;

#[derive(Default)]
struct Report {
    bad: bool,
}

impl Report {
    fn good(&self, what: &str, text: &str) {
        println!("ok     {what}: {text}");
    }

    fn note(&self, what: &str, text: &str) {
        println!("note   {what}: {text}");
    }

    fn bad(&mut self, what: &str, text: &str) {
        self.bad = true;
        println!("FAIL   {what}: {text}");
    }
}

pub(crate) fn doctor(settings: &Settings) -> ExitCode {
    let mut report = Report::default();
    folder(settings, &mut report);
    match rules::load(settings) {
        Ok(policies) => report.good("policy", &format!("{} in force", policies.len())),
        Err(error) => report.bad("policy", &error.to_string()),
    }
    match identity::load(&settings.home.token()) {
        Ok(known) => {
            report.good("token", &format!("{} at {}", known.agent_id, known.server));
            if known.hostname != hostname() {
                let text = format!(
                    "registered as {}, the host is {}",
                    known.hostname,
                    hostname()
                );
                report.note("host name", &text);
            }
            server(settings, &known, &mut report);
        }
        Err(error) => report.bad("token", &error.to_string()),
    }
    match lock(settings) {
        Err(rustix::io::Errno::WOULDBLOCK) => report.good("daemon", "running"),
        Ok(_) => report.note("daemon", "not running; start it with `argus-agent`"),
        Err(error) => report.bad("daemon", &std::io::Error::from(error).to_string()),
    }
    match Cgroups::find(&settings.proc) {
        Some(_) => report.good("cgroups", "each run gets its own"),
        None => report.note(
            "cgroups",
            "none for runs (the service needs Delegate=yes); helpers of a run are found by session and mark instead",
        ),
    }
    if rustix::process::geteuid().is_root() {
        report.note(
            "user",
            "root: runs are root's, too; better a user of its own",
        );
    }
    ExitCode::from(if report.bad { FAILED } else { 0 })
}

fn folder(settings: &Settings, report: &mut Report) {
    let path = settings.home.folder();
    let trial = path.join("trial");
    let tried = settings
        .home
        .create()
        .and_then(|()| identity::write_whole(&trial, b"trial"))
        .and_then(|()| std::fs::remove_file(&trial));
    match tried {
        Ok(()) => report.good("state", &path.display().to_string()),
        Err(error) => report.bad("state", &format!("{}: {error}", path.display())),
    }
}

fn server(settings: &Settings, known: &identity::Identity, report: &mut Report) {
    let session = match session(settings, known) {
        Ok(session) => session,
        Err(error) => return report.bad("server", &error.to_string()),
    };
    match session.client.jobs(&session.agent_id, 0) {
        Ok(jobs) => {
            report.good(
                "server",
                &format!("answers; {} commands wait", jobs.jobs.len()),
            );
            let theirs = jobs.server_time_utc.as_deref().and_then(clock::seconds);
            match theirs.map(|t| t - clock::now().unix_s) {
                Some(skew) if skew.abs() > 60 => {
                    report.bad("clock", &format!("differs from the server's by {skew} s"));
                }
                Some(_) => report.good("clock", "agrees with the server's"),
                None => report.note(
                    "server",
                    "is an early one: stops take up to 10 s, ends are not reported",
                ),
            }
        }
        Err(error) if matches!(error.status(), Some(401 | 403)) => {
            report.bad("server", &format!("{error}; run `argus-agent login`"));
        }
        Err(error) => report.bad("server", &error.to_string()),
    }
}

//! `status`, `runs` and `policy`: what is, from files, without asking the daemon.

use crate::cli::{FAILED, MISCONFIGURED, fail};
use crate::commands::run::lock;
use crate::journal::{Journal, Record};
use crate::settings::Settings;
use crate::{clock, identity, rules, status};
use policy::Policy;
use std::process::ExitCode;

pub(crate) fn status(settings: &Settings, json: bool) -> ExitCode {
    let running = matches!(lock(settings), Err(rustix::io::Errno::WOULDBLOCK));
    let told = status::load(&settings.home.status()).unwrap_or_default();
    // Tried here and now: a daemon on a full disk cannot write down that it is full.
    let trial = settings.home.folder().join("trial");
    let writable = identity::write_whole(&trial, b"trial").is_ok() && told.journal_well;
    let _ = std::fs::remove_file(&trial);
    let well = running && told.well && writable;
    if json {
        let out = serde_json::json!({"running": running, "well": well, "daemon": told});
        println!("{out}");
        return ExitCode::from(u8::from(!well));
    }
    match identity::load(&settings.home.token()) {
        Ok(known) => {
            println!("server     {}", known.server);
            println!("agent      {} ({})", known.agent_id, known.hostname);
            if let Some(end) = known.expires_at {
                println!("token      until {end}");
            }
        }
        Err(error) => println!("identity   {error}"),
    }
    match running {
        true => println!("daemon     running, pid {}, {}", told.pid, told.standing),
        false => println!("daemon     not running; start it with `argus-agent`"),
    }
    if running && !writable {
        println!("journal    cannot be written: nothing new is run (is the disk full?)");
    }
    println!("runs       {}", told.runs.len());
    for run in &told.runs {
        println!(
            "           {}  {}  {}",
            run.cmd,
            run.state,
            run.argv.join(" ")
        );
    }
    ExitCode::from(u8::from(!well))
}

pub(crate) fn runs(settings: &Settings, all: bool, json: bool) -> ExitCode {
    if !all {
        let open = status::load(&settings.home.status())
            .unwrap_or_default()
            .runs;
        for run in &open {
            match json {
                true => println!("{}", serde_json::json!(run)),
                false => println!(
                    "{}  {}  {}  {}",
                    run.cmd,
                    run.batch_id,
                    run.state,
                    run.argv.join(" ")
                ),
            }
        }
        return ExitCode::SUCCESS;
    }
    let records = match records(settings) {
        Ok(records) => records,
        Err(code) => return code,
    };
    for record in records {
        if json {
            println!("{}", serde_json::json!(record));
            continue;
        }
        let outcome = match (&record.refusal, &record.end) {
            (Some((_, why)), _) => format!("refused: {why}"),
            (None, Some(end)) => match (end.code, end.signal) {
                (Some(code), _) => format!("exit code {code}"),
                (None, Some(signal)) => format!("signal {signal}"),
                (None, None) => format!("{:?}", end.reason).to_lowercase(),
            },
            (None, None) => format!("{:?}", record.phase).to_lowercase(),
        };
        println!(
            "{}  {}  {outcome}  {}",
            record.cmd,
            record.batch_id,
            record.argv.join(" ")
        );
    }
    ExitCode::SUCCESS
}

/// What the journal holds.
pub(crate) fn records(settings: &Settings) -> Result<Vec<Record>, ExitCode> {
    let path = settings.home.journal();
    if !path.exists() {
        return Ok(Vec::new());
    }
    Journal::peek(&path, clock::now().unix_s).map_err(|e| fail(MISCONFIGURED, &e))
}

pub(crate) fn policy(settings: &Settings, default: bool) -> ExitCode {
    if default {
        print!("{}", Policy::default_text());
        return ExitCode::SUCCESS;
    }
    match rules::load(settings) {
        Ok(policies) => {
            for policy in policies {
                println!("{}\n", policy.summary().join("\n"));
            }
            ExitCode::SUCCESS
        }
        Err(error) => fail(FAILED, &error),
    }
}

//! `login`: registers this host and keeps its token.

use crate::cli::{LoginArgs, MISCONFIGURED, code_of, fail};
use crate::identity::{self, Identity};
use crate::settings::Settings;
use client::{Address, Client, Registration, Secret};
use std::io::{BufRead, IsTerminal};
use std::process::ExitCode;

pub(crate) fn login(settings: &Settings, args: &LoginArgs) -> ExitCode {
    let Some(url) = args.url.clone().or_else(|| settings.var(client::URL)) else {
        return fail(MISCONFIGURED, &"which server? set ARGUS_URL or give --url");
    };
    let address = match Address::parse(&url) {
        Ok(address) => address,
        Err(error) => return fail(MISCONFIGURED, &error),
    };
    let Some(token) = settings.var(client::TOKEN).or_else(ask) else {
        let text = "who are you? set ARGUS_TOKEN to a token of yours (em_live_…)";
        return fail(MISCONFIGURED, &text);
    };
    let hostname = args.hostname.clone().unwrap_or_else(hostname);
    let made = client::Settings::new(address.clone(), crate::USER_AGENT)
        .through(|name| settings.var(name))
        .with_token(Secret::new(token));
    let client = match Client::new(&made) {
        Ok(client) => client,
        Err(error) => return fail(MISCONFIGURED, &error),
    };
    if let Err(error) = settings.home.create() {
        return fail(
            MISCONFIGURED,
            &format!("{}: {error}", settings.home.folder().display()),
        );
    }
    let host = Registration {
        hostname: hostname.clone(),
        version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        capabilities: ["rerun", "stop", "exit", "logs"].map(str::to_owned).into(),
        label: args.label.clone(),
        machine_id: machine_id(),
        uid: Some(rustix::process::geteuid().as_raw()),
        instance: Some(settings.instance.clone()),
    };
    let registered = match client.register(&host) {
        Ok(registered) => registered,
        Err(error) => {
            if error.status() == Some(401) {
                eprintln!("argus-agent: ARGUS_TOKEN is missing, expired or revoked");
            }
            return fail(code_of(&error), &error);
        }
    };
    let identity = Identity {
        server: address.as_str().to_owned(),
        agent_id: registered.agent_id,
        agent_token: registered.agent_token,
        hostname,
        poll_interval_s: registered.poll_interval_s,
        heartbeat_interval_s: registered.heartbeat_interval_s,
        expires_at: registered.expires_at,
    };
    if let Err(error) = identity::store(&settings.home.token(), &identity) {
        return fail(crate::cli::FAILED, &error);
    }
    println!(
        "{} is registered at {} as {}; start it with `argus-agent`",
        identity.hostname, identity.server, identity.agent_id
    );
    ExitCode::SUCCESS
}

/// Asks for a token, or reads one from a pipe.
fn ask() -> Option<String> {
    let input = std::io::stdin();
    if input.is_terminal() {
        eprint!("Token (em_live_…), it is shown as you type: ");
    }
    let mut line = String::new();
    input.lock().read_line(&mut line).ok()?;
    Some(line.trim().to_owned()).filter(|token| !token.is_empty())
}

/// The name batches of this host carry.
pub(crate) fn hostname() -> String {
    rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned()
}

/// Tells copies of a disk image apart, without telling the machine's own id to anybody.
fn machine_id() -> Option<String> {
    let id = std::fs::read_to_string("/etc/machine-id").ok()?;
    let text = format!("argus-agent:{}", id.trim());
    let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    Some(
        digest.as_ref()[..16]
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect(),
    )
}

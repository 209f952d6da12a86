//! The connection to the server: identity, reports, its word, a sign of life.

use super::{Item, ServerPolicy, Spool};
use crate::settings::{Environment, Settings};
use crate::state;
use crate::time::Stamp;
use client::{Address, Client, Error, Fresh, Registration, Secret};
use probe::Probe;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::Duration;

/// Most files sent in one cycle.
const FILES: usize = 20;
/// Seconds a server that knows no watchdogs is left alone.
const STRANGER_S: i64 = 3600;

/// What is remembered about the server.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Known {
    /// Address the token belongs to.
    url: String,
    /// Identity.
    agent_id: String,
    /// Token of that identity.
    token: String,
    /// Tag of the last word.
    tag: Option<String>,
    /// The last word.
    policy: ServerPolicy,
    /// Not asked before, seconds since 1970.
    not_before: i64,
    /// Asked last.
    asked: i64,
}

/// The connection.
pub struct Link {
    known: Known,
    file: PathBuf,
    client: Client,
    first_token: Option<Secret>,
}

/// Sign of life.
#[derive(Clone, Debug, Serialize)]
pub struct Beat {
    /// Host.
    pub host: String,
    /// Version of this program.
    pub version: String,
    /// The last cycle.
    pub cycle: CycleNote,
    /// `live`, `dry_run` or `paused`.
    pub mode: String,
}

/// A cycle in short.
#[derive(Clone, Debug, Serialize)]
pub struct CycleNote {
    /// When.
    pub at: Stamp,
    /// Milliseconds it took.
    pub ms: u64,
    /// Open problems.
    pub problems: usize,
    /// Actions.
    pub actions: usize,
    /// Seconds until the next: a server that hears nothing for long knows that something is wrong.
    pub interval_s: u64,
}

#[derive(Serialize)]
struct Report<'a> {
    host: &'a str,
    boot_id: &'a str,
    items: &'a [Item],
}

impl Link {
    /// Prepares the connection; `None` when no server is set. An error is about the settings.
    pub fn of(settings: &Settings, environment: &Environment) -> Result<Option<Self>, String> {
        let server = &settings.server;
        if server.url.is_empty() || server.token.is_none() {
            return Ok(None);
        }
        let address = Address::parse(&server.url).map_err(|e| e.to_string())?;
        let agent = concat!("argus-watchdog/", env!("CARGO_PKG_VERSION"));
        let mut how = client::Settings::new(address, agent)
            .through(|name| environment.get(name).map(str::to_owned));
        how.timeout = Duration::from_secs(10);
        let client = Client::new(&how).map_err(|e| e.to_string())?;
        let file = settings.state_file("server.json");
        let mut known: Known = state::load(&file).map_err(|e| e.to_string())?.or_default();
        if known.url != server.url {
            known = Known {
                url: server.url.clone(),
                ..Known::default()
            };
        }
        Ok(Some(Self {
            known,
            file,
            client,
            first_token: server.token.clone(),
        }))
    }

    /// The server's last word.
    #[must_use]
    pub fn policy(&self) -> &ServerPolicy {
        &self.known.policy
    }

    /// Asks for the server's word, if it may be asked now. The old word holds when it is silent.
    pub fn refresh(
        &mut self,
        settings: &Settings,
        probe: &Probe,
        host: &str,
        now: i64,
    ) -> Result<(), String> {
        if self.is_resting(now) {
            return Ok(());
        }
        self.known.asked = now;
        let client = self.identified(settings, probe, host)?;
        let tag = self.known.tag.clone();
        match client.get_fresh::<ServerPolicy>("/api/watchdog/policy", tag.as_deref()) {
            Ok(Fresh::Unchanged) => Ok(()),
            Ok(Fresh::Changed(policy, tag)) => {
                self.known.policy = policy;
                self.known.tag = tag;
                Ok(())
            }
            Err(e) => Err(self.trouble(&e, now)),
        }
    }

    /// Sends what waits, and a sign of life.
    pub fn report(
        &mut self,
        spool: &Spool,
        boot_id: &str,
        beat: &Beat,
        now: i64,
    ) -> Result<(), String> {
        if self.is_resting(now) || self.known.token.is_empty() {
            return Ok(());
        }
        let client = self
            .client
            .speaking_as(&Secret::new(self.known.token.clone()))
            .map_err(|e| e.to_string())?;
        for file in spool
            .files()
            .map_err(|e| e.to_string())?
            .into_iter()
            .take(FILES)
        {
            let items = spool.read(&file).map_err(|e| e.to_string())?;
            send(&client, &beat.host, boot_id, &items).map_err(|e| self.trouble(&e, now))?;
            spool.done(&file).map_err(|e| e.to_string())?;
        }
        client
            .post_only("/api/watchdog/heartbeat", beat)
            .map_err(|e| self.trouble(&e, now))
    }

    /// Keeps what is known for the next start.
    pub fn save(&self) -> std::io::Result<()> {
        state::save(&self.file, &self.known)
    }

    fn is_resting(&self, now: i64) -> bool {
        // A wait that lies further off than any we ever set comes from another clock.
        (0..=STRANGER_S).contains(&(self.known.not_before - now)) && self.known.not_before > now
    }

    /// The client with this watchdog's own token; registers at the first use.
    fn identified(
        &mut self,
        settings: &Settings,
        probe: &Probe,
        host: &str,
    ) -> Result<Client, String> {
        let Some(first) = self.first_token.clone() else {
            return Err("no token".into());
        };
        if first.reveal().starts_with("ag_") {
            first.reveal().clone_into(&mut self.known.token);
        } else if self.known.token.is_empty() {
            let person = self.client.speaking_as(&first).map_err(|e| e.to_string())?;
            let registration = Registration {
                hostname: host.to_owned(),
                version: Some(env!("CARGO_PKG_VERSION").to_owned()),
                capabilities: vec!["watchdog".into()],
                label: None,
                machine_id: probe.machine_id(),
                uid: Some(rustix::process::geteuid().as_raw()),
                instance: Some(format!(
                    "watchdog:{}",
                    crate::text::short_hash(&settings.state_dir.to_string_lossy())
                )),
            };
            let identity = person.register(&registration).map_err(|e| e.to_string())?;
            self.known.agent_id = identity.agent_id;
            self.known.token = identity.agent_token;
            self.save().map_err(|e| e.to_string())?;
        }
        self.client
            .speaking_as(&Secret::new(self.known.token.clone()))
            .map_err(|e| e.to_string())
    }

    fn trouble(&mut self, error: &Error, now: i64) -> String {
        match error {
            Error::Refused { status: 401, .. } => {
                // Revoked: the person's token gets a new one, once in a while.
                self.known.token.clear();
                self.known.not_before = now + 300;
            }
            // A first server has no such paths.
            Error::Refused {
                status: 404 | 405, ..
            } => self.known.not_before = now + STRANGER_S,
            Error::RetryAfter { after, .. } => {
                let asked = after.map_or(60, |a| a.as_secs().cast_signed());
                self.known.not_before = now + asked.clamp(1, STRANGER_S);
            }
            _ => {}
        }
        error.to_string()
    }
}

/// Sends items together; where one of them is refused, one by one, so that it stops no other.
fn send(client: &Client, host: &str, boot_id: &str, items: &[Item]) -> Result<(), Error> {
    const PATH: &str = "/api/watchdog/reports";
    if items.is_empty() {
        return Ok(());
    }
    match client.post_only(
        PATH,
        &Report {
            host,
            boot_id,
            items,
        },
    ) {
        Err(Error::Refused {
            status: 413 | 422, ..
        }) if items.len() > 1 => items
            .iter()
            .try_for_each(|item| send(client, host, boot_id, std::slice::from_ref(item))),
        Err(Error::Refused {
            status: 413 | 422, ..
        }) => Ok(()),
        other => other,
    }
}

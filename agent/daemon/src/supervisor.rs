//! The loop: waits for something to happen, lets [`crate::state::step`] say what follows, does it.

use crate::audit::Audit;
use crate::console::Console;
use crate::courier::{Call, Courier, Line, Session};
use crate::event::{Effect, Event, Now};
use crate::executor::Executor;
use crate::identity::{self, Identity};
use crate::journal::{Journal, Phase, Record};
use crate::machine::Machine;
use crate::mailbox::Mailbox;
use crate::notify::Notify;
use crate::settings::{Home, Settings, file_stem};
use crate::snapshot::Surroundings;
use crate::state::{Hold, State, step};
use crate::status::{self, Status};
use crate::{clock, fault, recover, rules};
use client::{Client, Heartbeat, Secret};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

/// Between two looks while something is going on.
const BUSY: Duration = Duration::from_secs(1);
/// And while nothing is.
const IDLE: Duration = Duration::from_secs(15);

/// Everything the loop holds.
pub struct Supervisor {
    pub(crate) settings: Settings,
    pub(crate) identity: Identity,
    pub(crate) state: State,
    pub(crate) journal: Journal,
    pub(crate) executor: Executor,
    pub(crate) machine: Machine,
    pub(crate) mailbox: Mailbox,
    pub(crate) line: Line,
    pub(crate) courier: Courier,
    pub(crate) console: Console,
    pub(crate) audit: Audit,
    pub(crate) notify: Notify,
    pub(crate) surroundings: BTreeMap<String, Surroundings>,
    /// Runs whose logs are sent.
    pub(crate) watching: BTreeSet<String>,
    pub(crate) shown: Status,
    pub(crate) beat_ms: u64,
    pub(crate) tidy_ms: u64,
    pub(crate) slept: Duration,
    pub(crate) files: [Option<SystemTime>; 2],
}

/// Why a daemon does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Nobody logged in, or the file was not kept closed.
    #[error(transparent)]
    Identity(#[from] identity::IdentityError),
    /// The rules mean nothing.
    #[error(transparent)]
    Rules(#[from] rules::RulesError),
    /// The journal cannot be read.
    #[error(transparent)]
    Journal(#[from] crate::journal::JournalError),
    /// The server's address, certificates or proxy.
    #[error(transparent)]
    Setup(#[from] client::SetupError),
    /// The host has no descriptors or threads left.
    #[error("this host is out of resources: {0}")]
    Resources(#[from] std::io::Error),
}

/// A session with the server an identity names.
///
/// # Errors
/// When its address, certificates or proxy cannot be used.
pub fn session(settings: &Settings, identity: &Identity) -> Result<Session, client::SetupError> {
    let address = client::Address::parse(&identity.server)?;
    let made = client::Settings::new(address, crate::USER_AGENT)
        .through(|name| settings.var(name))
        .with_token(Secret::new(identity.agent_token.clone()));
    Ok(Session {
        client: Client::new(&made)?,
        agent_id: identity.agent_id.clone(),
    })
}

impl Supervisor {
    /// Gets everything ready and takes over what an earlier daemon left.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start(settings: Settings) -> Result<Self, StartError> {
        let identity = identity::load(&settings.home.token())?;
        let policies = rules::load(&settings)?;
        let machine = Machine::new(&settings.proc);
        let now = clock::now();
        let (journal, records) = Journal::open(&settings.home.journal(), now.unix_s)?;
        let mailbox = Mailbox::new()?;
        let line = Line::new(session(&settings, &identity)?);
        let courier = Courier::start(line.clone(), mailbox.post())?;
        let console = Console::start(line.clone(), courier.clone(), mailbox.post())?;
        let poll = Duration::from_secs(identity.poll_interval_s.clamp(1, 60));
        let mut supervisor = Self {
            state: State::new(policies, machine.boot_id(), poll),
            executor: Executor::new(machine.clone(), &settings.proc, settings.home.folder()),
            audit: Audit::new(settings.home.audit()),
            notify: Notify::new(settings.var("NOTIFY_SOCKET").as_deref()),
            surroundings: BTreeMap::new(),
            watching: BTreeSet::new(),
            shown: Status::default(),
            beat_ms: 0,
            tidy_ms: 0,
            slept: clock::slept(),
            files: watched(&settings.home),
            settings,
            identity,
            journal,
            machine,
            mailbox,
            line,
            courier,
            console,
        };
        supervisor.take_over(records, now);
        Ok(supervisor)
    }

    fn take_over(&mut self, records: Vec<Record>, now: Now) {
        let mut there = Vec::new();
        for record in &records {
            let open = matches!(record.phase, Phase::Spawned | Phase::Acked);
            if let Some(process) = record.process.as_ref().filter(|_| open)
                && self.executor.adopt(&record.cmd, process)
            {
                there.push(process.clone());
            }
        }
        let effects = recover::recover(&mut self.state, records, |p| there.contains(p), now);
        self.perform(effects, now);
        let first = Effect::Poll {
            after: Duration::ZERO,
            wait_s: 0,
        };
        self.perform(vec![first], now);
    }

    /// Runs until it is told to end.
    pub fn run(mut self) {
        self.notify.say("READY=1");
        loop {
            let limit = if self.state.is_busy() { BUSY } else { IDLE };
            let fds = self.executor.adopted().map(|(_, fd)| fd);
            let signals = self.mailbox.wait(fds, limit);
            let now = clock::now();
            if signals.child || self.state.is_busy() {
                for (cmd, end) in self.executor.reap(signals.child) {
                    fault::point("ended");
                    self.handle(Event::Ended(cmd, end), now);
                }
            }
            while let Some(event) = self.mailbox.next() {
                if self.handle(event, now) {
                    return;
                }
            }
            self.reload(signals.reload, now);
            if signals.end && self.handle(Event::Shutdown, now) {
                return;
            }
            self.look_for_answers(now);
            self.handle(Event::Tick, now);
            self.tell(now);
            self.notify.say("WATCHDOG=1");
        }
    }

    /// Tells whether the daemon is to end.
    pub(crate) fn handle(&mut self, event: Event, now: Now) -> bool {
        let effects = step(&mut self.state, event, now);
        self.perform(effects, now)
    }

    /// Adopted runs get their tokens late; then their logs are sent as well.
    fn adopted_tokens(&mut self) {
        let late: Vec<String> = self
            .executor
            .adopted()
            .map(|(cmd, _)| cmd.to_owned())
            .filter(|cmd| self.state.runs.get(cmd).is_some_and(|r| r.token.is_some()))
            .filter(|cmd| !self.watching.contains(cmd))
            .collect();
        for cmd in late {
            self.watch(&cmd);
        }
    }

    fn look_for_answers(&mut self, now: Now) {
        let waiting: Vec<String> = self
            .state
            .runs
            .values()
            .filter(|r| r.hold == Hold::Approval)
            .map(|r| r.record.cmd.clone())
            .collect();
        for cmd in waiting {
            let path = self.settings.home.approvals().join(file_stem(&cmd));
            let Ok(answer) = std::fs::read_to_string(&path) else {
                continue;
            };
            let _ = std::fs::remove_file(&path);
            self.handle(Event::Answered(cmd, answer.trim() == "allow"), now);
        }
    }

    /// Takes in a new token or new rules.
    fn reload(&mut self, asked: bool, now: Now) {
        let slept = clock::slept();
        if slept > self.slept + Duration::from_secs(5) {
            self.slept = slept;
            self.handle(Event::Woke, now);
        }
        let files = watched(&self.settings.home);
        if files == self.files && !asked {
            return;
        }
        self.files = files;
        let renewed = identity::load(&self.settings.home.token())
            .map_err(StartError::from)
            .and_then(|identity| Ok((session(&self.settings, &identity)?, identity)))
            .and_then(|found| Ok((found, rules::load(&self.settings)?)));
        match renewed {
            Ok(((session, identity), policies)) => {
                self.line.replace(session);
                self.identity = identity;
                self.state.policies = policies;
                crate::say("token and policy were read again");
                self.handle(Event::Reloaded, now);
            }
            Err(error) => crate::say(&format!("warning: going on as before: {error}")),
        }
    }

    /// Gives logs of runs that ended long ago back to the disk.
    fn tidy(&mut self, now: Now) {
        if now.mono_ms < self.tidy_ms {
            return;
        }
        self.tidy_ms = now.mono_ms + 3_600_000;
        let days = self.state.policies.iter().map(|p| p.limits.log_days).min();
        let open = self
            .state
            .runs
            .values()
            .filter(|r| r.record.phase != Phase::Done);
        let kept: Vec<PathBuf> = open
            .map(|r| self.settings.home.log(&r.record.cmd))
            .collect();
        let age = Duration::from_secs(days.unwrap_or(14) * 24 * 3600);
        crate::logs::tidy(&self.settings.home.runs(), age, &kept);
    }

    /// Tells `status` and the server how things are.
    fn tell(&mut self, now: Now) {
        self.tidy(now);
        self.adopted_tokens();
        let (standing, well) = status::standing(&self.state.standing);
        let shown = Status {
            pid: std::process::id(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            server: self.identity.server.clone(),
            agent_id: self.identity.agent_id.clone(),
            hostname: self.identity.hostname.clone(),
            standing,
            well,
            journal_well: self.state.journal_well,
            cgroups: self.executor.has_cgroups(),
            runs: status::shown(&self.state),
        };
        let changed = shown != self.shown;
        let moved = shown.runs != self.shown.runs;
        if changed {
            status::store(&self.settings.home.status(), &shown);
            self.shown = shown;
        }
        let due = now.mono_ms >= self.beat_ms;
        if (due || moved) && well {
            let every = self.identity.heartbeat_interval_s.clamp(5, 300);
            self.beat_ms = now.mono_ms + every * 1000;
            self.courier.call(Call::Beat(Heartbeat {
                version: Some(env!("CARGO_PKG_VERSION").to_owned()),
                policy: status::policy_note(&self.state),
                runs: Some(status::notes(&self.shown.runs)),
            }));
        }
    }
}

fn watched(home: &Home) -> [Option<SystemTime>; 2] {
    let changed = |path: PathBuf| identity::changed(&path);
    [changed(home.token()), changed(home.policy())]
}

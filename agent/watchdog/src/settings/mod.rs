//! What the watchdog is told: a TOML file below, the environment above, checked as a whole.
//!
//! Every value has a default and a unit; an unknown key is an error, because a misspelt limit
//! would otherwise silently be no limit. The commented file `watchdog.default.toml` is the manual.

mod environment;
mod sections;

pub use environment::Environment;
pub use sections::{
    Approval, Approvals, Beads, Check, Clean, Disk, Gpu, Kill, Limits, Memory, Model, Observations,
    Orphans, Patterns, Pressure, Provider, Recovery, Relay, Restart, Route, Server, Services,
    Telegram, Tmux,
};

use crate::plan::ActionKind;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// The commented file of all settings, every value at its default.
pub const DEFAULT_FILE: &str = include_str!("../../watchdog.default.toml");
/// Where the file is looked for when none is named.
pub const USUAL_FILE: &str = "/etc/argus/watchdog.toml";

/// A setting that cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {problem}")]
pub struct Invalid {
    /// Variable or key, as the person wrote it.
    pub name: String,
    /// What is wrong and what would be right.
    pub problem: String,
}

impl Invalid {
    /// An error about `name`.
    pub fn new(name: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            problem: problem.into(),
        }
    }
}

/// All settings.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Seconds from the begin of one cycle to the begin of the next; 0 in the file means 300.
    pub interval: u64,
    /// Folder of all state; empty: see [`Settings::load`].
    pub state_dir: PathBuf,
    /// Name of this host in records; empty: what the kernel says.
    pub host: String,
    /// `true`: never act; `false`: act; unset: only look for the first `trial_hours`.
    pub dry_run: Option<bool>,
    /// Hours after installation during which nothing is done unless `dry_run = false`.
    pub trial_hours: Option<u64>,
    /// Where records lie, when not in the state folder.
    pub files: Files,
    /// Who must agree to an action.
    pub approval: Approvals,
    /// How often actions may happen.
    pub limits: Limits,
    /// Units and checks.
    pub services: Services,
    /// Backoff of restarts.
    pub restart: Restart,
    /// Which processes may be ended.
    pub kill: Kill,
    /// Deterministic end of left-over test runs.
    pub orphans: Orphans,
    /// tmux servers that are looked at.
    pub tmux: Tmux,
    /// When a disk is too full.
    pub disk: Disk,
    /// What may be removed.
    pub clean: Clean,
    /// When memory and swap are too full.
    pub memory: Memory,
    /// When waiting for resources is too long.
    pub pressure: Pressure,
    /// When a GPU is in trouble.
    pub gpu: Gpu,
    /// Recovery checks.
    pub recovery: Recovery,
    /// The model that may propose.
    pub model: Model,
    /// Which channel gets which severity.
    pub route: Route,
    /// Alerts by Telegram.
    pub telegram: Telegram,
    /// The Argus server.
    pub server: Server,
    /// Problem events for Relay.
    pub relay: Relay,
    /// Issues for people.
    pub beads: Beads,
    /// Pattern analysis.
    pub patterns: Patterns,
    /// Observations that repeat.
    pub observations: Observations,
}

/// Paths of single files; empty: in the state folder.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Files {
    /// Problem registry.
    pub problems: PathBuf,
    /// Alert deduplication.
    pub dedup: PathBuf,
    /// Restart backoff.
    pub restart_backoff: PathBuf,
    /// Observations.
    pub observations: PathBuf,
    /// Orphan sightings.
    pub orphans: PathBuf,
    /// Folder of the newest notes that are listed for the model.
    pub memory_dir: PathBuf,
}

impl Settings {
    /// Reads `file` (or the usual one, if it is there), lays the environment over it and checks
    /// everything. The state folder is `ARGUS_STATE_DIR`, else the file's, else systemd's, else
    /// `/var/lib/argus-watchdog` for root and `~/.local/state/argus-watchdog` for others.
    pub fn load(file: Option<&Path>, environment: &Environment) -> Result<Self, Invalid> {
        let usual = Path::new(USUAL_FILE);
        let text = match file {
            Some(file) => std::fs::read_to_string(file)
                .map_err(|e| Invalid::new(file.display().to_string(), e.to_string()))?,
            None if usual.exists() => std::fs::read_to_string(usual)
                .map_err(|e| Invalid::new(USUAL_FILE, e.to_string()))?,
            None => String::new(),
        };
        Self::from_text(&text, environment)
    }

    /// The same from the text of a file.
    pub fn from_text(text: &str, environment: &Environment) -> Result<Self, Invalid> {
        let mut settings: Self = toml::from_str(text)
            .map_err(|e| Invalid::new("settings file", e.to_string().trim().to_owned()))?;
        settings.overlay(environment)?;
        settings.complete(environment);
        settings.check()?;
        Ok(settings)
    }

    /// Who must agree to `action`.
    #[must_use]
    pub fn approval_of(&self, action: ActionKind) -> Approval {
        match action {
            ActionKind::RestartService => self.approval.restart_service,
            ActionKind::KillPid => self.approval.kill_pid,
            ActionKind::KillTmux => self.approval.kill_tmux,
            ActionKind::CleanDisk => self.approval.clean_disk,
            ActionKind::Alert | ActionKind::Log => Approval::Auto,
        }
    }

    /// A file in the state folder.
    #[must_use]
    pub fn state_file(&self, name: &str) -> PathBuf {
        self.state_dir.join(name)
    }

    fn complete(&mut self, environment: &Environment) {
        if self.interval == 0 {
            self.interval = 300;
        }
        if self.state_dir.as_os_str().is_empty() {
            self.state_dir = environment.usual_state_dir();
        }
        self.state_dir = environment.expand(&self.state_dir);
        self.place_files(environment);
        self.clean.roots = self
            .clean
            .roots
            .iter()
            .map(|r| environment.expand(r))
            .collect();
        self.tmux.sockets.extend(environment.tmux_sockets());
        self.tmux.sockets.sort();
        self.tmux.sockets.dedup();
    }

    /// Where each file is that the settings leave out.
    fn place_files(&mut self, environment: &Environment) {
        let home = environment.home();
        // Where the first watchdog of this host kept its files they stay.
        let old = home.join("athena/state");
        let in_state = |name: &str| self.state_dir.join(name);
        let kept = |path: &Path, name: &str| {
            let old = old.join(path);
            let there = old.parent().is_some_and(Path::is_dir);
            if there { old } else { in_state(name) }
        };
        let pick = |set: &Path, usual: PathBuf| {
            if set.as_os_str().is_empty() {
                usual
            } else {
                environment.expand(set)
            }
        };
        let files = &self.files;
        self.files = Files {
            problems: pick(&files.problems, in_state("problems.jsonl")),
            dedup: pick(&files.dedup, in_state("dedup.json")),
            restart_backoff: pick(&files.restart_backoff, in_state("restart-backoff.json")),
            observations: pick(
                &files.observations,
                kept(Path::new("argus/observations.md"), "observations.md"),
            ),
            orphans: pick(
                &files.orphans,
                kept(Path::new("argus-orphans.json"), "argus-orphans.json"),
            ),
            memory_dir: pick(&files.memory_dir, home.join(".openclaw-athena/memory")),
        };
        self.relay.fallback_file = pick(
            &self.relay.fallback_file,
            kept(
                Path::new("argus/relay-fallback.jsonl"),
                "relay-fallback.jsonl",
            ),
        );
        self.patterns.output_file = pick(
            &self.patterns.output_file,
            in_state("pattern-analysis.json"),
        );
        self.patterns.log_file = pick(&self.patterns.log_file, in_state("patterns.jsonl"));
        self.patterns.detect_state_file = pick(
            &self.patterns.detect_state_file,
            in_state("pattern-detect-state.json"),
        );
        self.patterns.summary_fallback_file = pick(
            &self.patterns.summary_fallback_file,
            in_state("relay-summary-fallback.jsonl"),
        );
        self.server.agent_journal = pick(
            &self.server.agent_journal,
            home.join(".argus-agent/journal.jsonl"),
        );
        self.relay.bin = pick(&self.relay.bin, home.join("go/bin/relay"));
        self.beads.workdir = pick(&self.beads.workdir, home.join("athena/workspace"));
    }
}

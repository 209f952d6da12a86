//! The groups of settings and their defaults.

use serde::Deserialize;
use std::path::PathBuf;

/// Makes a group whose defaults stand beside its keys.
macro_rules! section {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $key:ident: $kind:ty = $default:expr,)* }) => {
        $(#[$about])*
        #[derive(Clone, Debug, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name { $($(#[$doc])* pub $key: $kind,)* }
        impl Default for $name {
            fn default() -> Self { Self { $($key: $default,)* } }
        }
    };
}

/// Who must agree before an action happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Approval {
    /// Nobody.
    Auto,
    /// A person, to exactly this action.
    Ask,
    /// It never happens.
    Never,
}

section! {
    /// Approval for each action that changes the host.
    Approvals {
        /// Restarts of listed units.
        restart_service: Approval = Approval::Auto,
        /// Ends of processes.
        kill_pid: Approval = Approval::Auto,
        /// Ends of tmux sessions.
        kill_tmux: Approval = Approval::Ask,
        /// Removal of old files.
        clean_disk: Approval = Approval::Auto,
        /// Seconds a question stays open.
        expires: u64 = 3600,
        /// Whether an answer given on the Argus server counts.
        from_server: bool = true,
    }
}
section! {
    /// Most actions in any hour.
    Limits {
        /// Restarts.
        restart_service: u32 = 6,
        /// Ends of processes.
        kill_pid: u32 = 6,
        /// Ends of tmux sessions.
        kill_tmux: u32 = 3,
        /// Cleanings.
        clean_disk: u32 = 2,
        /// Alerts.
        alert: u32 = 30,
        /// Observations.
        log: u32 = 60,
        /// Everything that changes the host, together.
        together: u32 = 10,
        /// Seconds between two identical alerts.
        dedup_window: u64 = 3600,
        /// Seconds after which a forgotten alert's key is dropped.
        dedup_retention: u64 = 86_400,
    }
}
section! {
    /// Units that may be restarted and checks that tell whether something is well.
    Services {
        /// Exact names, ending in `.service`, that may be restarted. Nothing else may.
        units: Vec<String> = Vec::new(),
        /// Checks.
        check: Vec<Check> = Vec::new(),
        /// Socket of systemd's bus; empty: the system's.
        bus: PathBuf = PathBuf::new(),
        /// Seconds a restart may take.
        restart_timeout: u64 = 60,
    }
}
section! {
    /// One check of a service.
    Check {
        /// Name in records.
        name: String = String::new(),
        /// Address that must answer with a status below 500.
        url: Option<String> = None,
        /// `host:port` that must accept a connection.
        tcp: Option<String> = None,
        /// Unit to restart when the check fails; must be among the units.
        unit: Option<String> = None,
        /// Seconds until no answer is a failure.
        timeout: u64 = 5,
    }
}
section! {
    /// Backoff of restarts.
    Restart {
        /// Seconds between the first and the second attempt.
        second_delay: u64 = 60,
        /// Seconds between the second and the third.
        third_delay: u64 = 300,
        /// Seconds without restarts after the third failed.
        cooldown: u64 = 3600,
        /// Seconds after which failed attempts are forgotten.
        decay: u64 = 86_400,
    }
}
section! {
    /// Which processes may be ended; everything else never is.
    Kill {
        /// Names or full paths of programs, compared with the program's file, not with what a
        /// process calls itself.
        programs: Vec<String> = vec!["node".into(), "claude".into(), "codex".into()],
        /// Further users whose processes may be ended; this user's always may.
        users: Vec<u32> = Vec::new(),
        /// Seconds a process must have lived.
        min_age: u64 = 600,
        /// Seconds between asking a process to end and ending it.
        grace: u64 = 5,
    }
}
section! {
    /// Left-over `node --test` runs.
    Orphans {
        /// Whether they are looked for.
        enabled: bool = true,
        /// Sightings of the same process in a row until it is ended.
        sightings: u32 = 3,
        /// Seconds it must have lived.
        min_age: u64 = 300,
    }
}
section! {
    /// tmux servers.
    Tmux {
        /// Their sockets, besides this user's own.
        sockets: Vec<PathBuf> = vec!["/tmp/openclaw-coding-agents.sock".into()],
        /// Sessions that are never ended, by exact name.
        keep: Vec<String> = Vec::new(),
    }
}
section! {
    /// When a disk is too full, in percent of space or inodes.
    Disk {
        /// Warning from here.
        warn: f64 = 85.0,
        /// Critical from here.
        critical: f64 = 92.0,
        /// Well again this far below.
        margin: f64 = 3.0,
        /// Mounts that are not looked at.
        ignore: Vec<PathBuf> = Vec::new(),
        /// Whether network shares are looked at.
        remote: bool = false,
    }
}
section! {
    /// What may be removed from a full disk.
    Clean {
        /// Folders; only below them anything is removed.
        roots: Vec<PathBuf> = ["/tmp", "/var/tmp", "~/.cache/pip", "~/.cache/npm", "~/.cache/yarn", "~/.cache/go-build"]
            .iter().map(PathBuf::from).collect(),
        /// Folders in which rotated logs (`*.log.<digit>.gz`) are removed.
        archives: Vec<PathBuf> = vec!["/var/log".into()],
        /// Days since a file was last read, written or changed.
        max_age_days: u64 = 7,
        /// Whether cleaning only counts.
        dry_run: bool = false,
        /// Most files removed at once.
        max_entries: u64 = 100_000,
        /// Most bytes removed at once.
        max_bytes: u64 = 200 * 1024 * 1024 * 1024,
        /// Seconds one cleaning may take.
        max_seconds: u64 = 60,
    }
}
section! {
    /// When memory and swap are too full, in percent.
    Memory {
        /// Warning from here.
        warn: f64 = 85.0,
        /// Critical from here.
        critical: f64 = 90.0,
        /// Well again this far below.
        margin: f64 = 5.0,
        /// Swap: warning from here.
        swap_warn: f64 = 50.0,
        /// Swap: critical from here.
        swap_critical: f64 = 90.0,
    }
}
section! {
    /// When tasks wait too long: share of the last minute, in percent.
    Pressure {
        /// Memory: all tasks waited.
        memory: f64 = 10.0,
        /// Disks: all tasks waited.
        io: f64 = 40.0,
        /// Processor: some task waited.
        cpu: f64 = 80.0,
        /// Load per processor that is noted.
        load: f64 = 2.0,
    }
}
section! {
    /// When a GPU is in trouble.
    Gpu {
        /// Degrees Celsius: warning from here.
        warn_c: u32 = 87,
        /// Degrees Celsius: critical from here.
        critical_c: u32 = 93,
    }
}
section! {
    /// What follows an action.
    Recovery {
        /// Seconds until the trouble must be gone.
        after: u64 = 60,
    }
}

/// Who is asked for a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// The Anthropic Messages API.
    Anthropic,
    /// An endpoint that speaks the OpenAI chat protocol.
    Openai,
    /// Nobody.
    None,
}

section! {
    /// The model that may propose.
    Model {
        /// Who is asked. Without a key nobody is.
        provider: Provider = Provider::Anthropic,
        /// Name of the model; empty: a small fast one.
        model: String = String::new(),
        /// Address; empty: the provider's own.
        base_url: String = String::new(),
        /// File that holds the key.
        key_file: PathBuf = PathBuf::new(),
        /// File that replaces the built-in instructions.
        prompt_file: PathBuf = PathBuf::new(),
        /// Also asked every so many cycles when all is well; 0: never.
        every_cycles: u64 = 0,
        /// Most questions in one UTC day.
        daily_calls: u32 = 100,
        /// Most tokens, in and out, in one UTC day.
        daily_tokens: u64 = 500_000,
        /// Seconds one question may take.
        timeout: u64 = 60,
        /// Failures in a row after which it is left alone for a while.
        breaker: u32 = 3,
        /// Seconds it is left alone.
        breaker_pause: u64 = 1800,
        /// The key itself; from the environment or a credential only.
        #[serde(skip)]
        key: Option<client::Secret> = None,
    }
}
section! {
    /// Channels for alerts of each severity: `telegram`, `server`, `relay`, `journal`.
    Route {
        /// Somebody should look now.
        critical: Vec<String> = vec!["telegram".into(), "server".into(), "relay".into(), "journal".into()],
        /// Somebody should look today.
        warning: Vec<String> = vec!["telegram".into(), "server".into(), "relay".into(), "journal".into()],
        /// Good to know.
        info: Vec<String> = vec!["server".into(), "journal".into()],
    }
}
section! {
    /// Alerts by Telegram.
    Telegram {
        /// File that holds the bot's token.
        token_file: PathBuf = PathBuf::new(),
        /// Chat that gets them.
        chat_id: String = String::new(),
        /// Address of the Bot API.
        base_url: String = "https://api.telegram.org".into(),
        /// The token itself; from the environment or a credential only.
        #[serde(skip)]
        token: Option<client::Secret> = None,
    }
}
section! {
    /// The Argus server.
    Server {
        /// Its address; empty: none.
        url: String = String::new(),
        /// File that holds an agent's token (`ag_live_…`), or a person's (`em_live_…`) to register with.
        token_file: PathBuf = PathBuf::new(),
        /// The agent's journal, which says what runs here; empty: this user's own.
        agent_journal: PathBuf = PathBuf::new(),
        /// Bytes kept while it cannot be reached.
        spool_bytes: u64 = 16 * 1024 * 1024,
        /// The token itself; from the environment or a credential only.
        #[serde(skip)]
        token: Option<client::Secret> = None,
    }
}
section! {
    /// Problem events for Relay.
    Relay {
        /// Whether they are sent.
        enabled: bool = true,
        /// The program.
        bin: PathBuf = PathBuf::new(),
        /// Who gets them.
        to: String = "athena".into(),
        /// Who sends them.
        from: String = "argus".into(),
        /// Seconds one may take.
        timeout: u64 = 5,
        /// Where they wait while Relay cannot be reached.
        fallback_file: PathBuf = PathBuf::new(),
    }
}
section! {
    /// Issues for people, made with `bd` when it is installed.
    Beads {
        /// Folder `bd` runs in.
        workdir: PathBuf = PathBuf::new(),
        /// Priority, 0 to 4.
        priority: u8 = 2,
        /// Occurrences within the window from which on one is made.
        repeat_threshold: u32 = 3,
        /// The window, in seconds.
        repeat_window: u64 = 86_400,
    }
}
section! {
    /// Pattern analysis, statistics and the daily summary.
    Patterns {
        /// Days looked at by the analysis.
        window_days: u64 = 7,
        /// Days looked at by the statistics.
        stats_days: u64 = 7,
        /// Where the analysis goes.
        output_file: PathBuf = PathBuf::new(),
        /// Where reported patterns are listed.
        log_file: PathBuf = PathBuf::new(),
        /// What was reported last.
        detect_state_file: PathBuf = PathBuf::new(),
        /// Whether a summary is sent once a day.
        daily_summary: bool = true,
        /// Where summaries wait while Relay cannot be reached.
        summary_fallback_file: PathBuf = PathBuf::new(),
        /// Page people are pointed to.
        dashboard_url: String = String::new(),
    }
}
section! {
    /// Observations.
    Observations {
        /// Cycles in a row an observation repeats until it becomes an alert.
        escalate_after: u32 = 3,
    }
}

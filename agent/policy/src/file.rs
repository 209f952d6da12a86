//! `policy.toml`: what a host allows. Keys a file leaves out have the values of
//! `rules/default.toml`, which also documents them all.

use crate::Window;
use crate::examples::{self, Example};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

const DEFAULT: &str = include_str!("../rules/default.toml");

/// Whether somebody is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Approve {
    /// What the rules allow runs.
    Always,
    /// It waits for a word on the host.
    Ask,
    /// Nothing runs.
    Never,
}

impl Approve {
    /// The word in the file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Ask => "ask",
            Self::Never => "never",
        }
    }
}

/// What may run, and with what.
#[derive(Clone, Debug, PartialEq)]
pub struct RunRules {
    /// Folders; empty: those of the agent's user.
    pub cwd_roots: Vec<PathBuf>,
    /// Folder for runs that recorded none.
    pub default_cwd: Option<PathBuf>,
    /// Programs by name or path.
    pub programs: Vec<String>,
    /// Whether shells are programs like others.
    pub shell: bool,
    /// Whether code on the command line is.
    pub inline_code: bool,
    /// Modules from outside the run's folder.
    pub modules: Vec<String>,
    /// Whether values may be changed.
    pub overrides: bool,
    /// Which.
    pub override_keys: Vec<String>,
    /// Recorded variables given back.
    pub env: Vec<String>,
    /// Oldest request carried out.
    pub max_age_hours: u64,
}

/// How much at once, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// Runs; 0: any number.
    pub max_runs: usize,
    /// Runs on one GPU; 0: any number.
    pub max_runs_per_gpu: usize,
    /// When nothing begins.
    pub quiet_hours: Vec<String>,
    /// Between SIGTERM and SIGKILL.
    pub grace_seconds: u64,
    /// Largest log of a run.
    pub log_mb: u64,
    /// How long logs stay after a run.
    pub log_days: u64,
}

impl Limits {
    pub(crate) fn windows(&self) -> impl Iterator<Item = Window> {
        self.quiet_hours
            .iter()
            .filter_map(|text| Window::parse(text))
    }
}

/// Rules of one file.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// Whether somebody is asked.
    pub approve: Approve,
    /// Who may ask; empty: anybody.
    pub requesters: Vec<String>,
    /// What may run.
    pub run: RunRules,
    /// How much.
    pub limits: Limits,
}

/// Why a file is no policy.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// Not TOML, or a key that means nothing.
    #[error("{0}")]
    Form(String),
    /// A value that means nothing.
    #[error("`{0}` means nothing for {1}")]
    Value(String, &'static str),
    /// An example of the file does not hold.
    #[error("the example \"{about}\" should {wanted} but the rules {got}: {reason}")]
    Example {
        /// Its name.
        about: String,
        /// What it says.
        wanted: String,
        /// What the rules say.
        got: String,
        /// Why they do.
        reason: String,
    },
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct PolicyFile {
    approve: Option<Approve>,
    requesters: Option<Vec<String>>,
    run: RunFile,
    limits: LimitsFile,
    example: Vec<Example>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RunFile {
    cwd_roots: Option<Vec<String>>,
    default_cwd: Option<String>,
    programs: Option<Vec<String>>,
    shell: Option<bool>,
    inline_code: Option<bool>,
    modules: Option<Vec<String>>,
    overrides: Option<bool>,
    override_keys: Option<Vec<String>>,
    env: Option<Vec<String>>,
    max_age_hours: Option<u64>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct LimitsFile {
    max_runs: Option<usize>,
    max_runs_per_gpu: Option<usize>,
    quiet_hours: Option<Vec<String>>,
    grace_seconds: Option<u64>,
    log_mb: Option<u64>,
    log_days: Option<u64>,
}

impl Policy {
    /// Reads a file and tries its examples. `home` stands for a leading `~`.
    ///
    /// # Errors
    /// When it is malformed, or an example does not hold.
    pub fn parse(text: &str, home: &Path) -> Result<Self, PolicyError> {
        let file: PolicyFile = read(text)?;
        let examples = file.example.clone();
        let policy = over(Self::default(), file, home)?;
        examples::hold(&policy, &examples)?;
        Ok(policy)
    }

    /// The text of the default rules, for people to copy from.
    pub fn default_text() -> &'static str {
        DEFAULT
    }

    /// The rules in a few lines for people.
    pub fn summary(&self) -> Vec<String> {
        let list = |items: &[String]| items.join(", ");
        let roots: Vec<_> = self
            .run
            .cwd_roots
            .iter()
            .map(|p| p.display().to_string())
            .collect();
        let mut lines = vec![
            format!("approve: {}", self.approve.as_str()),
            match roots.is_empty() {
                true => "folders: those of the agent's user".to_owned(),
                false => format!("folders: {}", list(&roots)),
            },
            format!("programs: {}", list(&self.run.programs)),
            format!(
                "changed values: {}",
                if self.run.overrides {
                    "allowed"
                } else {
                    "refused"
                }
            ),
        ];
        if self.run.shell || self.run.inline_code {
            lines.push("shells or inline code are allowed".to_owned());
        }
        if self.limits.max_runs > 0 {
            lines.push(format!("at most {} runs at once", self.limits.max_runs));
        }
        if !self.limits.quiet_hours.is_empty() {
            lines.push(format!("quiet hours: {}", list(&self.limits.quiet_hours)));
        }
        lines
    }
}

impl Default for Policy {
    /// What holds without a file.
    fn default() -> Self {
        static POLICY: OnceLock<Policy> = OnceLock::new();
        POLICY.get_or_init(built_in).clone()
    }
}

fn built_in() -> Policy {
    let strictest = Policy {
        approve: Approve::Never,
        requesters: Vec::new(),
        run: RunRules {
            cwd_roots: Vec::new(),
            default_cwd: None,
            programs: Vec::new(),
            shell: false,
            inline_code: false,
            modules: Vec::new(),
            overrides: false,
            override_keys: Vec::new(),
            env: Vec::new(),
            max_age_hours: 0,
        },
        limits: Limits {
            max_runs: 1,
            max_runs_per_gpu: 1,
            quiet_hours: Vec::new(),
            grace_seconds: 30,
            log_mb: 16,
            log_days: 14,
        },
    };
    // A broken default would be a bug a test finds; on a host it may only make things stricter.
    read(DEFAULT)
        .and_then(|file| over(strictest.clone(), file, Path::new("/")))
        .unwrap_or(strictest)
}

fn read(text: &str) -> Result<PolicyFile, PolicyError> {
    toml::from_str(text).map_err(|e| PolicyError::Form(e.to_string()))
}

fn over(base: Policy, file: PolicyFile, home: &Path) -> Result<Policy, PolicyError> {
    let (run, limits) = (file.run, file.limits);
    let folder = |text: String| match text.strip_prefix("~/") {
        Some(rest) => Ok(home.join(rest)),
        None if text == "~" => Ok(home.to_owned()),
        None if text.starts_with('/') => Ok(PathBuf::from(text)),
        None => Err(PolicyError::Value(
            text,
            "a folder, which begins with / or ~/",
        )),
    };
    let cwd_roots = match run.cwd_roots {
        Some(roots) => roots.into_iter().map(folder).collect::<Result<_, _>>()?,
        None => base.run.cwd_roots,
    };
    let default_cwd = match run.default_cwd {
        Some(text) if text.is_empty() => None,
        Some(text) => Some(folder(text)?),
        None => base.run.default_cwd,
    };
    let quiet_hours = limits.quiet_hours.unwrap_or(base.limits.quiet_hours);
    if let Some(bad) = quiet_hours.iter().find(|t| Window::parse(t).is_none()) {
        return Err(PolicyError::Value(
            bad.clone(),
            "quiet_hours, e.g. \"22:00-07:00\"",
        ));
    }
    Ok(Policy {
        approve: file.approve.unwrap_or(base.approve),
        requesters: file.requesters.unwrap_or(base.requesters),
        run: RunRules {
            cwd_roots,
            default_cwd,
            programs: run.programs.unwrap_or(base.run.programs),
            shell: run.shell.unwrap_or(base.run.shell),
            inline_code: run.inline_code.unwrap_or(base.run.inline_code),
            modules: run.modules.unwrap_or(base.run.modules),
            overrides: run.overrides.unwrap_or(base.run.overrides),
            override_keys: run.override_keys.unwrap_or(base.run.override_keys),
            env: run.env.unwrap_or(base.run.env),
            max_age_hours: run.max_age_hours.unwrap_or(base.run.max_age_hours),
        },
        limits: Limits {
            max_runs: limits.max_runs.unwrap_or(base.limits.max_runs),
            max_runs_per_gpu: limits
                .max_runs_per_gpu
                .unwrap_or(base.limits.max_runs_per_gpu),
            quiet_hours,
            grace_seconds: limits.grace_seconds.unwrap_or(base.limits.grace_seconds),
            log_mb: limits.log_mb.unwrap_or(base.limits.log_mb).max(1),
            log_days: limits.log_days.unwrap_or(base.limits.log_days).max(1),
        },
    })
}

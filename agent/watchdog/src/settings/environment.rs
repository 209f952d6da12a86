//! The environment: the first watchdog's names, held to their ranges.

use super::{Invalid, Settings};
use client::Secret;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Variables of this process, or of a test.
#[derive(Clone, Debug, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// The variables this process was started with.
    #[must_use]
    pub fn of_process() -> Self {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self(std::env::vars_os().filter_map(text).collect())
    }

    /// Variables of a test.
    pub fn of<const N: usize>(pairs: [(&str, &str); N]) -> Self {
        Self(pairs.map(|(n, v)| (n.to_owned(), v.to_owned())).into())
    }

    /// A variable's value; an empty one counts as unset.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|v| !v.is_empty())
    }

    /// Home of this user.
    #[must_use]
    pub fn home(&self) -> PathBuf {
        self.get("HOME")
            .map_or_else(|| "/root".into(), PathBuf::from)
    }

    /// `~`, `$HOME` and `${HOME}` at the begin of a path replaced: systemd passes them on as they are.
    #[must_use]
    pub fn expand(&self, path: &Path) -> PathBuf {
        for start in ["~", "$HOME", "${HOME}"] {
            if let Ok(rest) = path.strip_prefix(start) {
                return self.home().join(rest);
            }
        }
        path.to_owned()
    }

    pub(super) fn usual_state_dir(&self) -> PathBuf {
        // systemd may name several folders, separated by colons.
        if let Some(given) = self.get("STATE_DIRECTORY") {
            return given.split(':').next().unwrap_or(given).into();
        }
        if rustix::process::geteuid().is_root() {
            return "/var/lib/argus-watchdog".into();
        }
        let base = self.get("XDG_STATE_HOME").map(PathBuf::from);
        base.unwrap_or_else(|| self.home().join(".local/state"))
            .join("argus-watchdog")
    }

    pub(super) fn tmux_sockets(&self) -> [PathBuf; 1] {
        let folder = self.get("TMUX_TMPDIR").unwrap_or("/tmp");
        let user = rustix::process::geteuid().as_raw();
        [Path::new(folder).join(format!("tmux-{user}/default"))]
    }

    /// A secret: from systemd's credentials, else from `file`, else from the variable.
    pub(super) fn secret(
        &self,
        credential: &str,
        file: &Path,
        variable: &str,
    ) -> Result<Option<Secret>, Invalid> {
        let from_file = |file: &Path, name: &str| {
            let text = std::fs::read_to_string(file)
                .map_err(|e| Invalid::new(name, format!("cannot read {}: {e}", file.display())))?;
            Ok(Some(Secret::new(text.trim())))
        };
        if let Some(folder) = self.get("CREDENTIALS_DIRECTORY") {
            let path = Path::new(folder).join(credential);
            // The service has an empty one in place of a file that is not there.
            let empty = std::fs::read(&path).is_ok_and(|text| text.trim_ascii().is_empty());
            if path.exists() && !empty {
                return from_file(&path, credential);
            }
        }
        if !file.as_os_str().is_empty() {
            return from_file(&self.expand(file), variable);
        }
        Ok(self.get(variable).map(|v| Secret::new(v.trim())))
    }

    fn whole(&self, name: &str, low: u64, high: u64, into: &mut u64) -> Result<(), Invalid> {
        let Some(text) = self.get(name) else {
            return Ok(());
        };
        if !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Invalid::new(
                name,
                format!("must be an integer (got '{text}')"),
            ));
        }
        // Leading zeros mean nothing here; what overflows is out of range.
        *into = text
            .parse()
            .ok()
            .filter(|n| (low..=high).contains(n))
            .ok_or_else(|| {
                Invalid::new(name, format!("out of range ({low}-{high}, got '{text}')"))
            })?;
        Ok(())
    }

    fn switch(&self, name: &str, into: &mut bool) -> Result<(), Invalid> {
        let Some(text) = self.get(name) else {
            return Ok(());
        };
        *into = match text.to_ascii_lowercase().as_str() {
            "1" | "true" | "yes" | "on" => true,
            "0" | "false" | "no" | "off" => false,
            _ => {
                return Err(Invalid::new(
                    name,
                    format!("must be true or false (got '{text}')"),
                ));
            }
        };
        Ok(())
    }

    fn path(&self, name: &str, into: &mut PathBuf) {
        if let Some(text) = self.get(name) {
            *into = text.into();
        }
    }

    fn text(&self, name: &str, into: &mut String) {
        if let Some(text) = self.get(name) {
            text.clone_into(into);
        }
    }
}

impl Settings {
    pub(super) fn overlay(&mut self, env: &Environment) -> Result<(), Invalid> {
        env.whole("ARGUS_INTERVAL", 10, 86_400, &mut self.interval)?;
        env.path("ARGUS_STATE_DIR", &mut self.state_dir);
        env.path("ARGUS_PROBLEMS_FILE", &mut self.files.problems);
        env.path("ARGUS_DEDUP_FILE", &mut self.files.dedup);
        env.path(
            "ARGUS_RESTART_BACKOFF_FILE",
            &mut self.files.restart_backoff,
        );
        env.path("ARGUS_OBSERVATIONS_FILE", &mut self.files.observations);
        env.path("ARGUS_ORPHAN_STATE", &mut self.files.orphans);
        env.path("ARGUS_MEMORY_DIR", &mut self.files.memory_dir);
        let limits = &mut self.limits;
        env.whole("ARGUS_DEDUP_WINDOW", 60, 86_400, &mut limits.dedup_window)?;
        env.whole(
            "ARGUS_DEDUP_RETENTION_SECONDS",
            60,
            604_800,
            &mut limits.dedup_retention,
        )?;
        let restart = &mut self.restart;
        env.whole(
            "ARGUS_RESTART_BACKOFF_SECOND_DELAY",
            1,
            3600,
            &mut restart.second_delay,
        )?;
        env.whole(
            "ARGUS_RESTART_BACKOFF_THIRD_DELAY",
            1,
            86_400,
            &mut restart.third_delay,
        )?;
        env.whole(
            "ARGUS_RESTART_COOLDOWN_SECONDS",
            1,
            86_400,
            &mut restart.cooldown,
        )?;
        env.whole(
            "ARGUS_DISK_CLEAN_MAX_AGE_DAYS",
            1,
            365,
            &mut self.clean.max_age_days,
        )?;
        env.switch("ARGUS_DISK_CLEAN_DRY_RUN", &mut self.clean.dry_run)?;
        self.overlay_partners(env)?;
        self.overlay_secrets(env)
    }

    fn overlay_partners(&mut self, env: &Environment) -> Result<(), Invalid> {
        let beads = &mut self.beads;
        env.path("ARGUS_BEADS_WORKDIR", &mut beads.workdir);
        let mut priority = u64::from(beads.priority);
        env.whole("ARGUS_BEAD_PRIORITY", 0, 4, &mut priority)?;
        beads.priority = priority as u8;
        let mut threshold = u64::from(beads.repeat_threshold);
        env.whole("ARGUS_BEAD_REPEAT_THRESHOLD", 1, 100, &mut threshold)?;
        beads.repeat_threshold = threshold as u32;
        env.whole(
            "ARGUS_BEAD_REPEAT_WINDOW_SECONDS",
            60,
            604_800,
            &mut beads.repeat_window,
        )?;
        let relay = &mut self.relay;
        env.switch("ARGUS_RELAY_ENABLED", &mut relay.enabled)?;
        env.path("ARGUS_RELAY_BIN", &mut relay.bin);
        env.text("ARGUS_RELAY_TO", &mut relay.to);
        env.text("ARGUS_RELAY_FROM", &mut relay.from);
        env.whole("ARGUS_RELAY_TIMEOUT", 1, 300, &mut relay.timeout)?;
        env.path("ARGUS_RELAY_FALLBACK_FILE", &mut relay.fallback_file);
        let patterns = &mut self.patterns;
        env.whole("ARGUS_STATS_WINDOW_DAYS", 1, 3650, &mut patterns.stats_days)?;
        env.whole(
            "ARGUS_PATTERN_WINDOW_DAYS",
            1,
            3650,
            &mut patterns.window_days,
        )?;
        env.path("ARGUS_PATTERN_OUTPUT_FILE", &mut patterns.output_file);
        env.path("ARGUS_PATTERN_LOG_FILE", &mut patterns.log_file);
        env.path(
            "ARGUS_PATTERN_DETECT_STATE_FILE",
            &mut patterns.detect_state_file,
        );
        env.switch("ARGUS_RELAY_SUMMARY_ENABLED", &mut patterns.daily_summary)?;
        env.path(
            "ARGUS_RELAY_SUMMARY_FALLBACK_FILE",
            &mut patterns.summary_fallback_file,
        );
        env.text("ARGUS_DASHBOARD_URL", &mut patterns.dashboard_url);
        Ok(())
    }

    fn overlay_secrets(&mut self, env: &Environment) -> Result<(), Invalid> {
        env.text("TELEGRAM_CHAT_ID", &mut self.telegram.chat_id);
        let telegram = &mut self.telegram;
        telegram.token =
            env.secret("telegram_token", &telegram.token_file, "TELEGRAM_BOT_TOKEN")?;
        env.text("ARGUS_URL", &mut self.server.url);
        let server = &mut self.server;
        server.token = env.secret("argus_token", &server.token_file, "ARGUS_TOKEN")?;
        let model = &mut self.model;
        let (credential, key, address) = match model.provider {
            super::Provider::Openai => ("openai_key", "OPENAI_API_KEY", "OPENAI_BASE_URL"),
            _ => ("anthropic_key", "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"),
        };
        env.text(address, &mut model.base_url);
        model.key = env.secret(credential, &model.key_file, key)?;
        Ok(())
    }

    pub(super) fn check(&self) -> Result<(), Invalid> {
        let range = |name: &str, value: u64, low: u64, high: u64| {
            if (low..=high).contains(&value) {
                return Ok(());
            }
            Err(Invalid::new(
                name,
                format!("out of range ({low}-{high}, got {value})"),
            ))
        };
        range("interval", self.interval, 10, 86_400)?;
        range("restart.second_delay", self.restart.second_delay, 1, 3600)?;
        range("restart.third_delay", self.restart.third_delay, 1, 86_400)?;
        range("restart.cooldown", self.restart.cooldown, 1, 86_400)?;
        range("limits.dedup_window", self.limits.dedup_window, 60, 86_400)?;
        range("clean.max_age_days", self.clean.max_age_days, 1, 365)?;
        range("kill.grace", self.kill.grace, 0, 60)?;
        range("model.timeout", self.model.timeout, 1, 300)?;
        range("beads.priority", self.beads.priority.into(), 0, 4)?;
        if self.limits.dedup_retention < self.limits.dedup_window {
            let about = "must not be shorter than the dedup window, or alerts repeat early";
            return Err(Invalid::new("ARGUS_DEDUP_RETENTION_SECONDS", about));
        }
        for (name, warn, critical) in [
            ("disk", self.disk.warn, self.disk.critical),
            ("memory", self.memory.warn, self.memory.critical),
            (
                "memory.swap",
                self.memory.swap_warn,
                self.memory.swap_critical,
            ),
        ] {
            if !(warn > 0.0 && warn <= critical && critical <= 100.0) {
                return Err(Invalid::new(name, "needs 0 < warn <= critical <= 100"));
            }
        }
        self.check_names()
    }

    fn check_names(&self) -> Result<(), Invalid> {
        for unit in &self.services.units {
            let plain = unit
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"@._:-\\".contains(&b));
            if !unit.ends_with(".service") || unit.len() > 255 || !plain {
                return Err(Invalid::new(
                    "services.units",
                    format!("`{unit}` is not the full name of a service, such as nginx.service"),
                ));
            }
        }
        for check in &self.services.check {
            let one = check.url.is_some() != check.tcp.is_some();
            let known = check
                .unit
                .as_ref()
                .is_none_or(|u| self.services.units.contains(u));
            if check.name.is_empty() || !one || !known {
                return Err(Invalid::new(
                    "services.check",
                    format!(
                        "`{}` needs a name, either url or tcp, and a unit out of services.units or none",
                        check.name
                    ),
                ));
            }
        }
        for root in self.clean.roots.iter().chain(&self.clean.archives) {
            // `/tmp` has one component after the root, so has `/`'s worst sibling; both ends matter.
            if !root.is_absolute()
                || root.components().count() < 2
                || root.components().any(|c| c.as_os_str() == "..")
            {
                return Err(Invalid::new(
                    "clean.roots",
                    format!("`{}` is not an absolute path below /", root.display()),
                ));
            }
        }
        let known = ["telegram", "server", "relay", "journal"];
        for name in self
            .route
            .critical
            .iter()
            .chain(&self.route.warning)
            .chain(&self.route.info)
        {
            if !known.contains(&name.as_str()) {
                return Err(Invalid::new(
                    "route",
                    format!("`{name}` is none of {}", known.join(", ")),
                ));
            }
        }
        for (name, address) in [
            ("ARGUS_URL", &self.server.url),
            ("model.base_url", &self.model.base_url),
            ("telegram.base_url", &self.telegram.base_url),
        ] {
            if !address.is_empty() {
                client::Address::parse(address).map_err(|e| Invalid::new(name, e.to_string()))?;
            }
        }
        Ok(())
    }
}

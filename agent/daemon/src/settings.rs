//! Where things are: variables, folders, files. The only place that reads the environment.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Folder of all state instead of `~/.argus-agent`.
pub const HOME: &str = "ARGUS_AGENT_HOME";
/// Stands for `/proc` in tests of restarts of the machine.
const PROC: &str = "ARGUS_AGENT_PROC";
/// Rules of the machine's administrator, besides the user's own.
const SYSTEM_POLICY: &str = "/etc/argus/agent-policy.toml";
/// Another place for them, e.g. of a test.
const SYSTEM_POLICY_VAR: &str = "ARGUS_AGENT_SYSTEM_POLICY";

/// What a process was started with.
#[derive(Clone, Debug)]
pub struct Settings {
    env: BTreeMap<String, String>,
    /// State of this instance.
    pub home: Home,
    /// Name of this instance; `default` when there is one only.
    pub instance: String,
    /// `/proc`.
    pub proc: PathBuf,
}

/// Folders and files of one instance.
#[derive(Clone, Debug)]
pub struct Home(PathBuf);

/// Why there is nowhere to keep state.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// No home folder.
    #[error("neither ARGUS_AGENT_HOME nor HOME says where to keep state")]
    Homeless,
    /// A name no folder could have.
    #[error("`{0}` is no name for an instance: letters, digits, `-` and `_`")]
    Instance(String),
}

impl Settings {
    /// Reads the environment of the process.
    ///
    /// # Errors
    /// When there is no home folder, or `instance` is no name.
    pub fn read(instance: Option<&str>) -> Result<Self, SettingsError> {
        let text = |(n, v): (std::ffi::OsString, std::ffi::OsString)| {
            Some((n.into_string().ok()?, v.into_string().ok()?))
        };
        Self::from_env(std::env::vars_os().filter_map(text).collect(), instance)
    }

    fn from_env(
        env: BTreeMap<String, String>,
        instance: Option<&str>,
    ) -> Result<Self, SettingsError> {
        let given = |name: &str| env.get(name).filter(|v| !v.is_empty());
        let root = match (given(HOME), given("HOME")) {
            (Some(home), _) => PathBuf::from(home),
            (None, Some(home)) => Path::new(home).join(".argus-agent"),
            (None, None) => return Err(SettingsError::Homeless),
        };
        let instance = instance.unwrap_or("default");
        let named = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if instance.is_empty() || instance.len() > 64 || !instance.chars().all(named) {
            return Err(SettingsError::Instance(instance.to_owned()));
        }
        let home = match instance {
            "default" => root,
            other => root.join("instances").join(other),
        };
        Ok(Self {
            home: Home(home),
            instance: instance.to_owned(),
            proc: given(PROC).map_or_else(|| "/proc".into(), PathBuf::from),
            env,
        })
    }

    /// One variable, if it is set to something.
    pub fn var(&self, name: &str) -> Option<String> {
        self.env.get(name).filter(|v| !v.is_empty()).cloned()
    }

    /// All variables, for what a run starts from.
    pub fn vars(&self) -> &BTreeMap<String, String> {
        &self.env
    }

    /// Folder of the user.
    pub fn user_home(&self) -> PathBuf {
        self.var("HOME").unwrap_or_else(|| "/".to_owned()).into()
    }

    /// Rules of the administrator.
    pub fn system_policy(&self) -> PathBuf {
        self.var(SYSTEM_POLICY_VAR)
            .unwrap_or_else(|| SYSTEM_POLICY.to_owned())
            .into()
    }
}

impl Home {
    /// The folder itself.
    pub fn folder(&self) -> &Path {
        &self.0
    }

    /// Identity and token.
    pub fn token(&self) -> PathBuf {
        self.0.join("token.json")
    }

    /// Rules.
    pub fn policy(&self) -> PathBuf {
        self.0.join("policy.toml")
    }

    /// What was done, for the daemon.
    pub fn journal(&self) -> PathBuf {
        self.0.join("journal.jsonl")
    }

    /// What was done, for people.
    pub fn audit(&self) -> PathBuf {
        self.0.join("audit.jsonl")
    }

    /// Held by the running daemon.
    pub fn lock(&self) -> PathBuf {
        self.0.join("lock")
    }

    /// What the daemon is doing, for `status`.
    pub fn status(&self) -> PathBuf {
        self.0.join("status.json")
    }

    /// Answers of `approve`.
    pub fn approvals(&self) -> PathBuf {
        self.0.join("approvals")
    }

    /// Logs of all runs.
    pub fn runs(&self) -> PathBuf {
        self.0.join("runs")
    }

    /// Log of a run.
    pub fn log(&self, command: &str) -> PathBuf {
        self.runs().join(format!("{}.log", file_stem(command)))
    }

    /// Makes the folders, closed to others.
    ///
    /// # Errors
    /// When the disk says no.
    pub fn create(&self) -> std::io::Result<()> {
        use std::os::unix::fs::DirBuilderExt;
        for folder in [self.0.clone(), self.0.join("runs"), self.approvals()] {
            std::fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(folder)?;
        }
        Ok(())
    }
}

/// A short name for a folder, so that two agents of one user cannot be taken for each other.
pub fn folder_mark(folder: &Path) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, folder.as_os_str().as_encoded_bytes());
    digest.as_ref()[..6]
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect()
}

/// A file name for an id of the server's, which may hold anything.
pub fn file_stem(id: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !id.is_empty() && id.len() <= 64 && id.chars().all(plain) && !id.starts_with('-') {
        return id.to_owned();
    }
    let digest = ring::digest::digest(&ring::digest::SHA256, id.as_bytes());
    let hex: String = digest.as_ref().iter().map(|b| format!("{b:02x}")).collect();
    format!("id-{}", &hex[..32])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_never_leave_the_folder() {
        assert_eq!(file_stem("0b5e-77"), "0b5e-77");
        for hostile in ["../../x", "", "a/b", ".", "a\0b", &"x".repeat(300), "-rf"] {
            let stem = file_stem(hostile);
            assert!(stem.starts_with("id-") && stem.len() == 35, "{stem}");
        }
        assert_ne!(file_stem("a/b"), file_stem("a/c"));
    }

    #[test]
    fn instances_have_folders_of_their_own() {
        let env = BTreeMap::from([("HOME".to_owned(), "/home/me".to_owned())]);
        let of = |name| Settings::from_env(env.clone(), name).map(|s| s.home.token());
        assert_eq!(
            of(None).unwrap(),
            Path::new("/home/me/.argus-agent/token.json")
        );
        assert_eq!(
            of(Some("b")).unwrap(),
            Path::new("/home/me/.argus-agent/instances/b/token.json")
        );
        assert!(of(Some("../b")).is_err());
        assert!(Settings::from_env(BTreeMap::new(), None).is_err());
    }
}

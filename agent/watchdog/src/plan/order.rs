//! A deed the policy has agreed to, named so exactly that it cannot become another one.

use super::{ActionKind, Origin};
use probe::Identity;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// An order. Made by the policy only.
#[derive(Clone, Debug, Serialize)]
pub struct Order {
    deed: Deed,
    reason: String,
    origin: Origin,
    incident: Option<String>,
}

/// What is to be done, and to whom exactly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum Deed {
    /// Restart this unit.
    RestartService {
        /// Its full name.
        unit: String,
    },
    /// End this process.
    KillPid {
        /// Who it is.
        identity: Identity,
        /// Boot its start time belongs to.
        boot_id: String,
    },
    /// End this session.
    KillTmux {
        /// Socket of its server.
        socket: PathBuf,
        /// Process of its server.
        server_pid: u32,
        /// Identity within the server.
        id: String,
        /// Its name.
        name: String,
        /// When it was made, seconds since 1970.
        created: i64,
    },
    /// Remove old files below the listed folders.
    CleanDisk {
        /// Disk that is too full; `None`: any.
        mount: Option<PathBuf>,
    },
    /// Tell people this.
    Alert {
        /// The text.
        text: String,
    },
    /// Note this.
    Log {
        /// The text.
        text: String,
    },
}

impl Deed {
    /// Which of the six it is.
    #[must_use]
    pub fn kind(&self) -> ActionKind {
        match self {
            Self::RestartService { .. } => ActionKind::RestartService,
            Self::KillPid { .. } => ActionKind::KillPid,
            Self::KillTmux { .. } => ActionKind::KillTmux,
            Self::CleanDisk { .. } => ActionKind::CleanDisk,
            Self::Alert { .. } => ActionKind::Alert,
            Self::Log { .. } => ActionKind::Log,
        }
    }

    /// The target in records: unit, process number, session, `safelist`.
    #[must_use]
    pub fn target(&self) -> String {
        match self {
            Self::RestartService { unit } => unit.clone(),
            Self::KillPid { identity, .. } => identity.pid.to_string(),
            Self::KillTmux { name, .. } => name.clone(),
            Self::CleanDisk { .. } => "safelist".into(),
            Self::Alert { .. } => "telegram".into(),
            Self::Log { .. } => "observation".into(),
        }
    }

    /// Names the deed for an approval: whoever agrees to it agrees to nothing else.
    #[must_use]
    pub fn digest(&self) -> String {
        let exact = serde_json::to_vec(self).unwrap_or_default();
        crate::text::hash(&exact)
    }
}

impl Order {
    pub(super) fn new(deed: Deed, reason: &str, origin: Origin, incident: Option<String>) -> Self {
        Self {
            deed,
            reason: crate::text::clean(reason, 500),
            origin,
            incident,
        }
    }

    /// What is to be done.
    #[must_use]
    pub fn deed(&self) -> &Deed {
        &self.deed
    }

    /// Why.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Who wanted it.
    #[must_use]
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// Trouble it should end.
    #[must_use]
    pub fn incident(&self) -> Option<&str> {
        self.incident.as_deref()
    }
}

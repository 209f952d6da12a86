//! A public link: whoever has its address may read one batch.

use crate::account::UserId;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A public link to a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicLink {
    /// Unguessable part of the address.
    pub slug: String,
    /// The batch it shows.
    pub batch_id: String,
    /// Who made it.
    pub created_by: UserId,
    /// When.
    pub created_at: Timestamp,
    /// When it ends; `None`: when somebody revokes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

impl PublicLink {
    /// Whether it still works.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|at| now < at)
    }
}

/// How often a link was followed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Views {
    /// Reads through it.
    pub count: u64,
    /// Server time of the last.
    pub last: Option<Timestamp>,
}

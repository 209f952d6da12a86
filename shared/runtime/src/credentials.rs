//! Who is calling: bearer texts turned into identities, with a short per-process cache.

use crate::config::Config;
use domain::access::Actor;
use domain::account::{TokenScope, User};
use domain::time::Timestamp;
use std::sync::Arc;
use store::{Store, StoreError};

/// The kind of proof a caller showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// A browser session.
    Session {
        /// Session id.
        jti: String,
        /// End of the session token.
        expires_at: Timestamp,
    },
    /// An API token.
    Token {
        /// Token id.
        id: u64,
        /// What it may do.
        scope: TokenScope,
    },
}

/// A caller whose proof held.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The person.
    pub user: Arc<User>,
    /// The proof.
    pub credential: Credential,
}

impl Identity {
    /// The caller as the access rules see it.
    pub fn actor(&self) -> Actor {
        Actor {
            user_id: self.user.id,
            is_admin: self.user.is_admin,
        }
    }
}

/// Why a bearer text was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// Unknown, expired, revoked, malformed, or its owner is inactive.
    #[error("credential refused")]
    Invalid,
    /// Could not be checked now.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Verifies credentials.
pub struct Credentials {}

impl Credentials {
    /// A verifier with an empty cache.
    pub fn new(_config: &Config) -> Self {
        Self {}
    }

    /// Turns a bearer text into an identity.
    pub async fn resolve(
        &self,
        _store: &Store,
        _now: Timestamp,
        _bearer: &str,
    ) -> Result<Identity, Refused> {
        Err(Refused::Invalid)
    }
}

//! Who is calling: bearer texts turned into identities, with a short per-process cache.
//!
//! Two caches with two purposes. *Identities* spare the table reads of a hot caller; they live
//! seconds, because that is how long a revocation may go unnoticed. *Proofs* spare the password
//! hash of an API token; they live longer, because the hash of a token never changes.

use crate::agents::AgentCredentials;
use crate::config::Config;
use crate::session_keys::SessionKeys;
use auth::run_token::{self, RunToken};
use auth::token;
use domain::access::Actor;
use domain::account::{ApiToken, TokenScope, User, UserId};
use domain::ids::event_fingerprint;
use domain::time::Timestamp;
use lru::LruCache;
use sha2::{Digest, Sha256};
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use store::{Store, StoreError};
use tokio::sync::Semaphore;

/// Identities kept.
const IDENTITIES: NonZeroUsize = NonZeroUsize::new(10_000).expect("not zero");
/// Verified tokens kept.
const PROOFS: NonZeroUsize = NonZeroUsize::new(10_000).expect("not zero");
/// Life of an identity where other processes may revoke it, milliseconds.
const FRESH_SHARED_MS: i64 = 2000;
/// Life of an identity where every revocation passes through this process, milliseconds.
const FRESH_EXCLUSIVE_MS: i64 = 30_000;
/// Hashes computed at the same time.
const HASHES: usize = 4;
/// "Last used" is written at most this often, seconds.
const TOUCH_SECS: f64 = 60.0;

/// SHA-256 of a bearer text.
pub(crate) type Fingerprint = [u8; 32];

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
    /// The token an agent gave the run it started.
    Run {
        /// The one batch it may report into.
        batch: String,
        /// When it ends.
        until: Timestamp,
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
        let only = match &self.credential {
            Credential::Run { batch, .. } => Some(event_fingerprint(batch)),
            Credential::Session { .. } | Credential::Token { .. } => None,
        };
        Actor {
            user_id: self.user.id,
            is_admin: self.user.is_admin && only.is_none(),
            only,
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
pub struct Credentials {
    /// Keys that sign and verify sessions.
    pub keys: SessionKeys,
    /// Agents and what they show.
    pub agents: AgentCredentials,
    run_secret: String,
    fresh_ms: i64,
    identities: Mutex<LruCache<Fingerprint, (Timestamp, Identity)>>,
    proofs: Mutex<LruCache<Fingerprint, u64>>,
    hashing: Semaphore,
}

impl Credentials {
    /// A verifier with empty caches.
    pub fn new(config: &Config) -> Self {
        let fresh_ms = match config.exclusive {
            true => FRESH_EXCLUSIVE_MS,
            false => FRESH_SHARED_MS,
        };
        Self {
            keys: SessionKeys::new(config),
            agents: AgentCredentials::new(fresh_ms),
            run_secret: config.jwt_secret.clone(),
            fresh_ms,
            identities: Mutex::new(LruCache::new(IDENTITIES)),
            proofs: Mutex::new(LruCache::new(PROOFS)),
            hashing: Semaphore::new(HASHES),
        }
    }

    /// Turns a bearer text into an identity.
    pub async fn resolve(
        &self,
        store: &Store,
        now: Timestamp,
        bearer: &str,
    ) -> Result<Identity, Refused> {
        let print: Fingerprint = Sha256::digest(bearer.as_bytes()).into();
        if let Some(known) = self.cached(&print, now) {
            return Ok(known);
        }
        let identity = match token::parse(bearer) {
            Some(parts) => self.by_token(store, now, bearer, &print, parts).await?,
            None if bearer.starts_with(run_token::PREFIX) => {
                self.by_run(store, now, bearer).await?
            }
            None => self.by_session(store, now, bearer).await?,
        };
        lock(&self.identities).put(print, (now, identity.clone()));
        Ok(identity)
    }

    fn cached(&self, print: &Fingerprint, now: Timestamp) -> Option<Identity> {
        let mut identities = lock(&self.identities);
        let (at, identity) = identities.get(print)?;
        let fresh = now.0 - at.0 < self.fresh_ms && now >= *at;
        let holds = match &identity.credential {
            Credential::Session { expires_at, .. } => *expires_at > now,
            Credential::Run { until, .. } => *until > now,
            Credential::Token { .. } => true,
        };
        (fresh && holds).then(|| identity.clone())
    }

    async fn by_session(
        &self,
        store: &Store,
        now: Timestamp,
        bearer: &str,
    ) -> Result<Identity, Refused> {
        let claims = self.keys.verify(store, now, bearer).await?;
        let claims = claims.ok_or(Refused::Invalid)?;
        // A session without a row is one whose row expired with it, or was made elsewhere with
        // our key: the signature is what counts.
        let row = store.session(claims.user_id, &claims.jti).await?;
        if row.as_ref().is_some_and(|row| row.revoked_at.is_some()) {
            return Err(Refused::Invalid);
        }
        let user = active_user(store, claims.user_id).await?;
        if row.as_ref().map_or(0, |row| row.epoch) != user.epoch {
            return Err(Refused::Invalid);
        }
        let stale = row.is_some_and(|row| {
            row.last_seen_at
                .is_none_or(|seen| now.secs_since(seen) >= TOUCH_SECS)
        });
        if stale {
            let (store, jti) = (store.clone(), claims.jti.clone());
            tokio::spawn(async move {
                let seen = |s: &mut domain::account::Session| s.last_seen_at = Some(now);
                if let Err(error) = store.update_session(claims.user_id, &jti, seen).await {
                    tracing::debug!(cause = %error, "session activity was not noted");
                }
            });
        }
        let expires_at = Timestamp(claims.exp * 1000);
        Ok(Identity {
            user,
            credential: Credential::Session {
                jti: claims.jti,
                expires_at,
            },
        })
    }

    /// A run's token holds while its person and the agent that started it are welcome.
    async fn by_run(
        &self,
        store: &Store,
        now: Timestamp,
        bearer: &str,
    ) -> Result<Identity, Refused> {
        let token = run_token::open(&self.run_secret, bearer, now).ok_or(Refused::Invalid)?;
        let (runner, agent) = &token.agent;
        if store.agent(*runner, agent).await?.is_none() {
            return Err(Refused::Invalid);
        }
        Ok(Identity {
            user: active_user(store, token.user).await?,
            credential: Credential::Run {
                batch: token.batch,
                until: token.until,
            },
        })
    }

    /// The token of a run.
    pub fn run_token(&self, token: &RunToken) -> String {
        run_token::format(&self.run_secret, token)
    }

    async fn by_token(
        &self,
        store: &Store,
        now: Timestamp,
        bearer: &str,
        print: &Fingerprint,
        parts: token::Parts<'_>,
    ) -> Result<Identity, Refused> {
        let scope = parts.scope;
        let token = store
            .token_by_lookup(parts.lookup)
            .await?
            .ok_or(Refused::Invalid)?;
        let ended = token.expires_at.is_some_and(|end| end <= now);
        if token.revoked
            || ended
            || token.scope != scope
            || !self.proven(bearer, print, &token).await
        {
            return Err(Refused::Invalid);
        }
        let user = active_user(store, token.user_id).await?;
        if token
            .last_used
            .is_none_or(|used| now.secs_since(used) >= TOUCH_SECS)
        {
            let store = store.clone();
            tokio::spawn(async move {
                if let Err(error) = store.touch_token(token.user_id, token.id, now).await {
                    tracing::debug!(cause = %error, "token use was not noted");
                }
            });
        }
        Ok(Identity {
            user,
            credential: Credential::Token {
                id: token.id,
                scope,
            },
        })
    }

    async fn proven(&self, bearer: &str, print: &Fingerprint, token: &ApiToken) -> bool {
        if lock(&self.proofs).get(print) == Some(&token.id) {
            return true;
        }
        let Ok(_permit) = self.hashing.acquire().await else {
            return false;
        };
        let (bearer, hash) = (bearer.to_owned(), token.hash.clone());
        let proven = tokio::task::spawn_blocking(move || token::verify(&bearer, &hash)).await;
        let proven = proven.unwrap_or(false);
        if proven {
            lock(&self.proofs).put(*print, token.id);
        }
        proven
    }

    /// Forgets what is cached of a user: after a revocation, ban or change of rights.
    pub fn forget_user(&self, id: UserId) {
        self.agents.forget_user(id);
        let mut identities = lock(&self.identities);
        let gone: Vec<Fingerprint> = identities
            .iter()
            .filter(|(_, (_, identity))| identity.user.id == id)
            .map(|(print, _)| *print)
            .collect();
        for print in gone {
            identities.pop(&print);
        }
    }
}

pub(crate) async fn active_user(store: &Store, id: UserId) -> Result<Arc<User>, Refused> {
    let user = store.user(id).await?.map(|found| found.value);
    user.filter(|user| user.is_active)
        .map(Arc::new)
        .ok_or(Refused::Invalid)
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

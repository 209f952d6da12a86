//! Which agent is calling: its token turned into the agent and its owner, cached for seconds.

use crate::credentials::{Fingerprint, active_user, lock};
use auth::token;
use domain::account::{User, UserId};
use domain::agent::Agent;
use domain::time::Timestamp;
use lru::LruCache;
use sha2::{Digest, Sha256};
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};
use store::{Store, StoreError};

/// Agents kept.
const KEPT: NonZeroUsize = NonZeroUsize::new(10_000).expect("not zero");
/// A sign of life is written at most this often, seconds.
const TOUCH_SECS: f64 = 25.0;

/// An agent whose token held.
#[derive(Clone, Debug)]
pub struct KnownAgent {
    /// The agent, seconds old.
    pub agent: Arc<Agent>,
    /// Its owner.
    pub user: Arc<User>,
}

/// Why an agent was not let in.
#[derive(Debug, thiserror::Error)]
pub enum AgentRefused {
    /// Not an agent's token at all.
    #[error("not an agent's token")]
    Shape,
    /// Unknown, replaced, withdrawn, expired, or its owner is.
    #[error("agent refused")]
    Unknown,
    /// Could not be checked now.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Verifies agents' tokens.
pub struct AgentCredentials {
    fresh_ms: i64,
    known: Mutex<LruCache<Fingerprint, (Timestamp, KnownAgent)>>,
}

impl AgentCredentials {
    pub(crate) fn new(fresh_ms: i64) -> Self {
        Self {
            fresh_ms,
            known: Mutex::new(LruCache::new(KEPT)),
        }
    }

    /// Turns an agent's token into the agent, and notes that it lives.
    pub async fn resolve(
        &self,
        store: &Store,
        now: Timestamp,
        bearer: &str,
    ) -> Result<KnownAgent, AgentRefused> {
        let lookup = token::parse_agent(bearer).ok_or(AgentRefused::Shape)?;
        let print: Fingerprint = Sha256::digest(bearer.as_bytes()).into();
        if let Some(known) = self.cached(&print, now) {
            return Ok(known);
        }
        let agent = store.agent_by_lookup(lookup).await?;
        let agent = agent.ok_or(AgentRefused::Unknown)?;
        let (text, hash) = (bearer.to_owned(), agent.hash.clone());
        let proven = tokio::task::spawn_blocking(move || token::verify(&text, &hash)).await;
        let ended = agent.expires_at.is_some_and(|end| end <= now);
        if ended || !proven.unwrap_or(false) || !parent_holds(store, &agent, now).await? {
            return Err(AgentRefused::Unknown);
        }
        let user = active_user(store, agent.user_id).await;
        let user = user.map_err(|refused| match refused {
            crate::Refused::Invalid => AgentRefused::Unknown,
            crate::Refused::Store(error) => AgentRefused::Store(error),
        })?;
        if now.secs_since(agent.last_seen) >= TOUCH_SECS {
            store.touch_agent(&agent, now).await?;
        }
        let known = KnownAgent {
            agent: Arc::new(agent),
            user,
        };
        lock(&self.known).put(print, (now, known.clone()));
        Ok(known)
    }

    fn cached(&self, print: &Fingerprint, now: Timestamp) -> Option<KnownAgent> {
        let mut known = lock(&self.known);
        let (at, found) = known.get(print)?;
        let fresh = now.0 - at.0 < self.fresh_ms && now >= *at;
        let ended = found.agent.expires_at.is_some_and(|end| end <= now);
        (fresh && !ended).then(|| found.clone())
    }

    /// Forgets what is cached of a user's agents.
    pub fn forget_user(&self, id: UserId) {
        let mut known = lock(&self.known);
        let gone: Vec<Fingerprint> = known
            .iter()
            .filter(|(_, (_, found))| found.agent.user_id == id)
            .map(|(print, _)| *print)
            .collect();
        for print in gone {
            known.pop(&print);
        }
    }
}

/// Whether the API token an agent was registered with still works.
async fn parent_holds(store: &Store, agent: &Agent, now: Timestamp) -> Result<bool, StoreError> {
    let Some(id) = agent.token_id else {
        return Ok(true);
    };
    let token = store.token(agent.user_id, id).await?;
    let holds = |end: Timestamp| end > now;
    Ok(token.is_some_and(|token| !token.revoked && token.expires_at.is_none_or(holds)))
}

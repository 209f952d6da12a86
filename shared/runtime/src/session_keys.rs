//! The keys that sign and verify sessions in this process, kept in step with the stored ones.
//!
//! A rotation reaches every instance within seconds: the stored row is read again when the last
//! look is older, and at once when a token names a key this process has not seen.

use crate::config::Config;
use crate::entropy;
use auth::seal::Seal;
use auth::secret;
use auth::session::{Claims, KeyRing, Secret, key_id};
use domain::time::Timestamp;
use std::sync::{Arc, PoisonError, RwLock};
use store::session_keys::{StoredKey, StoredKeys};
use store::table::Write;
use store::{Store, StoreError};

/// Seconds after which the stored keys are looked at again.
const LOOK_SECS: f64 = 3.0;
/// Seconds between rotations.
const COOL_DOWN_SECS: i64 = 60;
/// Seconds a key verifies after its successor came, at least.
const GRACE_SECS: i64 = 86_400;
/// Seconds another instance may go on signing with a key that was replaced.
const SLACK_SECS: i64 = 60;

/// What became of a wish to rotate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rotated {
    /// A new key signs since then.
    At(Timestamp),
    /// The last rotation is too recent: wait this many seconds.
    Wait(u64),
}

/// State of the keys, for administrators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Last rotation.
    pub rotated_at: Option<Timestamp>,
    /// End of the newest key that only verifies.
    pub previous_until: Option<Timestamp>,
}

/// Keys of sessions.
pub struct SessionKeys {
    configured: String,
    issuer: String,
    grace_secs: i64,
    seal: Seal,
    held: RwLock<Held>,
}

struct Held {
    ring: Arc<KeyRing>,
    looked: Timestamp,
}

impl SessionKeys {
    /// The configured key, until the stored ones are looked at.
    pub fn new(config: &Config) -> Self {
        let ring = KeyRing::new(&[Secret::lasting(&config.jwt_secret)], &config.jwt_issuer);
        Self {
            configured: config.jwt_secret.clone(),
            issuer: config.jwt_issuer.clone(),
            grace_secs: GRACE_SECS.max(config.jwt_ttl_secs),
            seal: config.seal(),
            held: RwLock::new(Held {
                ring: Arc::new(ring),
                looked: Timestamp(i64::MIN / 2),
            }),
        }
    }

    /// Seconds a replaced key goes on verifying: no session it signed ends early.
    pub fn grace_secs(&self) -> i64 {
        self.grace_secs
    }

    /// The keys, at most seconds old.
    pub async fn ring(&self, store: &Store, now: Timestamp) -> Result<Arc<KeyRing>, StoreError> {
        let (ring, looked) = {
            let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
            (Arc::clone(&held.ring), held.looked)
        };
        if (0.0..LOOK_SECS).contains(&now.secs_since(looked)) {
            return Ok(ring);
        }
        self.look(store, now).await
    }

    /// The claims of a valid token.
    pub async fn verify(
        &self,
        store: &Store,
        now: Timestamp,
        token: &str,
    ) -> Result<Option<Claims>, StoreError> {
        let ring = self.ring(store, now).await?;
        if ring.knows(token) {
            return Ok(ring.verify(token, now));
        }
        Ok(self.look(store, now).await?.verify(token, now))
    }

    /// Makes a new key sign. The one so far verifies through the grace.
    pub async fn rotate(
        &self,
        store: &Store,
        now: Timestamp,
        row: Write,
    ) -> Result<Rotated, StoreError> {
        let found = store.session_keys().await?;
        let rev = found.as_ref().map(|found| found.rev);
        let before = found.map(|found| found.value);
        if let Some(before) = &before {
            let ends = before.rotated_at.plus_secs(COOL_DOWN_SECS);
            if ends > now {
                let wait = ends.secs_since(now).ceil().max(1.0) as u64;
                return Ok(Rotated::Wait(wait));
            }
        }
        let text = secret::encode(entropy::bytes());
        let id = key_id(&text);
        let mut keys = vec![StoredKey {
            sealed: Some(self.seal.close(&id, &text, entropy::bytes())),
            id,
            until: None,
        }];
        let configured = || StoredKey {
            id: key_id(&self.configured),
            sealed: None,
            until: None,
        };
        let until = now.plus_secs(self.grace_secs + SLACK_SECS);
        let old = before.map_or_else(|| vec![configured()], |before| before.keys);
        let old = old.into_iter().map(|key| StoredKey {
            until: key.until.or(Some(until)),
            ..key
        });
        keys.extend(old.filter(|key| key.until.is_some_and(|end| end > now)));
        let stored = StoredKeys {
            rotated_at: now,
            keys,
        };
        match store.save_session_keys(&stored, rev, row).await {
            Ok(()) => {}
            // Somebody else rotated at this very moment.
            Err(StoreError::ConditionAt(_)) => return Ok(Rotated::Wait(COOL_DOWN_SECS as u64)),
            Err(error) => return Err(error),
        }
        self.hold(self.opened(&stored), now);
        Ok(Rotated::At(now))
    }

    /// When keys were rotated, and how long the previous one holds.
    pub async fn status(&self, store: &Store, now: Timestamp) -> Result<Status, StoreError> {
        let found = store.session_keys().await?.map(|found| found.value);
        let ends = found.iter().flat_map(|found| &found.keys);
        let previous_until = ends
            .filter_map(|key| key.until)
            .filter(|end| *end > now)
            .max();
        Ok(Status {
            rotated_at: found.map(|found| found.rotated_at),
            previous_until,
        })
    }

    async fn look(&self, store: &Store, now: Timestamp) -> Result<Arc<KeyRing>, StoreError> {
        let ring = match store.session_keys().await? {
            Some(stored) => self.opened(&stored.value),
            None => KeyRing::new(&[Secret::lasting(&self.configured)], &self.issuer),
        };
        Ok(self.hold(ring, now))
    }

    fn hold(&self, ring: KeyRing, now: Timestamp) -> Arc<KeyRing> {
        let ring = Arc::new(ring);
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        held.ring = Arc::clone(&ring);
        held.looked = now;
        ring
    }

    fn opened(&self, stored: &StoredKeys) -> KeyRing {
        let mut secrets = Vec::with_capacity(stored.keys.len());
        for key in &stored.keys {
            let text = match &key.sealed {
                Some(sealed) => self.seal.open(&key.id, sealed),
                None => Some(self.configured.clone()).filter(|s| key_id(s) == key.id),
            };
            match text {
                Some(text) => secrets.push(Secret {
                    text,
                    until: key.until,
                }),
                None => tracing::error!(
                    key.id,
                    "a session key cannot be opened: ARGUS_CONFIG_KEY or ARGUS_JWT_SECRET changed"
                ),
            }
        }
        // Without the key that signs, people log in anew, but they can.
        if secrets.first().is_none_or(|first| first.until.is_some()) {
            secrets.insert(0, Secret::lasting(&self.configured));
        }
        KeyRing::new(&secrets, &self.issuer)
    }
}

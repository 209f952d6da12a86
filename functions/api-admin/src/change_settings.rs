//! Changing what is set: one way for every page that does it.

use domain::account::UserId;
use domain::time::Timestamp;
use runtime::Services;
use runtime::settings::{Values, catalogue};
use serde_json::{Value, json};
use std::sync::Arc;
use store::StoreError;
use store::pause::after_lost_race;
use store::settings::{MOST_BYTES, Setting, StoredSettings};
use store::table::Write;
use web::{ApiError, ApiResult};
use wire::Code;

/// What stands for a secret in answers, and in wishes for one that stays.
pub const MASK: &str = "***";
/// Rounds after lost races with other administrators.
const ROUNDS: u32 = 8;
/// First pause after a lost race, milliseconds.
const PAUSE_MS: u64 = 2;
/// Longest value, in bytes of JSON.
const VALUE_BYTES: usize = 8 * 1024;

/// The settings while they are changed.
pub struct Draft<'a> {
    services: &'a Services,
    by: UserId,
    now: Timestamp,
    stored: StoredSettings,
}

impl Draft<'_> {
    /// Sets a value. `encrypted`: seal it though nobody knows its name for a secret.
    pub fn set(
        &mut self,
        (group, key): (&str, &str),
        value: &Value,
        encrypted: bool,
        description: Option<String>,
    ) -> ApiResult<()> {
        check_key(key)?;
        let name = catalogue::name(group, key);
        let entry = catalogue::find(group, key);
        let before = self.stored.values.get(&name);
        let sealed = encrypted || entry.is_some_and(|entry| entry.secret);
        if sealed && value == MASK {
            return match before {
                Some(_) => Ok(()),
                None => Err(ApiError::with(Code::ConfigSecretMissing, [name])),
            };
        }
        let refuse = |msg: String| Err(ApiError::with(Code::ConfigValueInvalid, [&name, &msg]));
        if let Some(Err(msg)) = entry.map(|entry| entry.check(value)) {
            return refuse(msg);
        }
        if value.to_string().len() > VALUE_BYTES {
            return refuse(format!("at most {VALUE_BYTES} bytes"));
        }
        let description = description.or_else(|| before.and_then(|b| b.description.clone()));
        let setting = Setting {
            value: self.services.settings.closed(&name, value, sealed),
            sealed,
            description,
            updated_at: self.now,
            updated_by: self.by,
        };
        self.stored.values.insert(name, setting);
        match self.stored.bytes() > MOST_BYTES {
            true => Err(ApiError::new(Code::ConfigFull)),
            false => Ok(()),
        }
    }

    /// Forgets a value; false when there is none.
    pub fn unset(&mut self, group: &str, key: &str) -> bool {
        let name = catalogue::name(group, key);
        self.stored.values.remove(&name).is_some()
    }
}

/// Lets `decide` change the settings and stores them with the writes it names; it is asked again
/// after a lost race. Answers with the settings as they are now.
pub async fn change(
    services: &Services,
    by: UserId,
    mut decide: impl FnMut(&mut Draft<'_>) -> ApiResult<Vec<Write>>,
) -> ApiResult<Arc<Values>> {
    for round in 0..ROUNDS {
        let now = services.clock.now();
        let found = services.store.settings().await?;
        let rev = found.as_ref().map(|found| found.rev);
        let mut draft = Draft {
            services,
            by,
            now,
            stored: found.map(|found| found.value).unwrap_or_default(),
        };
        let also = decide(&mut draft)?;
        match services.store.save_settings(&draft.stored, rev, also).await {
            Ok(()) => return Ok(services.settings.look(&services.store, now).await?),
            Err(StoreError::ConditionAt(_) | StoreError::Conflict) => {
                after_lost_race(round, PAUSE_MS).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(ApiError::new(Code::StorageBusy).retry_after(1))
}

/// The value as an answer may show it.
pub fn shown(values: &Values, group: &str, key: &str) -> Value {
    let value = values.get(group, key).1;
    let name = catalogue::name(group, key);
    let sealed = values.stored().values.get(&name).is_some_and(|s| s.sealed);
    let secret = sealed || catalogue::find(group, key).is_some_and(|entry| entry.secret);
    match secret {
        true => json!(MASK),
        false => value,
    }
}

/// Refuses names that are none.
pub fn check_key(key: &str) -> ApiResult<()> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    match (1..=64).contains(&key.len()) && key.chars().all(plain) {
        true => Ok(()),
        false => Err(ApiError::new(Code::ConfigKeyInvalid)),
    }
}

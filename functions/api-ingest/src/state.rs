//! What this function keeps per process: batch writers and the request budget of each token.

use crate::writer::Writers;
use domain::ids::event_fingerprint;
use domain::time::Timestamp;
use runtime::settings::IngestLimits;
use runtime::{Credential, Identity, Services};
use std::sync::{Arc, OnceLock};
use web::rate::RateLimit;
use web::{ApiError, ApiResult};
use wire::Code;

/// Per-process state, made at the first request.
#[derive(Default)]
pub struct Intake {
    writers: OnceLock<Arc<Writers>>,
    limit: RateLimit,
}

impl Intake {
    /// The batch writers.
    pub fn writers(&self, services: &Services) -> &Arc<Writers> {
        self.writers.get_or_init(|| {
            Arc::new(Writers::new(
                services.store.clone(),
                services.config.exclusive,
            ))
        })
    }

    /// Takes one request from the caller's budget.
    pub fn admit(&self, caller: &Identity, limits: IngestLimits, now: Timestamp) -> ApiResult<()> {
        let key = match &caller.credential {
            Credential::Token { id, .. } => *id,
            Credential::Session { .. } => caller.user.id,
            // Each run has a budget of its own.
            Credential::Run { batch, .. } => event_fingerprint(batch),
        };
        self.limit
            .take(key, now, limits.burst, limits.rate_per_s)
            .map_err(|wait| ApiError::with(Code::RateLimited, [wait]).retry_after(wait))
    }
}

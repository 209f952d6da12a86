//! What this function keeps per process: batch writers and the request budget of each token.

use crate::writer::Writers;
use domain::time::Timestamp;
use runtime::{Credential, Identity, Services};
use std::sync::{Arc, OnceLock};
use web::rate::RateLimit;
use web::{ApiError, ApiResult};
use wire::Code;

/// Per-process state, made at the first request.
#[derive(Default)]
pub struct Intake {
    writers: OnceLock<Arc<Writers>>,
    limit: OnceLock<RateLimit>,
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
    pub fn admit(&self, caller: &Identity, services: &Services, now: Timestamp) -> ApiResult<()> {
        let limit = self.limit.get_or_init(|| {
            RateLimit::new(services.config.ingest_burst, services.config.ingest_rate)
        });
        let key = match caller.credential {
            Credential::Token { id, .. } => id,
            Credential::Session { .. } => caller.user.id,
        };
        limit
            .take(key, now)
            .map_err(|wait| ApiError::with(Code::RateLimited, [wait]).retry_after(wait))
    }
}

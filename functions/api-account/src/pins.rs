//! `/api/pins`: the few batches a person keeps on top.

use crate::length;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::batch::Batch;
use domain::limits::{BATCH_ID_CHARS, PINS_PER_USER};
use domain::mark::{Pin, pin};
use runtime::{Identity, Services};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use store::{StoreError, pause};
use utoipa::ToSchema;
use web::sight::right_to;
use web::{ApiError, ApiResult, Body, Caller, PathParams, visible};
use wire::Code;

/// Rounds after lost races with the same person's other requests.
const ROUNDS: u32 = 20;
/// Longest pause after the first lost race, milliseconds.
const FIRST_PAUSE_MS: u64 = 5;

/// Wish for a pin.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PinIn {
    /// A batch the caller may see.
    batch_id: String,
}

/// A pin with what its card shows.
#[derive(Debug, Serialize, ToSchema)]
pub struct PinOut {
    /// Batch.
    pub batch_id: String,
    /// Since when.
    pub pinned_at: String,
    /// Project of the batch.
    pub project: String,
    /// Status of the batch.
    pub status: &'static str,
    /// Jobs planned.
    pub n_total: Option<i64>,
    /// Jobs done.
    pub n_done: i64,
    /// Jobs failed.
    pub n_failed: i64,
    /// Start of the batch.
    pub start_time: String,
}

impl PinOut {
    fn new(pin: &Pin, batch: &Batch) -> Self {
        Self {
            batch_id: pin.batch_id.clone(),
            pinned_at: pin.pinned_at.to_text(),
            project: batch.project.clone(),
            status: batch.status.as_str(),
            n_total: batch.n_total,
            n_done: batch.n_done,
            n_failed: batch.n_failed,
            start_time: batch.start_time.text.clone(),
        }
    }
}

/// Lists the caller's pins, oldest first. Batches that are gone or hidden are left out.
#[utoipa::path(get, path = "/api/pins", tag = "marks", responses((status = 200, body = Vec<PinOut>)))]
pub async fn list_pins(
    State(services): State<Services>,
    caller: Caller,
) -> ApiResult<Json<Vec<PinOut>>> {
    let pins = services.store.pins(caller.user().id).await?.value;
    let batches = shown(&services, &caller, &pins).await?;
    let shown = pins.iter().filter_map(|pin| {
        let batch = batches.get(&pin.batch_id)?;
        Some(PinOut::new(pin, batch))
    });
    Ok(Json(shown.collect()))
}

/// Pins a batch; repeating it answers with the pin that is there.
#[utoipa::path(post, path = "/api/pins", tag = "marks", request_body = PinIn,
    responses((status = 200, body = PinOut), (status = 400, description = "every place is taken"),
        (status = 404, description = "no such batch"), (status = 422, description = "invalid input")))]
pub async fn create_pin(
    State(services): State<Services>,
    caller: Caller,
    Body(wish): Body<PinIn>,
) -> ApiResult<Json<PinOut>> {
    length::check("batch_id", &wish.batch_id, 1..=BATCH_ID_CHARS)?;
    let user = caller.user().id;
    let batch = visible::batch(&services, &caller, &wish.batch_id).await?;
    for round in 0..ROUNDS {
        let found = services.store.pins(user).await?;
        let others = shown(&services, &caller, &found.value).await?;
        let now = services.clock.now();
        let after = pin(&found.value, &batch.id, now, |id| others.contains_key(id))
            .map_err(|_| ApiError::with(Code::PinLimit, [PINS_PER_USER]))?;
        let saved = match after == found.value {
            true => Ok(()),
            false => services.store.save_pins(user, &after, found.rev).await,
        };
        match saved {
            Ok(()) => {
                let made = after.iter().find(|pin| pin.batch_id == batch.id);
                let made = made.ok_or_else(|| ApiError::new(Code::Internal))?;
                return Ok(Json(PinOut::new(made, &batch)));
            }
            Err(StoreError::Conflict) => pause::after_lost_race(round, FIRST_PAUSE_MS).await,
            Err(error) => return Err(error.into()),
        }
    }
    Err(ApiError::new(Code::StorageBusy).retry_after(1))
}

/// Takes a pin away; fine when there is none.
#[utoipa::path(delete, path = "/api/pins/{batch_id}", tag = "marks",
    params(("batch_id" = String, Path)), responses((status = 204, description = "it is gone")))]
pub async fn delete_pin(
    State(services): State<Services>,
    caller: Caller,
    path: PathParams,
) -> ApiResult<StatusCode> {
    let user = caller.user().id;
    for round in 0..ROUNDS {
        let found = services.store.pins(user).await?;
        let mut pins = found.value;
        let before = pins.len();
        pins.retain(|pin| pin.batch_id != path.text(0));
        if pins.len() == before {
            return Ok(StatusCode::NO_CONTENT);
        }
        match services.store.save_pins(user, &pins, found.rev).await {
            Ok(()) => return Ok(StatusCode::NO_CONTENT),
            Err(StoreError::Conflict) => pause::after_lost_race(round, FIRST_PAUSE_MS).await,
            Err(error) => return Err(error.into()),
        }
    }
    Err(ApiError::new(Code::StorageBusy).retry_after(1))
}

/// Those pinned batches the caller may read, by id.
async fn shown(
    services: &Services,
    who: &Identity,
    pins: &[Pin],
) -> ApiResult<HashMap<String, Batch>> {
    let ids: Vec<String> = pins.iter().map(|pin| pin.batch_id.clone()).collect();
    let mut shown = HashMap::new();
    for (id, batch) in services.store.batches(&ids).await? {
        let right = right_to(&services.store, Some(who.actor()), &batch).await?;
        if right.is_some() {
            shown.insert(id, batch);
        }
    }
    Ok(shown)
}

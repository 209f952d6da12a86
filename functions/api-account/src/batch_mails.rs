//! `/api/batches/{id}/email-subscription`: what its owner wants to be mailed of one batch.

use crate::subscriptions::kinds;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::account::UserId;
use domain::audience::BatchWish;
use runtime::Services;
use serde::{Deserialize, Serialize};
use store::wishes::StoredBatchWish;
use utoipa::ToSchema;
use web::{ApiError, ApiResult, Body, Caller, PathParams};
use wire::Code;

/// What is wanted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BatchMailsIn {
    /// Kinds of events that are mailed.
    #[serde(default)]
    event_kinds: Vec<String>,
    /// Ignored while false.
    #[serde(default = "yes")]
    enabled: bool,
}

/// What is wanted of a batch.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchMailsOut {
    /// Batch.
    pub batch_id: String,
    /// Kinds of events that are mailed.
    pub event_kinds: Vec<&'static str>,
    /// Ignored while false.
    pub enabled: bool,
    /// When it was first set.
    pub created_at: String,
    /// When it was last set.
    pub updated_at: String,
}

fn yes() -> bool {
    true
}

fn shown(batch: &str, stored: &StoredBatchWish) -> Json<BatchMailsOut> {
    Json(BatchMailsOut {
        batch_id: batch.to_owned(),
        event_kinds: stored.wish.kinds.iter().map(|k| k.as_str()).collect(),
        enabled: stored.wish.enabled,
        created_at: stored.created_at.to_text(),
        updated_at: stored.updated_at.to_text(),
    })
}

/// The caller, who must own the batch in person: an administrator has no say in an owner's mails.
async fn owner(services: &Services, caller: &Caller, batch: &str) -> ApiResult<UserId> {
    let found = services.store.batch(batch).await?;
    let found = found.filter(|batch| batch.value.deleted_at.is_none());
    let found = found.ok_or_else(|| ApiError::new(Code::BatchNotFound))?;
    let user = caller.user().id;
    match found.value.owner_id == Some(user) {
        true => Ok(user),
        false => Err(ApiError::new(Code::OwnerRequired)),
    }
}

/// Shows what the owner wants to be mailed of a batch.
#[utoipa::path(get, path = "/api/batches/{batch_id}/email-subscription", tag = "notifications",
    params(("batch_id" = String, Path)),
    responses((status = 200, body = BatchMailsOut), (status = 403, description = "not the owner"),
        (status = 404, description = "no such batch, or nothing was set")))]
pub async fn show_batch_mails(
    State(services): State<Services>,
    caller: Caller,
    path: PathParams,
) -> ApiResult<Json<BatchMailsOut>> {
    let batch = path.text(0);
    let user = owner(&services, &caller, batch).await?;
    let found = services.store.batch_wish(user, batch).await?;
    let found = found.ok_or_else(|| ApiError::new(Code::SubscriptionNotFound))?;
    Ok(shown(batch, &found.value))
}

/// Sets what the owner wants to be mailed of a batch.
#[utoipa::path(put, path = "/api/batches/{batch_id}/email-subscription", tag = "notifications",
    params(("batch_id" = String, Path)), request_body = BatchMailsIn,
    responses((status = 200, body = BatchMailsOut), (status = 400, description = "unknown kinds of events"),
        (status = 403, description = "not the owner"), (status = 404, description = "no such batch"),
        (status = 422, description = "invalid input")))]
pub async fn set_batch_mails(
    State(services): State<Services>,
    caller: Caller,
    path: PathParams,
    Body(wish): Body<BatchMailsIn>,
) -> ApiResult<Json<BatchMailsOut>> {
    let batch = path.text(0);
    let user = owner(&services, &caller, batch).await?;
    let mut distinct = Vec::new();
    for kind in kinds(&wish.event_kinds)? {
        if !distinct.contains(&kind) {
            distinct.push(kind);
        }
    }
    let wish = BatchWish {
        kinds: distinct,
        enabled: wish.enabled,
    };
    let now = services.clock.now();
    let stored = services
        .store
        .set_batch_wish(user, batch, wish, now)
        .await?;
    Ok(shown(batch, &stored))
}

/// Forgets it; the wishes for the project and for everything decide again.
#[utoipa::path(delete, path = "/api/batches/{batch_id}/email-subscription", tag = "notifications",
    params(("batch_id" = String, Path)),
    responses((status = 204, description = "nothing is set"), (status = 403, description = "not the owner"),
        (status = 404, description = "no such batch")))]
pub async fn delete_batch_mails(
    State(services): State<Services>,
    caller: Caller,
    path: PathParams,
) -> ApiResult<StatusCode> {
    let batch = path.text(0);
    let user = owner(&services, &caller, batch).await?;
    services.store.remove_batch_wish(user, batch).await?;
    Ok(StatusCode::NO_CONTENT)
}

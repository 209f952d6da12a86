//! `/api/batches/{id}/shares`: whom a batch is shared with.

use crate::grantee::{self, Permission, RevokedOut};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::access::Right;
use runtime::Services;
use serde::{Deserialize, Serialize};
use store::grants::{Grant, Target};
use utoipa::ToSchema;
use web::{ApiError, ApiResult, Body, Caller, ClientInfo, Deed, PathParams, visible};
use wire::Code;

/// A share of a batch.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchShareOut {
    /// Batch.
    pub batch_id: String,
    /// With whom.
    pub grantee_id: u64,
    /// Their name; empty when the account is gone.
    pub grantee_username: String,
    /// `viewer` or `editor`.
    pub permission: &'static str,
    /// Since when.
    pub created_at: String,
    /// By whom.
    pub created_by: u64,
}

impl BatchShareOut {
    fn new(batch: &str, grant: &Grant, name: String) -> Self {
        Self {
            batch_id: batch.to_owned(),
            grantee_id: grant.to,
            grantee_username: name,
            permission: grant.role.as_str(),
            created_at: grant.at.to_text(),
            created_by: grant.by,
        }
    }
}

/// Whom to share with.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BatchShareIn {
    /// User name, in any case.
    grantee_username: String,
    /// `viewer` (default) or `editor`.
    #[serde(default)]
    permission: Permission,
}

fn deed(action: &'static str, batch: &str) -> Deed {
    Deed::new(action, "batch", batch).with("share_type", "batch")
}

/// Lists whom a batch is shared with, oldest first.
#[utoipa::path(get, path = "/api/batches/{batch_id}/shares", tag = "sharing",
    params(("batch_id" = String, Path)),
    responses((status = 200, body = Vec<BatchShareOut>), (status = 403, description = "somebody else's"),
        (status = 404, description = "no such batch")))]
pub async fn list_batch_shares(
    State(services): State<Services>,
    caller: Caller,
    path: PathParams,
) -> ApiResult<Json<Vec<BatchShareOut>>> {
    let batch = path.text(0);
    visible::with_right(&services, &caller, batch, Right::Own).await?;
    let mut grants = services.store.batch_shares(batch).await?;
    grants.sort_by_key(|grant| (grant.at, grant.to));
    let names = grantee::names(&services, &grants).await?;
    let name = |grant: &Grant| names.get(&grant.to).cloned().unwrap_or_default();
    let shares = grants
        .iter()
        .map(|grant| BatchShareOut::new(batch, grant, name(grant)));
    Ok(Json(shares.collect()))
}

/// Shares a batch with somebody, or changes what the share allows.
#[utoipa::path(post, path = "/api/batches/{batch_id}/shares", tag = "sharing",
    params(("batch_id" = String, Path)), request_body = BatchShareIn,
    responses((status = 201, body = BatchShareOut), (status = 400, description = "inactive, the owner, or oneself"),
        (status = 403, description = "somebody else's"), (status = 404, description = "no such batch or user"),
        (status = 422, description = "fields")))]
pub async fn share_batch(
    State(services): State<Services>,
    caller: Caller,
    client: ClientInfo,
    path: PathParams,
    Body(wish): Body<BatchShareIn>,
) -> ApiResult<(StatusCode, Json<BatchShareOut>)> {
    let id = path.text(0);
    let batch = visible::with_right(&services, &caller, id, Right::Own).await?;
    let owner = batch.value.owner_id;
    let user = grantee::find(&services, &caller, owner, &wish.grantee_username).await?;
    let shares = services.store.batch_shares(id).await?;
    let before = shares.iter().find(|grant| grant.to == user.id);
    let grant = Grant {
        on: Target::Batch(id.to_owned()),
        to: user.id,
        role: wish.permission.into(),
        by: caller.user().id,
        at: before.map_or_else(|| services.clock.now(), |grant| grant.at),
    };
    let deed = deed("share_add", id).with("grantee_username", &user.username);
    grantee::give(&services, &caller, &client, &grant, before, deed).await?;
    let out = BatchShareOut::new(id, &grant, user.username);
    Ok((StatusCode::CREATED, Json(out)))
}

/// Ends a share of a batch.
#[utoipa::path(delete, path = "/api/batches/{batch_id}/shares/{grantee_id}", tag = "sharing",
    params(("batch_id" = String, Path), ("grantee_id" = u64, Path)),
    responses((status = 200, body = RevokedOut), (status = 403, description = "somebody else's"),
        (status = 404, description = "no such batch or share")))]
pub async fn unshare_batch(
    State(services): State<Services>,
    caller: Caller,
    client: ClientInfo,
    path: PathParams,
) -> ApiResult<Json<RevokedOut>> {
    let batch = path.text(0);
    let to = path.integer(1, "grantee_id")?;
    visible::with_right(&services, &caller, batch, Right::Own).await?;
    let shares = services.store.batch_shares(batch).await?;
    let grant = shares.iter().find(|grant| grant.to == to);
    let grant = grant.ok_or_else(|| ApiError::new(Code::ShareNotFound))?;
    let deed = deed("share_remove", batch);
    grantee::take(&services, &caller, &client, grant, deed).await?;
    Ok(Json(RevokedOut::DONE))
}

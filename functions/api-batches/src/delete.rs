//! Deleting batches, one or many. What is deleted vanishes everywhere at once; retention removes
//! what is stored later.

use axum::Json;
use axum::extract::State;
use domain::access::Right;
use runtime::Services;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use web::bulk::{self, BulkDeletedOut};
use web::change::{Change, Hand};
use web::{ApiError, ApiResult, Body, Caller, ClientInfo, PathParams};
use wire::Code;

/// Batch that is gone.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeletedOut {
    /// `deleted`.
    pub status: &'static str,
    /// Batch.
    pub batch_id: String,
}

/// Deletes a batch that is not at work.
#[utoipa::path(delete, path = "/api/batches/{batch_id}", tag = "batches",
    params(("batch_id" = String, Path)),
    responses((status = 200, body = DeletedOut), (status = 403, description = "somebody else's"),
        (status = 404, description = "no such batch"), (status = 409, description = "still at work")))]
pub async fn delete_batch(
    State(services): State<Services>,
    caller: Caller,
    client: ClientInfo,
    path: PathParams,
) -> ApiResult<Json<DeletedOut>> {
    let hand = Hand {
        services: &services,
        caller: &caller,
        client: &client,
    };
    delete(&hand, path.text(0), false).await?;
    Ok(Json(DeletedOut {
        status: "deleted",
        batch_id: path.text(0).to_owned(),
    }))
}

async fn delete(hand: &Hand<'_>, id: &str, bulk: bool) -> ApiResult<()> {
    hand.change(id, Right::Own, |batch, now| {
        if batch.status.blocks_delete() {
            return Err(ApiError::with(Code::BatchActive, [batch.status.as_str()]));
        }
        batch.deleted_at = Some(now);
        let mut change = Change::of_batch(&batch.id, "batch_deleted", json!({}), "batch_deleted");
        if bulk {
            change.metadata.insert("via".into(), "bulk".into());
        }
        Ok(Some(change))
    })
    .await
    .map(|_| ())
}

/// Batches to delete.
#[derive(Debug, Deserialize, ToSchema)]
pub struct BulkDeleteIn {
    batch_ids: Vec<String>,
}

/// Deletes many batches; each stands for itself.
#[utoipa::path(post, path = "/api/batches/bulk-delete", tag = "batches", request_body = BulkDeleteIn,
    responses((status = 200, body = BulkDeletedOut), (status = 400, description = "empty list"),
        (status = 422, description = "more than 500")))]
pub async fn delete_batches(
    State(services): State<Services>,
    caller: Caller,
    client: ClientInfo,
    Body(wanted): Body<BulkDeleteIn>,
) -> ApiResult<Json<BulkDeletedOut>> {
    bulk::check("batch_ids", wanted.batch_ids.len())?;
    let hand = Hand {
        services: &services,
        caller: &caller,
        client: &client,
    };
    let mut out = BulkDeletedOut::default();
    for id in wanted.batch_ids {
        let outcome = match delete(&hand, &id, true).await {
            Ok(()) => Ok(()),
            Err(error) => Err(skip_reason(&services, &id, error).await?),
        };
        out.note(id, outcome);
    }
    Ok(Json(out))
}

async fn skip_reason(services: &Services, id: &str, error: ApiError) -> ApiResult<String> {
    let found = services.store.batch(id).await?.map(|found| found.value);
    match (error.code(), found) {
        (Code::BatchNotFound, Some(_)) => Ok("already_deleted".into()),
        (Code::BatchNotFound, None) => Ok("not_found".into()),
        (Code::OwnerRequired, _) => Ok("not_owner".into()),
        (Code::BatchActive, Some(batch)) => Ok(batch.status.as_str().into()),
        _ => Err(error),
    }
}

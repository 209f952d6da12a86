//! `DELETE /api/projects/{project}`: everything in it, by an owner or an administrator.

use crate::owned;
use axum::Json;
use axum::extract::State;
use domain::access::{Right, Role};
use domain::batch::Batch;
use runtime::Services;
use serde::Serialize;
use serde_json::json;
use store::{StoreError, Versioned};
use utoipa::ToSchema;
use web::change::{Change, Hand};
use web::{ApiError, ApiResult, Caller, ClientInfo, Deed, PathParams, visible};
use wire::Code;

/// Project that is gone.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProjectDeletedOut {
    /// `deleted`.
    pub status: &'static str,
    /// Project.
    pub project: String,
    /// Batches deleted with it.
    pub batches: usize,
}

/// Deletes a project with its settings, members and recipients, and all its batches, running ones
/// too. Batches of strangers who only use its name stay, unless an administrator deletes. A later
/// report makes the project anew.
#[utoipa::path(delete, path = "/api/projects/{project}", tag = "projects",
    params(("project" = String, Path)),
    responses((status = 200, body = ProjectDeletedOut), (status = 403, description = "its owners only"),
        (status = 404, description = "no such project")))]
pub async fn delete_project(
    State(services): State<Services>,
    caller: Caller,
    client: ClientInfo,
    path: PathParams,
) -> ApiResult<Json<ProjectDeletedOut>> {
    let project = path.text(0);
    let hand = Hand {
        services: &services,
        caller: &caller,
        client: &client,
    };
    let batches = remove(&hand, project, None).await?;
    Ok(Json(ProjectDeletedOut {
        status: "deleted",
        project: project.to_owned(),
        batches,
    }))
}

/// Deletes a project; returns how many batches went with it. `via` is noted in the audit row.
pub async fn remove(hand: &Hand<'_>, project: &str, via: Option<&'static str>) -> ApiResult<usize> {
    let (services, caller) = (hand.services, hand.caller);
    let settings = match owned::load(services, caller, project, Role::Owner).await {
        Ok(found) => Some(found),
        // A name without settings: batches that came with no report of their own.
        Err(error) if caller.user().is_admin && error.code() == Code::ProjectNotFound => None,
        Err(error) => return Err(error),
    };
    let mut deleted = 0;
    loop {
        let batches = visible::batches(services, caller, Some(project), None).await?;
        let before = deleted;
        for batch in &batches {
            deleted += usize::from(delete(hand, project, batch).await?);
        }
        if deleted == before {
            break;
        }
    }
    if settings.is_none() && deleted == 0 {
        return Err(ApiError::new(Code::ProjectNotFound));
    }
    let deed = Deed::new("project_deleted", "project", project).with("batches", deleted);
    let deed = match via {
        Some(via) => deed.with("via", via),
        None => deed,
    };
    let row = deed.row(services, caller, hand.client)?;
    match settings {
        Some(Versioned { value, rev }) => {
            let (store, now) = (&services.store, services.clock.now());
            match store.delete_project(&value, rev, now, vec![row]).await {
                Ok(()) => {}
                Err(StoreError::ConditionAt(_)) => {
                    return Err(ApiError::new(Code::StorageBusy).retry_after(1));
                }
                Err(error) => return Err(error.into()),
            }
        }
        None => services.store.table.write(row).await?,
    }
    Ok(deleted)
}

/// Deletes one batch; false when it is gone already, or not the caller's to delete.
async fn delete(hand: &Hand<'_>, project: &str, batch: &Versioned<Batch>) -> ApiResult<bool> {
    let deleted = hand.change(&batch.value.id, Right::Own, |batch, now| {
        batch.deleted_at = Some(now);
        let mut change = Change::of_batch(&batch.id, "batch_deleted", json!({}), "batch_deleted");
        change
            .metadata
            .insert("via".into(), format!("project {project}"));
        Ok(Some(change))
    });
    match deleted.await {
        Ok(_) => Ok(true),
        Err(error) if matches!(error.code(), Code::BatchNotFound | Code::OwnerRequired) => {
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

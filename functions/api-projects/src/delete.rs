//! `DELETE /api/projects/{project}`: everything in it, by an administrator.

use axum::Json;
use axum::extract::State;
use runtime::Services;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use web::change::{Change, Hand};
use web::{Admin, ApiError, ApiResult, Caller, ClientInfo, PathParams, visible};
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

/// Deletes all batches of a project, running ones too. A later report brings the name back.
#[utoipa::path(delete, path = "/api/projects/{project}", tag = "projects",
    params(("project" = String, Path)),
    responses((status = 200, body = ProjectDeletedOut), (status = 403, description = "administrators only"),
        (status = 404, description = "no such project")))]
pub async fn delete_project(
    State(services): State<Services>,
    Admin(admin): Admin,
    client: ClientInfo,
    path: PathParams,
) -> ApiResult<Json<ProjectDeletedOut>> {
    let project = path.text(0);
    let caller = Caller(admin);
    let batches = visible::batches(&services, &caller, Some(project), None).await?;
    if batches.is_empty() {
        return Err(ApiError::new(Code::ProjectNotFound));
    }
    let hand = Hand {
        services: &services,
        caller: &caller,
        client: &client,
    };
    for batch in &batches {
        let deleted = hand.change(&batch.value.id, |batch, now| {
            batch.deleted_at = Some(now);
            let mut change =
                Change::of_batch(&batch.id, "batch_deleted", json!({}), "batch_deleted");
            change
                .metadata
                .insert("via".into(), format!("project {project}"));
            Ok(Some(change))
        });
        match deleted.await {
            Ok(_) => {}
            // Somebody else was faster.
            Err(error) if error.code() == Code::BatchNotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Json(ProjectDeletedOut {
        status: "deleted",
        project: project.to_owned(),
        batches: batches.len(),
    }))
}

//! `POST /api/projects/{project}/restore`: what was deleted with a project comes back.

use axum::Json;
use axum::extract::State;
use runtime::Services;
use serde::Serialize;
use store::batch_lists::BatchList;
use utoipa::ToSchema;
use web::change::Hand;
use web::{ApiError, ApiResult, Caller, ClientInfo, PathParams};
use wire::Code;

/// Batches looked at together.
const PAGE: usize = 200;

/// Project that is back.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProjectRestoredOut {
    /// `restored`.
    pub status: &'static str,
    /// Project.
    pub project: String,
    /// Batches that came back.
    pub batches: usize,
}

/// Brings back every deleted batch of a project that the caller could delete, and with the first
/// of them the project itself, as if it was reported anew: settings, members and recipients are
/// to be set again.
#[utoipa::path(post, path = "/api/projects/{project}/restore", tag = "projects",
    params(("project" = String, Path)),
    responses((status = 200, body = ProjectRestoredOut),
        (status = 404, description = "nothing deleted that the caller could bring back")))]
pub async fn restore_project(
    State(services): State<Services>,
    caller: Caller,
    client: ClientInfo,
    path: PathParams,
) -> ApiResult<Json<ProjectRestoredOut>> {
    let project = path.text(0);
    let hand = Hand {
        services: &services,
        caller: &caller,
        client: &client,
    };
    let list = [BatchList::In(project.to_owned())];
    let via = format!("project {project}");
    let mut batches = 0;
    let mut before: Option<String> = None;
    loop {
        let page = services.store.list_batches(&list, before.as_deref(), PAGE);
        let (page, next) = page.await?;
        for (_, found) in page {
            let batch = found.value;
            let own = batch.owner_id == Some(caller.user().id) || caller.user().is_admin;
            if batch.deleted_at.is_none() || batch.purging || !own {
                continue;
            }
            match hand.restore(&batch.id, Some(&via)).await {
                Ok(_) => batches += 1,
                Err(error) if is_gone(error.code()) => {}
                Err(error) => return Err(error),
            }
        }
        before = next;
        if before.is_none() {
            break;
        }
    }
    if batches == 0 {
        return Err(ApiError::new(Code::ProjectNotFound));
    }
    Ok(Json(ProjectRestoredOut {
        status: "restored",
        project: project.to_owned(),
        batches,
    }))
}

/// Somebody else restored it, or the sweep came first.
fn is_gone(code: Code) -> bool {
    matches!(
        code,
        Code::BatchNotFound | Code::BatchNotDeleted | Code::BatchPurged
    )
}

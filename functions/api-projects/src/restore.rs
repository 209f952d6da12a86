//! `POST /api/projects/{project}/restore`: what was deleted with a project comes back.

use axum::Json;
use axum::extract::State;
use domain::access::Role;
use runtime::Services;
use serde::Serialize;
use store::StoreError;
use store::batch_lists::BatchList;
use utoipa::ToSchema;
use web::change::Hand;
use web::{ApiError, ApiResult, Caller, ClientInfo, Deed, PathParams};
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

/// Brings back a deleted project with its settings, members and recipients, for its owners, and
/// every deleted batch in it that the caller could delete. Without its settings the project comes
/// back with the first batch, as if it was reported anew.
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
    let revived = revive(&services, &caller, &client, project).await?;
    let mut batches = 0;
    let mut before: Option<String> = None;
    loop {
        let page = services.store.list_batches(&list, before.as_deref(), PAGE);
        let (page, next) = page.await?;
        for (_, found) in page {
            let batch = found.value;
            if batch.deleted_at.is_none() || batch.purging {
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
    if batches == 0 && !revived {
        return Err(ApiError::new(Code::ProjectNotFound));
    }
    Ok(Json(ProjectRestoredOut {
        status: "restored",
        project: project.to_owned(),
        batches,
    }))
}

/// Brings back the project itself; false when that is not the caller's to do, or nobody's.
async fn revive(
    services: &Services,
    caller: &Caller,
    client: &ClientInfo,
    project: &str,
) -> ApiResult<bool> {
    let store = &services.store;
    let Some(found) = store.dropped_project(project).await? else {
        return Ok(false);
    };
    let user = caller.user();
    let mut members = found.value.members.iter();
    let owns = members.any(|member| member.to == user.id && member.role == Role::Owner);
    if !(owns || user.is_admin) || store.project(project).await?.is_some() {
        return Ok(false);
    }
    let deed = Deed::new("project_restored", "project", project);
    let row = deed.row(services, caller, client)?;
    match store.revive_project(found, vec![row]).await {
        Ok(()) => Ok(true),
        Err(StoreError::ConditionAt(_)) => Err(ApiError::new(Code::StorageBusy).retry_after(1)),
        Err(error) => Err(error.into()),
    }
}

/// Somebody else's, restored meanwhile, or the sweep came first.
fn is_gone(code: Code) -> bool {
    matches!(
        code,
        Code::OwnerRequired | Code::BatchNotFound | Code::BatchNotDeleted | Code::BatchPurged
    )
}

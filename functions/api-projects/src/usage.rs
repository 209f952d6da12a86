//! `GET /api/projects/{project}/usage`: what a project takes and costs.

use crate::load::Project;
use axum::Json;
use axum::extract::State;
use futures::stream::{StreamExt, TryStreamExt, iter};
use runtime::Services;
use serde::Serialize;
use utoipa::ToSchema;
use web::{ApiResult, PathParams, Visitor};
use wire::usage::UsageOut;

/// Batches whose artifacts are counted at the same time.
const SIDE_BY_SIDE: usize = 16;

/// What a project takes and costs.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProjectUsageOut {
    /// Project.
    pub project: String,
    /// Batches counted: those the caller may see.
    pub n_batches: usize,
    /// All of them together.
    #[serde(flatten)]
    pub usage: UsageOut,
}

/// Shows what the events and artifacts of a project's batches take, and what that costs.
#[utoipa::path(get, path = "/api/projects/{project}/usage", tag = "projects",
    params(("project" = String, Path)),
    responses((status = 200, body = ProjectUsageOut), (status = 404, description = "no such project")))]
pub async fn project_usage(
    State(services): State<Services>,
    caller: Visitor,
    path: PathParams,
) -> ApiResult<Json<ProjectUsageOut>> {
    let project = Project::outline(&services, &caller, path.text(0)).await?;
    let batches = || project.batches.iter().map(|batch| &batch.value);
    let ids: Vec<String> = batches().map(|batch| batch.id.clone()).collect();
    let counts: Vec<(u64, u64)> = iter(ids)
        .map(|id| {
            let store = services.store.clone();
            async move {
                let files = store.batch_artifact_usage(&id).await?;
                Ok::<_, store::StoreError>((files.count, files.bytes))
            }
        })
        .buffer_unordered(SIDE_BY_SIDE)
        .try_collect()
        .await?;
    let files = counts.iter().map(|(count, _)| count).sum();
    let bytes = counts.iter().map(|(_, bytes)| bytes).sum();
    Ok(Json(ProjectUsageOut {
        n_batches: project.batches.len(),
        usage: web::usage::of(&services.store, batches(), (files, bytes)).await?,
        project: project.name,
    }))
}

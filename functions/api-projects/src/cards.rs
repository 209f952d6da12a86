//! `GET /api/projects`: a card per project.

use axum::Json;
use axum::extract::State;
use domain::figures;
use runtime::Services;
use serde::Serialize;
use utoipa::ToSchema;
use web::{ApiResult, Caller, visible};
use wire::project::ProjectFigures;

/// A card.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProjectCard {
    /// What its batches come to.
    #[serde(flatten)]
    pub figures: ProjectFigures,
}

/// Lists projects: starred first, then those at work, then by recency.
#[utoipa::path(get, path = "/api/projects", tag = "projects",
    responses((status = 200, body = Vec<ProjectCard>)))]
pub async fn list_projects(
    State(services): State<Services>,
    caller: Caller,
) -> ApiResult<Json<Vec<ProjectCard>>> {
    let batches = visible::batches(&services, &caller, None, None).await?;
    let jobs = services.store.live_jobs(&batches).await?;
    let parts = batches.iter().map(|batch| &batch.value);
    let mut projects = figures::by_name(parts.zip(jobs.iter().map(|jobs| &**jobs)));
    let starred = services.store.starred_projects(caller.user.id).await?;
    figures::rank(&mut projects, &starred);
    let now = services.clock.now();
    let cards = projects.iter().map(|project| ProjectCard {
        figures: ProjectFigures::of(project, starred.contains(project.name), now),
    });
    Ok(Json(cards.collect()))
}

//! `GET /api/projects`: a card per project.

use axum::Json;
use axum::extract::State;
use domain::access::Role;
use domain::figures;
use runtime::Services;
use serde::Serialize;
use utoipa::ToSchema;
use web::{ApiResult, Caller, Scope, Sight, visible};
use wire::project::ProjectFigures;

/// A card.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProjectCard {
    /// What its batches come to.
    #[serde(flatten)]
    pub figures: ProjectFigures,
    /// What the caller is in it; null for a name they only use, and for administrators.
    pub role: Option<&'static str>,
}

/// Lists the projects the caller takes part in or has a batch in: starred first, then those at
/// work, then by recency.
#[utoipa::path(get, path = "/api/projects", tag = "projects",
    responses((status = 200, body = Vec<ProjectCard>)))]
pub async fn list_projects(
    State(services): State<Services>,
    caller: Caller,
) -> ApiResult<Json<Vec<ProjectCard>>> {
    let mut sight = Sight::load(&services.store, Some(caller.actor())).await?;
    let settings = visible::settings(&services, &sight).await?;
    let batches = visible::batches_in(&services, &mut sight, None, Scope::All, None).await?;
    let jobs = services.store.live_jobs(&batches).await?;
    let parts = batches.iter().map(|batch| &batch.value);
    let parts = parts.zip(jobs.iter().map(|jobs| &**jobs));
    let mut projects = figures::by_name(parts, &settings);
    let starred = services.store.starred_projects(caller.user.id).await?;
    figures::rank(&mut projects, &starred);
    let now = services.clock.now();
    let cards = projects.iter().map(|project| ProjectCard {
        figures: ProjectFigures::of(project, starred.contains(project.name), now),
        role: sight.role_in(project.name).map(Role::as_str),
    });
    Ok(Json(cards.collect()))
}

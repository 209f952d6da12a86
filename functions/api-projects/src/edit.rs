//! `PATCH /api/projects/{project}`: name, description, visibility, metrics, baseline, guardrails.

use crate::owned;
use crate::settings::{Settings, SettingsOut};
use axum::Json;
use axum::extract::State;
use runtime::Services;
use web::{ApiResult, Body, Caller, ClientInfo, Deed, PathParams};

/// Changes the settings of a project.
#[utoipa::path(patch, path = "/api/projects/{project}", tag = "projects",
    params(("project" = String, Path)), request_body = Settings,
    responses((status = 200, body = SettingsOut), (status = 403, description = "its owners only"),
        (status = 404, description = "no such project"), (status = 422, description = "fields")))]
pub async fn edit_project(
    State(services): State<Services>,
    caller: Caller,
    client: ClientInfo,
    path: PathParams,
    Body(settings): Body<Settings>,
) -> ApiResult<Json<SettingsOut>> {
    let slug = path.text(0);
    settings.check()?;
    let role = settings.role();
    owned::load(&services, &caller, slug, role).await?;
    settings.check_baseline(&services, slug).await?;
    let decided = owned::change(&services, &caller, slug, role, |project, _| {
        let changed = settings.apply(project, caller.user().id, services.clock.now());
        let mut rows = Vec::new();
        if !changed.is_empty() {
            let deed = Deed::new("project_updated", "project", slug)
                .with("fields", changed.join(","))
                .with("visibility", project.visibility.as_str());
            rows.push(deed.row(&services, &caller, &client)?);
        }
        Ok(((), rows))
    });
    let (project, ()) = decided.await?;
    Ok(Json(SettingsOut::from(&project)))
}

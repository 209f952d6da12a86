//! `POST /api/projects`: a project before its first report.

use crate::settings::{Settings, SettingsOut};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::project::{Project, check_slug};
use runtime::Services;
use serde::Deserialize;
use serde_json::json;
use store::StoreError;
use utoipa::ToSchema;
use web::{ApiError, ApiResult, Body, Caller, ClientInfo, Deed, Invalid};
use wire::Code;

/// A project to make.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ProjectIn {
    /// What scripts will send as `source_project`; never changes. 1 to 128 letters, digits, `-`,
    /// `_`, `.`.
    slug: String,
    /// Everything else.
    #[serde(flatten)]
    settings: Settings,
}

/// Makes a project; the caller is its owner. A name that was reported already belongs to whoever
/// reported it first.
#[utoipa::path(post, path = "/api/projects", tag = "projects", request_body = ProjectIn,
    responses((status = 201, body = SettingsOut), (status = 409, description = "the name is taken"),
        (status = 422, description = "fields")))]
pub async fn create_project(
    State(services): State<Services>,
    caller: Caller,
    client: ClientInfo,
    Body(wish): Body<ProjectIn>,
) -> ApiResult<(StatusCode, Json<SettingsOut>)> {
    let slug = wish.slug.trim();
    check_slug(slug)
        .map_err(|msg| Invalid::at(&["body", "slug"], "value_error", msg, json!(wish.slug)))?;
    wish.settings.check()?;
    wish.settings.check_baseline(&services, slug).await?;
    let now = services.clock.now();
    let mut project = Project::new(slug, caller.user().id, now);
    wish.settings.apply(&mut project, caller.user().id, now);
    let deed = Deed::new("project_created", "project", slug)
        .with("visibility", project.visibility.as_str());
    let row = deed.row(&services, &caller, &client)?;
    match services.store.create_project(&project, vec![row]).await {
        Ok(()) => Ok((StatusCode::CREATED, Json(SettingsOut::from(&project)))),
        Err(StoreError::ConditionAt(0)) => Err(ApiError::with(Code::ProjectTaken, [slug])),
        Err(error) => Err(error.into()),
    }
}

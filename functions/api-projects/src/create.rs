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
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};
use web::{ApiError, ApiResult, Body, Caller, ClientInfo, Deed, Invalid};
use wire::Code;

/// A project to make.
#[derive(Debug, Deserialize)]
pub struct ProjectIn {
    /// Its name for scripts.
    slug: String,
    /// Everything else.
    #[serde(flatten)]
    settings: Settings,
}

/// One object. As two of which both must fit it could not be met: settings allow no other field.
impl PartialSchema for ProjectIn {
    fn schema() -> RefOr<Schema> {
        let mut schema = Settings::schema();
        if let RefOr::T(Schema::Object(all)) = &mut schema {
            let slug = ObjectBuilder::new().schema_type(Type::String).description(Some(
                "What scripts will send as `source_project`; never changes. 1 to 128 letters, digits, `-`, `_`, `.`.",
            ));
            all.description = Some("A project to make.".into());
            all.properties.insert("slug".into(), slug.into());
            all.required.push("slug".into());
        }
        schema
    }
}

impl ToSchema for ProjectIn {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        Settings::schemas(schemas);
    }
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

//! `/api/admin/projects/…`: projects everybody may read.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::project::{Project, Visibility};
use domain::time::Timestamp;
use runtime::Services;
use serde::{Deserialize, Serialize};
use store::{StoreError, Versioned};
use utoipa::ToSchema;
use web::{Admin, ApiError, ApiResult, Body, ClientInfo, Deed, Invalid, PathParams};
use wire::Code;

/// Characters of a description that is published.
const DESCRIPTION: usize = 500;
/// Rounds after lost races with its owners.
const ROUNDS: usize = 8;

/// How a project is presented.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublicProjectPublishIn {
    /// A few sentences; what there is stays when absent.
    #[serde(default)]
    description: Option<String>,
}

/// A published project.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublicProjectMetaOut {
    /// Project.
    pub project: String,
    /// Everybody may read it.
    pub is_public: bool,
    /// What is said of it.
    pub public_description: Option<String>,
    /// Since when.
    pub published_at: Option<String>,
    /// Who opened it.
    pub published_by_user_id: Option<u64>,
}

impl From<&Project> for PublicProjectMetaOut {
    fn from(project: &Project) -> Self {
        Self {
            project: project.slug.clone(),
            is_public: project.visibility == Visibility::Public,
            public_description: project.description.clone(),
            published_at: project.published_at.map(Timestamp::to_text),
            published_by_user_id: project.published_by,
        }
    }
}

/// Opens a project to everybody.
#[utoipa::path(post, path = "/api/admin/projects/{project}/publish", tag = "admin",
    params(("project" = String, Path)), request_body = PublicProjectPublishIn,
    responses((status = 200, body = PublicProjectMetaOut), (status = 403, description = "not an administrator"),
        (status = 404, description = "no such project"), (status = 422, description = "too long")))]
pub async fn publish(
    State(services): State<Services>,
    Admin(admin): Admin,
    client: ClientInfo,
    path: PathParams,
    Body(wish): Body<PublicProjectPublishIn>,
) -> ApiResult<Json<PublicProjectMetaOut>> {
    let description = wish.description.as_deref();
    Invalid::check_chars("description", description, DESCRIPTION)?;
    let slug = path.text(0);
    for _ in 0..ROUNDS {
        let found = services.store.project(slug).await?;
        let Versioned { mut value, rev } =
            found.ok_or_else(|| ApiError::new(Code::ProjectNotFound))?;
        value.show_to(Visibility::Public, admin.user.id, services.clock.now());
        if let Some(text) = description {
            value.description = Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        }
        let length = value.description.as_ref().map_or(0, |d| d.chars().count());
        let deed = Deed::new("project_publish", "project", slug).with("description_len", length);
        let row = deed.row(&services, &admin, &client)?;
        match services.store.save_project(&value, rev, vec![row]).await {
            Ok(()) => return Ok(Json(PublicProjectMetaOut::from(&value))),
            Err(StoreError::ConditionAt(_) | StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(ApiError::new(Code::StorageBusy).retry_after(1))
}

/// Closes a project to all but its members. One that is closed, or none, is left as it is.
#[utoipa::path(post, path = "/api/admin/projects/{project}/unpublish", tag = "admin",
    params(("project" = String, Path)),
    responses((status = 204, description = "closed"), (status = 403, description = "not an administrator")))]
pub async fn unpublish(
    State(services): State<Services>,
    Admin(admin): Admin,
    client: ClientInfo,
    path: PathParams,
) -> ApiResult<StatusCode> {
    let slug = path.text(0);
    for _ in 0..ROUNDS {
        let found = services.store.project(slug).await?;
        let Some(Versioned { mut value, rev }) =
            found.filter(|found| found.value.visibility == Visibility::Public)
        else {
            return Ok(StatusCode::NO_CONTENT);
        };
        value.show_to(Visibility::Private, admin.user.id, services.clock.now());
        let deed = Deed::new("project_unpublish", "project", slug);
        let row = deed.row(&services, &admin, &client)?;
        match services.store.save_project(&value, rev, vec![row]).await {
            Ok(()) => return Ok(StatusCode::NO_CONTENT),
            Err(StoreError::ConditionAt(_) | StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(ApiError::new(Code::StorageBusy).retry_after(1))
}

/// Lists the projects everybody may read, newest first.
#[utoipa::path(get, path = "/api/admin/projects/public", tag = "admin",
    responses((status = 200, body = [PublicProjectMetaOut]), (status = 403, description = "not an administrator")))]
pub async fn list_published(
    State(services): State<Services>,
    _: Admin,
) -> ApiResult<Json<Vec<PublicProjectMetaOut>>> {
    let mut found = services.store.public_projects().await?;
    found.sort_by_key(|project| std::cmp::Reverse(project.published_at));
    Ok(Json(found.iter().map(PublicProjectMetaOut::from).collect()))
}

//! `/api/projects/shares`: whom somebody shares all their batches of a project with, those to come
//! too. Members of a project are another matter: they see everybody's.

use crate::grantee::{self, Permission, RevokedOut};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::account::UserId;
use runtime::Services;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::grants::{Grant, Target};
use utoipa::ToSchema;
use web::{ApiError, ApiResult, Body, Caller, ClientInfo, Deed, Invalid, Params, PathParams};
use wire::Code;

/// Longest project name that can be shared, in characters.
const PROJECT_CHARS: usize = 256;

/// A share of somebody's batches in a project.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProjectShareOut {
    /// Whose batches.
    pub owner_id: u64,
    /// Project.
    pub project: String,
    /// With whom.
    pub grantee_id: u64,
    /// Their name; empty when the account is gone.
    pub grantee_username: String,
    /// `viewer` or `editor`.
    pub permission: &'static str,
    /// Since when.
    pub created_at: String,
}

impl ProjectShareOut {
    fn new(owner: UserId, project: &str, grant: &Grant, name: String) -> Self {
        Self {
            owner_id: owner,
            project: project.to_owned(),
            grantee_id: grant.to,
            grantee_username: name,
            permission: grant.role.as_str(),
            created_at: grant.at.to_text(),
        }
    }
}

/// Whom to share with.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProjectShareIn {
    /// Project; it need not exist yet.
    project: String,
    /// User name, in any case.
    grantee_username: String,
    /// `viewer` (default) or `editor`.
    #[serde(default)]
    permission: Permission,
}

fn deed(action: &'static str, project: &str) -> Deed {
    Deed::new(action, "project", project).with("share_type", "project")
}

/// Lists what the caller shares, oldest first.
#[utoipa::path(get, path = "/api/projects/shares", tag = "sharing",
    responses((status = 200, body = Vec<ProjectShareOut>)))]
pub async fn list_project_shares(
    State(services): State<Services>,
    caller: Caller,
) -> ApiResult<Json<Vec<ProjectShareOut>>> {
    let mut grants = services.store.owner_shares(caller.user().id).await?;
    grants.sort_by_key(|grant| (grant.at, grant.to));
    let names = grantee::names(&services, &grants).await?;
    let share = |grant: &Grant| match &grant.on {
        Target::Owner(owner, project) => {
            let name = names.get(&grant.to).cloned().unwrap_or_default();
            Some(ProjectShareOut::new(*owner, project, grant, name))
        }
        Target::Project(_) | Target::Batch(_) => None,
    };
    Ok(Json(grants.iter().filter_map(share).collect()))
}

/// Shares all the caller's batches of a project with somebody, or changes what that allows.
#[utoipa::path(post, path = "/api/projects/shares", tag = "sharing", request_body = ProjectShareIn,
    responses((status = 201, body = ProjectShareOut), (status = 400, description = "inactive, or oneself"),
        (status = 404, description = "no such user"), (status = 422, description = "fields")))]
pub async fn share_project(
    State(services): State<Services>,
    caller: Caller,
    client: ClientInfo,
    Body(wish): Body<ProjectShareIn>,
) -> ApiResult<(StatusCode, Json<ProjectShareOut>)> {
    if wish.project.trim().is_empty() {
        let msg = "String should have at least 1 character";
        let loc = ["body", "project"];
        return Err(Invalid::at(&loc, "string_too_short", msg, json!(wish.project)).into());
    }
    Invalid::check_chars("project", Some(&wish.project), PROJECT_CHARS)?;
    let owner = caller.user().id;
    let user = grantee::find(&services, &caller, None, &wish.grantee_username).await?;
    let on = Target::Owner(owner, wish.project.clone());
    let shares = services.store.owner_shares(owner).await?;
    let before = shares
        .iter()
        .find(|grant| grant.to == user.id && grant.on == on);
    let grant = Grant {
        on,
        to: user.id,
        role: wish.permission.into(),
        by: owner,
        at: before.map_or_else(|| services.clock.now(), |grant| grant.at),
    };
    let deed = deed("share_add", &wish.project).with("grantee_username", &user.username);
    grantee::give(&services, &caller, &client, &grant, before, deed).await?;
    let out = ProjectShareOut::new(owner, &wish.project, &grant, user.username);
    Ok((StatusCode::CREATED, Json(out)))
}

/// Ends a share of the caller's; an administrator names whose with `owner_id`.
#[utoipa::path(delete, path = "/api/projects/shares/{project}/{grantee_id}", tag = "sharing",
    params(("project" = String, Path), ("grantee_id" = u64, Path),
        ("owner_id" = Option<i64>, Query, description = "administrators: whose share, else their own")),
    responses((status = 200, body = RevokedOut), (status = 404, description = "no such share")))]
pub async fn unshare_project(
    State(services): State<Services>,
    caller: Caller,
    client: ClientInfo,
    path: PathParams,
    params: Params,
) -> ApiResult<Json<RevokedOut>> {
    let project = path.text(0);
    let to = path.integer(1, "grantee_id")?;
    let named = match (params.text("owner_id"), caller.user().is_admin) {
        (Some(_), true) => Some(params.integer("owner_id", 0, 1..=i64::MAX)? as u64),
        _ => None,
    };
    let owner = named.unwrap_or(caller.user().id);
    let on = Target::Owner(owner, project.to_owned());
    let shares = services.store.owner_shares(owner).await?;
    let grant = shares.iter().find(|grant| grant.to == to && grant.on == on);
    let grant = grant.ok_or_else(|| ApiError::new(Code::ShareNotFound))?;
    let deed = deed("share_remove", project);
    grantee::take(&services, &caller, &client, grant, deed).await?;
    Ok(Json(RevokedOut::DONE))
}

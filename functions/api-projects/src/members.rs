//! `/api/projects/{project}/members`: who takes part, and as what.

use crate::owned;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::access::Role;
use domain::limits::MEMBERS;
use domain::project::keeps_an_owner;
use runtime::Services;
use serde::{Deserialize, Serialize};
use store::grants::{Grant, Target};
use store::notices::share_write;
use utoipa::ToSchema;
use web::{ApiError, ApiResult, Body, Caller, ClientInfo, Deed, PathParams};
use wire::Code;

/// Somebody who takes part.
#[derive(Debug, Serialize, ToSchema)]
pub struct MemberOut {
    /// Who.
    pub user_id: u64,
    /// Their name; null when the account is gone.
    pub username: Option<String>,
    /// `viewer` reads, `editor` also reports, renames, tags and stops, `owner` decides.
    pub role: &'static str,
    /// Since when.
    pub since: String,
}

/// Somebody to take part.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MemberIn {
    /// User name, in any case.
    username: String,
    /// `viewer`, `editor` or `owner`.
    #[schema(value_type = String)]
    role: Role,
}

/// Another role.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleIn {
    /// `viewer`, `editor` or `owner`.
    #[schema(value_type = String)]
    role: Role,
}

async fn view(services: &Services, grant: &Grant) -> ApiResult<MemberOut> {
    let user = services.store.user(grant.to).await?;
    Ok(MemberOut {
        user_id: grant.to,
        username: user.map(|user| user.value.username),
        role: grant.role.as_str(),
        since: grant.at.to_text(),
    })
}

/// Lists the members, to members.
#[utoipa::path(get, path = "/api/projects/{project}/members", tag = "projects",
    params(("project" = String, Path)),
    responses((status = 200, body = Vec<MemberOut>), (status = 403, description = "members only"),
        (status = 404, description = "no such project")))]
pub async fn list_members(
    State(services): State<Services>,
    caller: Caller,
    path: PathParams,
) -> ApiResult<Json<Vec<MemberOut>>> {
    owned::load(&services, &caller, path.text(0), Role::Viewer).await?;
    let mut members = Vec::new();
    for grant in services.store.members(path.text(0)).await? {
        members.push(view(&services, &grant).await?);
    }
    Ok(Json(members))
}

/// Adds a member, or changes the role of one.
#[utoipa::path(post, path = "/api/projects/{project}/members", tag = "projects",
    params(("project" = String, Path)), request_body = MemberIn,
    responses((status = 201, body = MemberOut), (status = 400, description = "the account is not active"),
        (status = 403, description = "its owners only"), (status = 404, description = "no such project or user"),
        (status = 409, description = "it would have no owner, or too many members"), (status = 422, description = "fields")))]
pub async fn add_member(
    State(services): State<Services>,
    caller: Caller,
    client: ClientInfo,
    path: PathParams,
    Body(wish): Body<MemberIn>,
) -> ApiResult<(StatusCode, Json<MemberOut>)> {
    owned::load(&services, &caller, path.text(0), Role::Owner).await?;
    let user = services.store.user_named(wish.username.trim()).await?;
    let user = user.ok_or_else(|| ApiError::new(Code::UserNotFound))?.value;
    if !user.is_active {
        return Err(ApiError::new(Code::UserInactive));
    }
    let hand = Hand {
        services: &services,
        caller: &caller,
        client: &client,
        project: path.text(0),
    };
    let grant = hand.seat(user.id, wish.role, true).await?;
    Ok((StatusCode::CREATED, Json(view(&services, &grant).await?)))
}

/// Changes the role of a member.
#[utoipa::path(patch, path = "/api/projects/{project}/members/{user_id}", tag = "projects",
    params(("project" = String, Path), ("user_id" = u64, Path)), request_body = RoleIn,
    responses((status = 200, body = MemberOut), (status = 403, description = "its owners only"),
        (status = 404, description = "no such project or member"),
        (status = 409, description = "it would have no owner"), (status = 422, description = "fields")))]
pub async fn change_member(
    State(services): State<Services>,
    caller: Caller,
    client: ClientInfo,
    path: PathParams,
    Body(wish): Body<RoleIn>,
) -> ApiResult<Json<MemberOut>> {
    let user = path.integer(1, "user_id")?;
    let hand = Hand {
        services: &services,
        caller: &caller,
        client: &client,
        project: path.text(0),
    };
    let grant = hand.seat(user, wish.role, false).await?;
    Ok(Json(view(&services, &grant).await?))
}

/// Removes a member. Members may remove themselves.
#[utoipa::path(delete, path = "/api/projects/{project}/members/{user_id}", tag = "projects",
    params(("project" = String, Path), ("user_id" = u64, Path)),
    responses((status = 204, description = "no longer a member"), (status = 403, description = "its owners only"),
        (status = 404, description = "no such project or member"),
        (status = 409, description = "it would have no owner")))]
pub async fn remove_member(
    State(services): State<Services>,
    caller: Caller,
    client: ClientInfo,
    path: PathParams,
) -> ApiResult<StatusCode> {
    let user = path.integer(1, "user_id")?;
    let hand = Hand {
        services: &services,
        caller: &caller,
        client: &client,
        project: path.text(0),
    };
    hand.unseat(user).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whoever changes the members of a project.
struct Hand<'a> {
    services: &'a Services,
    caller: &'a Caller,
    client: &'a ClientInfo,
    project: &'a str,
}

impl Hand<'_> {
    fn deed(&self, action: &'static str, user: u64) -> Deed {
        Deed::new(action, "project", self.project).with("user_id", user)
    }

    /// Gives `user` a role; one who is no member yet only if `newcomers` may be.
    async fn seat(&self, user: u64, role: Role, newcomers: bool) -> ApiResult<Grant> {
        let (services, caller) = (self.services, self.caller);
        let decided = owned::change(services, caller, self.project, Role::Owner, |_, members| {
            let before = members.iter().find(|member| member.to == user);
            if before.is_none() && !newcomers {
                return Err(ApiError::new(Code::MemberNotFound));
            }
            if before.is_none() && members.len() >= MEMBERS {
                return Err(ApiError::with(Code::MemberLimit, [MEMBERS]));
            }
            if before.is_some() && !keeps_an_owner(roles(members), user, Some(role)) {
                return Err(ApiError::new(Code::LastOwner));
            }
            let grant = Grant {
                on: Target::Project(self.project.to_owned()),
                to: user,
                role,
                by: caller.user().id,
                at: before.map_or_else(|| services.clock.now(), |member| member.at),
            };
            let action = match before {
                None => "member_add",
                Some(_) => "member_update",
            };
            let deed = self.deed(action, user).with("role", role.as_str());
            let mut writes = grant.give()?.to_vec();
            writes.push(deed.row(services, caller, self.client)?);
            if before.is_none() && user != caller.user().id {
                let id = services.store.row_ids.take(grant.at, 1);
                writes.push(share_write(id, &grant, &caller.user().username)?);
            }
            Ok((grant, writes))
        });
        Ok(decided.await?.1)
    }

    /// Ends a membership: an owner anybody's, everybody their own.
    async fn unseat(&self, user: u64) -> ApiResult<()> {
        let (services, caller) = (self.services, self.caller);
        let least = match user == caller.user().id {
            true => Role::Viewer,
            false => Role::Owner,
        };
        let decided = owned::change(services, caller, self.project, least, |_, members| {
            let grant = members.iter().find(|grant| grant.to == user);
            let grant = grant.ok_or_else(|| ApiError::new(Code::MemberNotFound))?;
            if !keeps_an_owner(roles(members), user, None) {
                return Err(ApiError::new(Code::LastOwner));
            }
            let mut writes = grant.take().to_vec();
            let deed = self.deed("member_remove", user);
            writes.push(deed.row(services, caller, self.client)?);
            Ok(((), writes))
        });
        decided.await?;
        Ok(())
    }
}

fn roles(members: &[Grant]) -> impl Iterator<Item = (u64, Role)> {
    members.iter().map(|grant| (grant.to, grant.role))
}

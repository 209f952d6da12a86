//! Who may come in, and who is administrator.

use crate::users::{AdminUserOut, view};
use axum::Json;
use axum::extract::State;
use domain::account::User;
use runtime::Services;
use store::admins::Standing;
use store::audit::AuditRow;
use web::{Admin, ApiError, ApiResult, ClientInfo, PathParams, audit};
use wire::Code;

/// Shuts somebody out: every session ends for good, tokens rest until they may come back.
#[utoipa::path(post, path = "/api/admin/users/{user_id}/ban", tag = "admin",
    params(("user_id" = u64, Path)),
    responses((status = 200, body = AdminUserOut), (status = 400, description = "oneself"),
        (status = 403, description = "not an administrator"), (status = 404, description = "no such user"),
        (status = 409, description = "the last administrator")))]
pub async fn ban(
    services: State<Services>,
    admin: Admin,
    client: ClientInfo,
    path: PathParams,
) -> ApiResult<Json<AdminUserOut>> {
    if path.integer(0, "user_id")? == admin.0.user.id {
        return Err(ApiError::new(Code::SelfRefused));
    }
    let change = |user: &mut User| {
        user.epoch += u32::from(user.is_active);
        user.is_active = false;
    };
    let was = |user: &User| ("already_banned", !user.is_active);
    decide(&services, &admin, &client, &path, "user_ban", change, was).await
}

/// Lets somebody back in, locks cleared.
#[utoipa::path(post, path = "/api/admin/users/{user_id}/unban", tag = "admin",
    params(("user_id" = u64, Path)),
    responses((status = 200, body = AdminUserOut), (status = 403, description = "not an administrator"),
        (status = 404, description = "no such user")))]
pub async fn unban(
    services: State<Services>,
    admin: Admin,
    client: ClientInfo,
    path: PathParams,
) -> ApiResult<Json<AdminUserOut>> {
    let id = path.integer(0, "user_id")?;
    let change = |user: &mut User| user.is_active = true;
    let was = |user: &User| ("was_banned", !user.is_active);
    let done = decide(&services, &admin, &client, &path, "user_unban", change, was);
    let Json(mut out) = done.await?;
    services.store.clear_login_locks(&id.to_string()).await?;
    (out.failed_login_count, out.locked_until) = (0, None);
    Ok(Json(out))
}

/// Makes somebody administrator.
#[utoipa::path(post, path = "/api/admin/users/{user_id}/promote", tag = "admin",
    params(("user_id" = u64, Path)),
    responses((status = 200, body = AdminUserOut), (status = 403, description = "not an administrator"),
        (status = 404, description = "no such user")))]
pub async fn promote(
    services: State<Services>,
    admin: Admin,
    client: ClientInfo,
    path: PathParams,
) -> ApiResult<Json<AdminUserOut>> {
    let change = |user: &mut User| user.is_admin = true;
    let was = |user: &User| ("was_admin", user.is_admin);
    decide(
        &services,
        &admin,
        &client,
        &path,
        "user_promote",
        change,
        was,
    )
    .await
}

/// Makes an administrator an ordinary user; never the last one.
#[utoipa::path(post, path = "/api/admin/users/{user_id}/demote", tag = "admin",
    params(("user_id" = u64, Path)),
    responses((status = 200, body = AdminUserOut), (status = 403, description = "not an administrator"),
        (status = 404, description = "no such user"), (status = 409, description = "the last administrator")))]
pub async fn demote(
    services: State<Services>,
    admin: Admin,
    client: ClientInfo,
    path: PathParams,
) -> ApiResult<Json<AdminUserOut>> {
    let change = |user: &mut User| user.is_admin = false;
    let was = |user: &User| ("was_admin", user.is_admin);
    decide(
        &services,
        &admin,
        &client,
        &path,
        "user_demote",
        change,
        was,
    )
    .await
}

/// One change of somebody's standing; `was` is a particular of how it was before.
async fn decide(
    services: &Services,
    Admin(admin): &Admin,
    client: &ClientInfo,
    path: &PathParams,
    action: &str,
    change: impl Fn(&mut User),
    was: impl Fn(&User) -> (&'static str, bool),
) -> ApiResult<Json<AdminUserOut>> {
    let id = path.integer(0, "user_id")?;
    let row = |user: &User| -> AuditRow {
        let target = ("user", user.id);
        let row = audit::row(services, client, Some(admin.user.id), action, target);
        let row = audit::with(row, "target_username", &user.username);
        let (name, value) = was(user);
        audit::with(row, name, value)
    };
    let user = match services.store.change_standing(id, change, row).await? {
        Standing::Done(user) => user,
        Standing::LastAdmin => return Err(ApiError::new(Code::LastAdminStays)),
        Standing::Missing => return Err(ApiError::new(Code::UserNotFound)),
    };
    services.credentials.forget_user(id);
    tracing::info!(user.id = id, "{action} of {}", user.username);
    Ok(Json(view(services, &user).await?))
}

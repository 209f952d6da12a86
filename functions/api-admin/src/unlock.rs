//! Help for people who cannot log in.

use crate::users::{AdminUserOut, view};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::account::User;
use domain::bucket;
use runtime::Services;
use web::{Admin, ApiError, ApiResult, ClientInfo, Deed, PathParams, quota};
use wire::Code;

/// Forgets somebody's wrong passwords, so that every network may log in again.
#[utoipa::path(post, path = "/api/admin/users/{user_id}/unlock", tag = "admin",
    params(("user_id" = u64, Path)),
    responses((status = 200, body = AdminUserOut), (status = 403, description = "not an administrator"),
        (status = 404, description = "no such user")))]
pub async fn unlock(
    State(services): State<Services>,
    Admin(admin): Admin,
    client: ClientInfo,
    path: PathParams,
) -> ApiResult<Json<AdminUserOut>> {
    let user = find(&services, &path).await?;
    let deed = Deed::of_user("user_unlock", user.id).with("target_username", &user.username);
    let row = deed.row(&services, &admin, &client)?;
    // The row first: a lock is cleared in several steps, and each is told of.
    services.store.table.write(row).await?;
    services
        .store
        .clear_login_locks(&user.id.to_string())
        .await?;
    Ok(Json(view(&services, &user).await?))
}

/// Mails somebody a link to set a new password.
#[utoipa::path(post, path = "/api/admin/users/{user_id}/password-reset", tag = "admin",
    params(("user_id" = u64, Path)),
    responses((status = 204, description = "queued"), (status = 400, description = "banned"),
        (status = 403, description = "not an administrator"), (status = 404, description = "no such user"),
        (status = 429, description = "too often, see Retry-After")))]
pub async fn send_password_reset(
    State(services): State<Services>,
    Admin(admin): Admin,
    client: ClientInfo,
    path: PathParams,
) -> ApiResult<StatusCode> {
    let user = find(&services, &path).await?;
    if !user.is_active {
        return Err(ApiError::new(Code::UserInactive));
    }
    quota::take(&services, bucket::RESET_MAIL, user.id).await?;
    let deed = Deed::of_user("password_reset_sent", user.id);
    let deed = deed.with("target_username", &user.username);
    let also = vec![deed.row(&services, &admin, &client)?];
    api_auth::reset_password::send(&services, &user, also).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn find(services: &Services, path: &PathParams) -> ApiResult<User> {
    let id = path.integer(0, "user_id")?;
    let found = services.store.user(id).await?.map(|found| found.value);
    found.ok_or_else(|| ApiError::new(Code::UserNotFound))
}

//! Who may come in, and who is administrator.

use crate::users::{AdminUserOut, view};
use axum::Json;
use axum::extract::State;
use domain::account::{User, UserId};
use runtime::Services;
use store::admins::Standing;
use web::{Admin, ApiError, ApiResult, ClientInfo, Deed, PathParams};
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
    let hand = Hand::of(&services, &admin, &client, &path)?;
    if hand.id == admin.0.user.id {
        return Err(ApiError::new(Code::SelfRefused));
    }
    let change = |user: &mut User| {
        user.epoch += u32::from(user.is_active);
        user.is_active = false;
    };
    let was = |user: &User| ("already_banned", !user.is_active);
    hand.decide("user_ban", change, was).await
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
    let hand = Hand::of(&services, &admin, &client, &path)?;
    let change = |user: &mut User| user.is_active = true;
    let was = |user: &User| ("was_banned", !user.is_active);
    let done = hand.decide("user_unban", change, was);
    let Json(mut out) = done.await?;
    services
        .store
        .clear_login_locks(&hand.id.to_string())
        .await?;
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
    let hand = Hand::of(&services, &admin, &client, &path)?;
    let change = |user: &mut User| user.is_admin = true;
    let was = |user: &User| ("was_admin", user.is_admin);
    hand.decide("user_promote", change, was).await
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
    let hand = Hand::of(&services, &admin, &client, &path)?;
    let change = |user: &mut User| user.is_admin = false;
    let was = |user: &User| ("was_admin", user.is_admin);
    hand.decide("user_demote", change, was).await
}

/// An administrator who changes somebody's standing.
struct Hand<'a> {
    services: &'a Services,
    admin: &'a Admin,
    client: &'a ClientInfo,
    /// Whose.
    id: UserId,
}

impl<'a> Hand<'a> {
    /// The hand on the person the address names.
    fn of(
        services: &'a Services,
        admin: &'a Admin,
        client: &'a ClientInfo,
        path: &PathParams,
    ) -> ApiResult<Self> {
        Ok(Self {
            services,
            admin,
            client,
            id: path.integer(0, "user_id")?,
        })
    }

    /// One change; `was` is a particular of how it was before.
    async fn decide(
        &self,
        action: &'static str,
        change: impl Fn(&mut User),
        was: impl Fn(&User) -> (&'static str, bool),
    ) -> ApiResult<Json<AdminUserOut>> {
        let services = self.services;
        let row = |user: &User| {
            let (name, value) = was(user);
            Deed::of_user(action, user.id)
                .with("target_username", &user.username)
                .with(name, value)
                .row(services, &self.admin.0, self.client)
        };
        let changed = services.store.change_standing(self.id, change, row);
        let user = match changed.await? {
            Standing::Done(user) => user,
            Standing::LastAdmin => return Err(ApiError::new(Code::LastAdminStays)),
            Standing::Missing => return Err(ApiError::new(Code::UserNotFound)),
        };
        services.credentials.forget_user(self.id);
        tracing::info!(user.id = self.id, "{action} of {}", user.username);
        Ok(Json(view(services, &user).await?))
    }
}

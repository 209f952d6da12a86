//! `GET /api/auth/me`: the caller.

use crate::view::UserOut;
use axum::Json;
use web::Caller;

/// Shows the caller's account.
#[utoipa::path(get, path = "/api/auth/me", tag = "auth",
    responses((status = 200, body = UserOut), (status = 401, description = "no valid credential")))]
pub async fn me(caller: Caller) -> Json<UserOut> {
    Json(UserOut::from(caller.user()))
}

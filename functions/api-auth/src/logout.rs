//! `POST /api/auth/logout`: ends the session the request came with.

use crate::view::OkOut;
use axum::Json;
use axum::extract::State;
use runtime::{Credential, Services};
use web::{AnyCaller, ApiResult, ClientInfo, Deed};

/// Logs out. An API token is not a session and stays as it is.
#[utoipa::path(post, path = "/api/auth/logout", tag = "auth",
    responses((status = 200, body = OkOut), (status = 401, description = "no valid credential")))]
pub async fn logout(
    State(services): State<Services>,
    AnyCaller(caller): AnyCaller,
    client: ClientInfo,
) -> ApiResult<Json<OkOut>> {
    let Credential::Session { jti, .. } = &caller.credential else {
        return Ok(Json(OkOut::new("already-invalid")));
    };
    let (id, now) = (caller.user.id, services.clock.now());
    let deed = Deed::of_user("logout", id).with("detail", "logged-out");
    let also = vec![deed.row(&services, &caller, &client)?];
    services.store.revoke_session(id, jti, now, also).await?;
    services.credentials.forget_user(id);
    Ok(Json(OkOut::new("logged-out")))
}

//! `POST /api/auth/verify-email`: the link of the verification mail was followed.

use crate::link;
use crate::view::OkOut;
use auth::secret;
use axum::Json;
use axum::extract::State;
use domain::bucket;
use runtime::Services;
use serde::Deserialize;
use utoipa::ToSchema;
use web::{ApiError, ApiResult, Body, ClientInfo, Deed, quota};
use wire::Code;

/// The secret of the mailed link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EmailVerifyIn {
    /// Secret.
    token: String,
}

/// Confirms an address. Each link works once.
#[utoipa::path(post, path = "/api/auth/verify-email", tag = "auth", request_body = EmailVerifyIn,
    responses((status = 200, body = OkOut), (status = 400, description = "unknown, used or expired"),
        (status = 422, description = "invalid input")))]
pub async fn verify_email(
    State(services): State<Services>,
    client: ClientInfo,
    Body(wish): Body<EmailVerifyIn>,
) -> ApiResult<Json<OkOut>> {
    link::check("body", &wish.token)?;
    quota::take(&services, bucket::LINK, client.network()).await?;
    let now = services.clock.now();
    let digest = secret::digest(&wish.token);
    let row = |user| Deed::of_user("email_verified", user).row(&services, &user, &client);
    let user = services.store.verify_email(&digest, now, row).await?;
    let user = user.ok_or_else(|| ApiError::new(Code::SecretInvalid))?;
    services.credentials.forget_user(user.id);
    Ok(Json(OkOut::new("verified")))
}

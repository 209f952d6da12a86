//! Opening a session.

use crate::view::{TokenResponse, UserOut};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::account::{Session, User};
use runtime::{Services, entropy};
use store::StoreError;
use web::ClientInfo;

/// Opens a session for `user` and signs its token.
pub async fn open(
    services: &Services,
    user: &User,
    client: ClientInfo,
) -> Result<TokenResponse, StoreError> {
    let now = services.clock.now();
    let ends = now.plus_secs(services.config.jwt_ttl_secs);
    let jti = URL_SAFE_NO_PAD.encode(entropy::bytes::<12>());
    let session = Session {
        jti: jti.clone(),
        user_id: user.id,
        issued_at: now,
        expires_at: ends,
        user_agent: client.user_agent,
        ip: client.ip,
        last_seen_at: Some(now),
        revoked_at: None,
    };
    services.store.add_session(&session).await?;
    Ok(TokenResponse {
        access_token: services.credentials.keys.sign(user.id, &jti, now, ends),
        token_type: "bearer",
        expires_in: services.config.jwt_ttl_secs,
        user: UserOut::from(user),
    })
}

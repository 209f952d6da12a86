//! Opening sessions.

use crate::view::{TokenResponse, UserOut};
use crate::{link, mail};
use auth::secret;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::account::{Session, User};
use domain::place::Place;
use runtime::{Services, entropy};
use store::StoreError;
use store::locks::unlock_write;
use store::outbox::mail_write;
use store::places::places_write;
use store::sessions::session_write;
use web::{ClientInfo, Deed};

/// Hexadecimal digits kept of a browser's fingerprint.
const FINGERPRINT: usize = 16;

/// A session of `user` that is not stored yet.
pub fn fresh(services: &Services, user: &User, client: &ClientInfo) -> Session {
    let now = services.clock.now();
    Session {
        jti: URL_SAFE_NO_PAD.encode(entropy::bytes::<12>()),
        user_id: user.id,
        issued_at: now,
        expires_at: now.plus_secs(services.config.jwt_ttl_secs),
        user_agent: client.user_agent.clone(),
        ip: client.ip.clone(),
        last_seen_at: Some(now),
        revoked_at: None,
        epoch: user.epoch,
    }
}

/// Signs the token of a stored session.
pub async fn signed(
    services: &Services,
    user: &User,
    session: &Session,
) -> Result<TokenResponse, StoreError> {
    let keys = &services.credentials.keys;
    let ring = keys.ring(&services.store, session.issued_at).await?;
    let (from, to) = (session.issued_at, session.expires_at);
    Ok(TokenResponse {
        access_token: ring.sign(user.id, &session.jti, from, to),
        token_type: "bearer",
        expires_in: services.config.jwt_ttl_secs,
        user: UserOut::from(user),
    })
}

/// Logs `user` in, whose proof was checked against exactly this version's password: session,
/// time, place, audit row and, from somewhere new, a mail, all or nothing. `None` when the
/// account changed since in a way that voids the proof.
pub async fn log_in(
    services: &Services,
    user: &User,
    client: &ClientInfo,
    deed: Deed,
) -> Result<Option<TokenResponse>, StoreError> {
    let stamp = link::stamp(services).await?;
    let mut session = fresh(services, user, client);
    let mut places = services.store.places(user.id).await?;
    let browser = client.user_agent.as_deref().unwrap_or_default();
    let mut agent = secret::digest(browser);
    agent.truncate(FINGERPRINT);
    let strange = places.note(Place {
        network: client.network(),
        agent,
        at: stamp.now,
    });
    let row = deed.row(services, &user.id, client)?;
    let tell = strange && services.config.alert_new_places;
    let changed = services.store.change_user(user.id, |found| {
        if found.password_hash != user.password_hash || !found.is_active {
            return Ok(None);
        }
        found.last_login = Some(stamp.now);
        session.epoch = found.epoch;
        let mut writes = vec![
            session_write(&session)?,
            places_write(found.id, &places)?,
            row.clone(),
            unlock_write(&found.id.to_string(), &client.network()),
        ];
        if tell {
            writes.push(mail_write(&mail::new_place(&stamp, found, client)?)?);
        }
        Ok(Some(writes))
    });
    match changed.await? {
        Some(user) => signed(services, &user, &session).await.map(Some),
        None => Ok(None),
    }
}

//! Events and accounts for tests.

use domain::account::{ApiToken, Session, TokenScope, User};
use runtime::{Services, entropy};
use serde_json::{Value, json};
use store::accounts::Registered;
use store::outbox::{Mail, mail_write};
use store::secrets::{Purpose, Secret, secret_write};
use store::tokens::Added;

/// An event of a kind, for a batch and job, with data.
pub fn event(kind: &str, batch: &str, job: Option<&str>, data: Value) -> Value {
    json!({
        "event_id": crate::TestApp::event_id(),
        "schema_version": "1.1",
        "event_type": kind,
        "timestamp": "2026-11-21T04:20:39Z",
        "batch_id": batch,
        "job_id": job,
        "source": {"project": "proj", "host": "vm", "user": "alice"},
        "data": data,
    })
}

/// `batch_start`.
pub fn batch_start(batch: &str) -> Value {
    event(
        "batch_start",
        batch,
        None,
        json!({"experiment_type": "forecast", "n_total_jobs": 2}),
    )
}

/// `job_epoch`.
pub fn epoch(batch: &str, job: &str, epoch: i64, val_loss: f64) -> Value {
    event(
        "job_epoch",
        batch,
        Some(job),
        json!({"epoch": epoch, "val_loss": val_loss}),
    )
}

/// A user, made directly in the store. Its password is `correct-horse-7`.
pub async fn user(services: &Services, name: &str, is_admin: bool) -> User {
    let now = services.clock.now();
    let mut user = User {
        id: entropy::new_id(now),
        username: name.to_owned(),
        email: format!("{name}@example.com"),
        password_hash: Some(auth::password::hash("correct-horse-7", [7; 16])),
        is_admin: false,
        email_verified: false,
        is_active: true,
        created_at: now,
        last_login: None,
        locale: "en-US".into(),
        hide_demo: false,
        epoch: 0,
        links: vec![],
    };
    // On a clock that stands still ids are told apart by twelve random bits: draw until it fits.
    loop {
        let secret = Secret {
            digest: format!("digest of {name}"),
            purpose: Purpose::Verify,
            user_id: user.id,
            expires_at: now.plus_secs(60),
            address: None,
            epoch: 0,
            used: false,
        };
        let mail = Mail {
            id: services.store.row_ids.take(now, 1),
            to: user.email.clone(),
            subject: "welcome".into(),
            text: "welcome".into(),
            html: None,
            created_at: now,
        };
        let also = vec![
            secret_write(&secret).expect("writes"),
            mail_write(&mail).expect("writes"),
        ];
        let store = &services.store;
        match store.register(&user, true, also).await.expect("asked") {
            Registered::Done(_) => break,
            Registered::IdTaken => user.id = entropy::new_id(now),
            taken => panic!("{name}: {taken:?}"),
        }
    }
    // Who comes first is administrator by rule; tests say who is.
    let set = |user: &mut User| user.is_admin = is_admin;
    services
        .store
        .update_user(user.id, set)
        .await
        .expect("updated")
        .expect("exists")
}

/// A session of a user.
pub async fn session(services: &Services, user: &User) -> String {
    let now = services.clock.now();
    let ends = now.plus_secs(services.config.jwt_ttl_secs);
    let jti = format!("test-{:016x}", entropy::number());
    let session = Session {
        jti: jti.clone(),
        user_id: user.id,
        issued_at: now,
        expires_at: ends,
        user_agent: None,
        ip: None,
        last_seen_at: Some(now),
        revoked_at: None,
        epoch: user.epoch,
    };
    services.store.add_session(&session).await.expect("stored");
    let keys = &services.credentials.keys;
    let ring = keys.ring(&services.store, now).await.expect("keys");
    ring.sign(user.id, &jti, now, ends)
}

/// An API token of a user.
pub async fn token(services: &Services, user: &User, scope: TokenScope) -> String {
    let now = services.clock.now();
    let text = auth::token::format(scope, entropy::bytes());
    let parts = auth::token::parse(&text).expect("a token");
    let token = ApiToken {
        id: entropy::new_id(now),
        user_id: user.id,
        name: "test".into(),
        lookup: parts.lookup.to_owned(),
        hash: auth::token::hash(&text, [5; 16]),
        scope,
        created_at: now,
        last_used: Some(now),
        expires_at: None,
        revoked: false,
    };
    let made = services.store.tokens_made(user.id).await.expect("counted");
    assert_eq!(
        services
            .store
            .add_token(&token, made, vec![])
            .await
            .expect("stored"),
        Added::Done
    );
    text
}

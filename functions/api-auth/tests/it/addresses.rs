//! New addresses, and verification mails asked for again.

use crate::{audited, by_hand, login, mailed, server, wish};
use serde_json::{Value, json};

const NEW: &str = "alice@new.example.com";

fn change(to: &str, password: &str) -> Value {
    json!({"new_email": to, "current_password": password})
}

#[tokio::test]
async fn the_account_moves_when_the_link_to_the_new_address_is_followed() {
    let app = server(by_hand()).await;
    app.anonymous()
        .post("/api/auth/register", &wish("bob"))
        .await
        .ok(201);
    let session = login(&app, "alice").await;
    let path = "/api/auth/change-email";
    let wrong = session.post(path, &change(NEW, "wrong-horse-1")).await;
    assert_eq!(wrong.refused(401), "password_wrong");
    let same = session
        .post(path, &change("ALICE@example.com", "correct-horse-7"))
        .await;
    assert_eq!(same.refused(400), "email_same");
    let taken = session
        .post(path, &change("bob@example.com", "correct-horse-7"))
        .await;
    assert_eq!(taken.refused(400), "email_in_use");
    let often = session.post(path, &change(NEW, "correct-horse-7")).await;
    assert_eq!(often.refused(429), "rate_limited");
    app.services.clock.advance(1200);
    let asked = session
        .post(path, &change(NEW, "correct-horse-7"))
        .await
        .ok(200);
    assert_eq!(asked["detail"], "email-change-requested");
    let link = format!(
        "/api/auth/verify-new-email?token={}",
        mailed(&app, NEW, "verify-new-email").await
    );
    let anonymous = app.anonymous();
    assert_eq!(
        anonymous.get(&link).await.ok(200)["detail"],
        "email-changed"
    );
    assert_eq!(anonymous.get(&link).await.refused(410), "link_spent");
    let unknown = anonymous
        .get("/api/auth/verify-new-email?token=not-the-right-one")
        .await;
    assert_eq!(unknown.refused(400), "secret_invalid");
    anonymous.get("/api/auth/verify-new-email").await.ok(422);
    let me = session.get("/api/auth/me").await.ok(200);
    assert_eq!(
        (&me["email"], &me["email_verified"]),
        (&json!(NEW), &json!(true))
    );
    let login = json!({"username_or_email": NEW, "password": "correct-horse-7"});
    anonymous.post("/api/auth/login", &login).await.ok(200);
    // The old address is free again.
    let mut again = wish("carol");
    again["email"] = json!("alice@example.com");
    anonymous.post("/api/auth/register", &again).await.ok(201);
    let words = audited(&app).await;
    for word in [
        "email_change_requested",
        "email_changed",
        "email_change_rate_limited",
    ] {
        assert!(words.iter().any(|w| w == word), "{word}");
    }
}

#[tokio::test]
async fn an_address_taken_meanwhile_and_a_changed_password_void_the_link() {
    let app = server(by_hand()).await;
    let session = login(&app, "alice").await;
    let path = "/api/auth/change-email";
    session
        .post(path, &change(NEW, "correct-horse-7"))
        .await
        .ok(200);
    let first = mailed(&app, NEW, "verify-new-email").await;
    let mut taker = wish("bob");
    taker["email"] = json!(NEW);
    app.anonymous()
        .post("/api/auth/register", &taker)
        .await
        .ok(201);
    let link = format!("/api/auth/verify-new-email?token={first}");
    assert_eq!(
        app.anonymous().get(&link).await.refused(400),
        "email_in_use"
    );
    let other = "alice@third.example.com";
    session
        .post(path, &change(other, "correct-horse-7"))
        .await
        .ok(200);
    let second = mailed(&app, other, "verify-new-email").await;
    session
        .post("/api/auth/sessions/revoke-others", &Value::Null)
        .await
        .ok(200);
    let link = format!("/api/auth/verify-new-email?token={second}");
    assert_eq!(
        app.anonymous().get(&link).await.refused(400),
        "secret_invalid"
    );
}

#[tokio::test]
async fn a_verification_mail_is_sent_again_once_a_minute() {
    let app = server(by_hand()).await;
    let first = mailed(&app, "alice@example.com", "verify-email").await;
    let session = login(&app, "alice").await;
    let path = "/api/me/resend_verification";
    app.services.clock.advance(1);
    let sent = session.post(path, &Value::Null).await.ok(200);
    assert_eq!(sent, json!({"ok": true, "detail": null}));
    let often = session.post(path, &Value::Null).await;
    assert_eq!(often.refused(429), "rate_limited");
    assert_eq!(often.headers["retry-after"], "60");
    let second = mailed(&app, "alice@example.com", "verify-email").await;
    assert_ne!(first, second);
    let verify = json!({"token": first});
    app.anonymous()
        .post("/api/auth/verify-email", &verify)
        .await
        .ok(200);
    let done = session.post(path, &Value::Null).await;
    assert_eq!(done.refused(409), "already_verified");
    let words = audited(&app).await;
    for word in ["sent", "noop", "rate_limited"] {
        let word = format!("resend_verification_{word}");
        assert!(words.contains(&word), "{word}");
    }
}

//! New passwords, by mail and by hand, and what they end.

use crate::{audited, by_hand, login, mailed, server};
use serde_json::{Value, json};
use test_kit::TestApp;

const NEXT: &str = "better-horse-8";

fn reset(token: &str) -> Value {
    json!({"token": token, "new_password": NEXT})
}

async fn asked(app: &TestApp) -> String {
    let wish = json!({"email": "Alice@example.com"});
    let path = "/api/auth/request-password-reset";
    assert_eq!(
        app.anonymous().post(path, &wish).await.ok(200)["detail"],
        "ok"
    );
    mailed(app, "alice@example.com", "reset-password").await
}

#[tokio::test]
async fn a_mailed_link_sets_a_password_once_and_ends_every_session() {
    let app = server(by_hand()).await;
    let session = login(&app, "alice").await;
    let (first, second) = (asked(&app).await, asked(&app).await);
    let anonymous = app.anonymous();
    let path = "/api/auth/reset-password";
    let weak = json!({"token": first, "new_password": "short1"});
    let refused = anonymous.post(path, &weak).await;
    assert_eq!(
        refused.ok(422)["detail"][0]["loc"],
        json!(["body", "new_password"])
    );
    assert!(!refused.text().contains("short1"));
    let done = anonymous.post(path, &reset(&first)).await.ok(200);
    assert_eq!(done["detail"], "password-updated");
    session.get("/api/auth/me").await.ok(401);
    for late in [&first, &second] {
        let again = anonymous.post(path, &reset(late)).await;
        assert_eq!(
            again.refused(400),
            "secret_invalid",
            "older links are void too"
        );
    }
    let old = json!({"username_or_email": "alice", "password": "correct-horse-7"});
    anonymous.post("/api/auth/login", &old).await.ok(401);
    let new = json!({"username_or_email": "alice", "password": NEXT});
    anonymous.post("/api/auth/login", &new).await.ok(200);
    assert!(audited(&app).await.contains(&"password_changed".to_owned()));
}

#[tokio::test]
async fn a_reset_link_ends_after_a_quarter_of_an_hour() {
    let app = server(by_hand()).await;
    let token = asked(&app).await;
    app.services.clock.advance(15 * 60);
    let late = app
        .anonymous()
        .post("/api/auth/reset-password", &reset(&token))
        .await;
    assert_eq!(late.refused(400), "secret_invalid");
}

#[tokio::test]
async fn asking_tells_nobody_who_is_known_and_fills_no_mailbox() {
    let app = server(by_hand()).await;
    let path = "/api/auth/request-password-reset";
    let count = async || {
        app.services
            .store
            .waiting_mails(100)
            .await
            .expect("outbox")
            .len()
    };
    let before = count().await;
    let nobody = json!({"email": "nobody@example.com"});
    let mut unknown = app.anonymous().post(path, &nobody).await.ok(200);
    assert_eq!(count().await, before);
    let mut known = Value::Null;
    for _ in 0..5 {
        let wish = json!({"email": "alice@example.com"});
        known = app.anonymous().post(path, &wish).await.ok(200);
    }
    unknown["request_id"] = Value::Null;
    known["request_id"] = Value::Null;
    assert_eq!(unknown, known);
    assert_eq!(count().await, before + 3, "three mails, then silence");
    app.anonymous()
        .post(path, &json!({"email": "x"}))
        .await
        .ok(422);
}

#[tokio::test]
async fn a_changed_password_ends_the_others_and_keeps_this_session() {
    let app = server(by_hand()).await;
    let (phone, laptop) = (login(&app, "alice").await, login(&app, "alice").await);
    let path = "/api/auth/change-password";
    let change =
        |current: &str, new: &str| json!({"current_password": current, "new_password": new});
    let wrong = laptop.post(path, &change("wrong-horse-1", NEXT)).await;
    assert_eq!(wrong.refused(401), "password_wrong");
    assert_eq!(wrong.header("www-authenticate"), None);
    let same = change("correct-horse-7", "correct-horse-7");
    assert_eq!(laptop.post(path, &same).await.refused(400), "password_same");
    let right = change("correct-horse-7", NEXT);
    assert_eq!(
        laptop.post(path, &right).await.ok(200)["detail"],
        "password-updated"
    );
    phone.get("/api/auth/me").await.ok(401);
    let sessions = laptop.get("/api/auth/sessions").await.ok(200);
    assert_eq!(sessions.as_array().map(Vec::len), Some(1));
    assert_eq!(sessions[0]["is_current"], true);
    let mails = app.services.store.waiting_mails(100).await.expect("outbox");
    assert!(
        mails
            .iter()
            .any(|m| m.subject.contains("password was changed"))
    );
    for _ in 0..2 {
        laptop
            .post(path, &change("wrong-horse-1", NEXT))
            .await
            .ok(401);
    }
    let often = laptop.post(path, &right).await;
    assert_eq!(often.refused(429), "rate_limited");
    assert_eq!(often.headers["retry-after"], "720");
    let words = audited(&app).await;
    for word in [
        "password_changed",
        "password_change_failed",
        "password_change_rate_limited",
    ] {
        assert!(words.iter().any(|w| w == word), "{word}");
    }
}

#[tokio::test]
async fn others_and_all_sessions_end_at_once() {
    let app = server(by_hand()).await;
    let (phone, laptop) = (login(&app, "alice").await, login(&app, "alice").await);
    let others = "/api/auth/sessions/revoke-others";
    assert_eq!(
        laptop.post(others, &Value::Null).await.ok(200)["detail"],
        "revoked"
    );
    phone.get("/api/auth/me").await.ok(401);
    laptop.get("/api/auth/me").await.ok(200);
    let fresh = laptop.post("/api/auth/refresh", &Value::Null).await.ok(200);
    let fresh = app.bearer(fresh["access_token"].as_str().expect("a session"));
    fresh.get("/api/auth/me").await.ok(200);
    fresh
        .post("/api/auth/sessions/revoke-all", &Value::Null)
        .await
        .ok(200);
    fresh.get("/api/auth/me").await.ok(401);
    login(&app, "alice").await.get("/api/auth/me").await.ok(200);
}

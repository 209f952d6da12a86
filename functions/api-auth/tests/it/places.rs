//! Mails about logins from somewhere new.

use crate::{by_hand, login, server};
use serde_json::json;
use test_kit::TestApp;

async fn login_with(app: &TestApp, browser: &str) {
    let body = json!({"username_or_email": "alice", "password": "correct-horse-7"});
    let call = app.post("/api/auth/login").header("user-agent", browser);
    call.json(&body).send().await.ok(200);
}

async fn warnings(app: &TestApp) -> usize {
    let mails = app.services.store.waiting_mails(100).await.expect("outbox");
    mails
        .iter()
        .filter(|m| m.subject.contains("New sign-in"))
        .count()
}

#[tokio::test]
async fn a_new_browser_is_told_of_once_and_the_first_never() {
    let app = server(by_hand()).await;
    login(&app, "alice").await;
    assert_eq!(warnings(&app).await, 0);
    login_with(&app, "Other/1.0").await;
    assert_eq!(warnings(&app).await, 1);
    login_with(&app, "Other/1.0").await;
    login(&app, "alice").await;
    assert_eq!(warnings(&app).await, 1);
    app.services.clock.advance(31 * 86_400);
    login_with(&app, "Other/1.0").await;
    assert_eq!(warnings(&app).await, 2, "forgotten after a month");
}

#[tokio::test]
async fn warnings_can_be_turned_off() {
    let mut setup = by_hand();
    setup.variables = vec![("ARGUS_ALERTS_ANOMALOUS_LOGIN_ENABLED", "false".into())];
    let app = server(setup).await;
    login(&app, "alice").await;
    login_with(&app, "Other/1.0").await;
    assert_eq!(warnings(&app).await, 0);
}

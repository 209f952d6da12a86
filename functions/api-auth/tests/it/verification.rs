//! The mail that waits in the outbox, and its link.

use crate::{login, wish};
use serde_json::json;
use test_kit::TestApp;
use test_kit::app::Setup;

async fn link(app: &TestApp) -> String {
    let mails = app.services.store.waiting_mails(10).await.expect("outbox");
    assert_eq!(
        (mails.len(), mails[0].to.as_str()),
        (1, "alice@example.com")
    );
    let words = mails[0].text.split_whitespace();
    let link = words
        .into_iter()
        .find(|w| w.starts_with("http"))
        .expect("a link");
    assert!(
        link.starts_with("http://argus.example/verify-email?token="),
        "{link}"
    );
    link.rsplit_once('=').expect("a token").1.to_owned()
}

#[tokio::test]
async fn the_mailed_link_verifies_once() {
    let app = TestApp::new(api_auth::routes()).await;
    app.anonymous()
        .post("/api/auth/register", &wish("alice"))
        .await
        .ok(201);
    let secret = json!({"token": link(&app).await});
    let session = login(&app, "alice").await;
    assert_eq!(
        session.get("/api/auth/me").await.ok(200)["email_verified"],
        false
    );
    let anonymous = app.anonymous();
    let unknown = json!({"token": "not-the-right-one"});
    assert_eq!(
        anonymous
            .post("/api/auth/verify-email", &unknown)
            .await
            .refused(400),
        "secret_invalid"
    );
    let verified = anonymous
        .post("/api/auth/verify-email", &secret)
        .await
        .ok(200);
    assert_eq!(verified["detail"], "verified");
    assert_eq!(
        session.get("/api/auth/me").await.ok(200)["email_verified"],
        true
    );
    assert_eq!(
        anonymous
            .post("/api/auth/verify-email", &secret)
            .await
            .refused(400),
        "secret_invalid"
    );
}

#[tokio::test]
async fn an_old_link_is_refused_and_chinese_readers_get_chinese() {
    let app = TestApp::with(
        api_auth::routes(),
        Setup {
            manual_clock: true,
            ..Setup::default()
        },
    )
    .await;
    let call = app
        .post("/api/auth/register")
        .header("accept-language", "zh-CN");
    call.json(&wish("alice")).send().await.ok(201);
    let mails = app.services.store.waiting_mails(10).await.expect("outbox");
    assert!(mails[0].subject.contains("验证"), "{}", mails[0].subject);
    let secret = json!({"token": link(&app).await});
    app.services.clock.advance(24 * 3600);
    let late = app
        .anonymous()
        .post("/api/auth/verify-email", &secret)
        .await;
    assert_eq!(late.refused(400), "secret_invalid");
}

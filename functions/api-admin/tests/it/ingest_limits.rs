//! What ingest takes of one token is set while the server runs.

use crate::{admin_of, routes};
use domain::account::TokenScope;
use http::Method;
use serde_json::{Value, json};
use test_kit::app::Setup;
use test_kit::build::{batch_start, event};
use test_kit::{Actor, TestApp};

async fn set(admin: &Actor, key: &str, value: Value) {
    let path = format!("/api/admin/system-config/ingest/{key}");
    let call = admin
        .call(Method::PUT, &path)
        .json(&json!({"value": value}));
    call.send().await.ok(200);
}

#[tokio::test]
async fn limits_take_effect_without_a_restart() {
    let setup = Setup {
        manual_clock: true,
        ..Setup::default()
    };
    let app = TestApp::with(routes().merge(api_ingest::routes()), setup).await;
    let (_, admin) = admin_of(&app).await;
    let alice = app.user("alice", false).await;
    let alice = app.token(&alice, TokenScope::Reporter).await;
    let post = async || alice.post("/api/events", &batch_start("b")).await;
    for _ in 0..3 {
        post().await.ok(200);
    }
    set(&admin, "burst", json!(3)).await;
    set(&admin, "rate_per_s", json!(1)).await;
    assert_eq!(post().await.refused(429), "rate_limited");
    set(&admin, "burst", json!(10)).await;
    post().await.ok(200);
    set(&admin, "body_kb", json!(16)).await;
    let long = event("log_line", "b", None, json!({"line": "x".repeat(20_000)}));
    let refused = alice.post("/api/events", &long).await;
    assert_eq!(refused.refused(413), "body_too_large");
    set(&admin, "body_kb", json!(64)).await;
    alice.post("/api/events", &long).await.ok(200);
}

//! Order of checks and refusals of `POST /api/events`.

use crate::setup::{server, server_with};
use domain::account::TokenScope;
use serde_json::{Value, json};
use test_kit::app::Setup;
use test_kit::build::{batch_start, epoch, event};

fn with(mut event: Value, key: &str, value: Value) -> Value {
    event[key] = value;
    event
}

#[tokio::test]
async fn refusals_come_in_the_contracts_order() {
    let (app, reporter) = server().await;
    let broken = app.post("/api/events").text("application/json", "{oops");
    let reply = broken.send().await.ok(422);
    assert_eq!(reply["detail"][0]["type"], "json_invalid");
    let anonymous = app.post("/api/events").json(&json!({})).send().await;
    assert_eq!(anonymous.refused(401), "auth_required");
    assert_eq!(anonymous.headers["www-authenticate"], "Bearer");
    let user = app.user("bob", false).await;
    let session = app
        .session(&user)
        .await
        .post("/api/events", &json!({}))
        .await;
    assert_eq!(session.refused(403), "reporter_required");
    let viewer = app.token(&user, TokenScope::Viewer).await;
    assert_eq!(
        viewer.post("/api/events", &json!({})).await.refused(403),
        "reporter_required"
    );
    assert_eq!(
        reporter.post("/api/events", &json!({})).await.refused(422),
        "validation"
    );
    let text = reporter
        .call(http::Method::POST, "/api/events")
        .text("text/plain", "{}");
    assert_eq!(text.send().await.refused(422), "validation");
}

#[tokio::test]
async fn every_bad_event_has_its_status_code_and_changes_nothing() {
    let (_app, reporter) = server().await;
    let good = epoch("b", "j", 1, 0.5);
    for (bad, status, code) in [
        (
            with(good.clone(), "schema_version", json!("2.0")),
            415,
            "schema_unsupported",
        ),
        (
            with(good.clone(), "event_id", Value::Null),
            422,
            "event_id_missing",
        ),
        (
            with(good.clone(), "event_id", json!("short")),
            422,
            "validation",
        ),
        (
            with(good.clone(), "event_type", json!("nope")),
            422,
            "validation",
        ),
        (with(good.clone(), "bogus", json!(1)), 422, "validation"),
        (with(good.clone(), "source", json!({})), 422, "validation"),
        (
            with(good.clone(), "timestamp", json!("garbage")),
            422,
            "timestamp_invalid",
        ),
        (
            with(good.clone(), "job_id", Value::Null),
            400,
            "job_id_missing",
        ),
        (
            with(good.clone(), "data", json!({"epoch": 1.5})),
            422,
            "event_invalid",
        ),
        (
            with(
                good.clone(),
                "data",
                json!({"epoch": 1, "pad": "x".repeat(300_000)}),
            ),
            413,
            "event_too_large",
        ),
    ] {
        let reply = reporter.post("/api/events", &bad).await;
        assert_eq!(reply.refused(status), code, "{bad:.200}");
    }
    assert_eq!(
        reporter.get("/api/batches/b").await.refused(404),
        "batch_not_found"
    );
}

#[tokio::test]
async fn an_unsupported_version_says_what_is_supported() {
    let (_app, reporter) = server().await;
    let sent = with(batch_start("b"), "schema_version", json!("2.0"));
    let body = reporter.post("/api/events", &sent).await.ok(415);
    assert_eq!(body["detail"]["received"], "2.0");
    assert_eq!(body["detail"]["supported"], json!(["1.1"]));
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_413() {
    let (_app, reporter) = server().await;
    let body = format!("{{\"events\": \"{}\"}}", "x".repeat(10 * 1024 * 1024));
    let call = reporter.call(http::Method::POST, "/api/events/batch");
    assert_eq!(
        call.text("application/json", body)
            .send()
            .await
            .refused(413),
        "body_too_large"
    );
}

#[tokio::test]
async fn the_request_budget_answers_429_with_a_wait() {
    let variables = vec![
        ("ARGUS_INGEST_BURST", "2".to_owned()),
        ("ARGUS_INGEST_RATE", "1".to_owned()),
    ];
    let (_app, reporter) = server_with(Setup {
        variables,
        manual_clock: true,
        ..Setup::default()
    })
    .await;
    for _ in 0..2 {
        reporter
            .post("/api/events", &batch_start("b"))
            .await
            .ok(200);
    }
    let refused = reporter.post("/api/events", &batch_start("b")).await;
    assert_eq!(refused.refused(429), "rate_limited");
    assert_eq!(refused.headers["retry-after"], "1");
}

#[tokio::test]
async fn errors_speak_the_callers_language() {
    let (app, _) = server().await;
    let call = app
        .get("/api/batches/b")
        .header("accept-language", "zh-CN,zh;q=0.9");
    let body = call.send().await.ok(401);
    assert!(
        body["detail"]
            .as_str()
            .is_some_and(|d| d.contains("需要身份验证")),
        "{body}"
    );
}

#[tokio::test]
async fn a_foreign_batch_is_refused_and_left_alone() {
    let (app, alice) = server().await;
    alice.post("/api/events", &batch_start("b")).await.ok(200);
    let bob = app.user("bob", false).await;
    let bob = app.token(&bob, TokenScope::Reporter).await;
    let theft = event("batch_start", "b", None, json!({"command": "steal"}));
    assert_eq!(
        bob.post("/api/events", &theft).await.refused(403),
        "batch_foreign"
    );
    let rows = crate::setup::post(&bob, &[theft, batch_start("c")])
        .await
        .ok(200);
    assert_eq!(rows["results"][0]["code"], "batch_foreign");
    assert_eq!(rows["results"][1]["status"], "accepted");
    let shown = alice.get("/api/batches/b").await.ok(200);
    assert_eq!(shown["command"], Value::Null);
    assert_eq!(
        bob.get("/api/batches/b").await.refused(404),
        "batch_not_found"
    );
    let admin = app.user("root", true).await;
    let admin = app.token(&admin, TokenScope::Reporter).await;
    admin
        .post("/api/events", &epoch("b", "j", 0, 1.0))
        .await
        .ok(200);
}

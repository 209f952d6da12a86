//! A server with ingest and hosts, and people who report.

use domain::account::TokenScope;
use domain::time::Timestamp;
use serde_json::{Value, json};
use test_kit::app::Setup;
use test_kit::build::event;
use test_kit::{Actor, Reply, TestApp};

/// A server whose clock stands still until it is moved.
pub async fn server() -> TestApp {
    let routes = web::Routes::new()
        .merge(api_hosts::routes())
        .merge(api_ingest::routes())
        .merge(api_batches::routes());
    let setup = Setup {
        manual_clock: true,
        ..Setup::default()
    };
    TestApp::with(routes, setup).await
}

/// A user's reporter token.
pub async fn reporter(app: &TestApp, name: &str) -> Actor {
    let user = app.user(name, false).await;
    app.token(&user, TokenScope::Reporter).await
}

/// An administrator's reporter token.
pub async fn admin(app: &TestApp) -> Actor {
    let user = app.user("root", true).await;
    app.token(&user, TokenScope::Reporter).await
}

/// `batch_start` on a host.
pub fn start(batch: &str, host: &str) -> Value {
    let mut start = test_kit::build::batch_start(batch);
    start["source"]["host"] = json!(host);
    start
}

/// A snapshot of a host.
pub fn snapshot(batch: &str, host: &str, at: Timestamp, data: Value) -> Value {
    let mut snapshot = event("resource_snapshot", batch, None, data);
    snapshot["source"]["host"] = json!(host);
    snapshot["timestamp"] = json!(at.to_text());
    snapshot
}

/// Posts events together; the row ids they got.
pub async fn post(reporter: &Actor, events: &[Value]) -> Vec<u64> {
    let body = json!({"events": events});
    let answer = reporter.post("/api/events/batch", &body).await.ok(200);
    assert_eq!(answer["rejected"], 0, "{answer}");
    let results = answer["results"].as_array().expect("results");
    let id = |result: &Value| result["db_id"].as_u64().expect("a row id");
    results.iter().map(id).collect()
}

/// Row ids of a list of snapshots, in order.
pub fn ids(snapshots: &Value) -> Vec<u64> {
    let rows = snapshots.as_array().expect("a list");
    let id = |row: &Value| row["id"].as_u64().expect("a row id");
    rows.iter().map(id).collect()
}

/// The cursor of the next page.
pub fn cursor(reply: &Reply) -> Option<String> {
    let header = reply.headers.get("x-next-cursor")?;
    Some(header.to_str().expect("text").to_owned())
}

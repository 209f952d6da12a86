//! A server with a few people who report.

use domain::account::TokenScope;
use domain::time::Timestamp;
use serde_json::{Value, json};
use test_kit::app::{START, Setup};
use test_kit::build::event;
use test_kit::{Actor, TestApp};

/// A server whose clock stands still until it is moved.
pub async fn server() -> TestApp {
    let routes = web::Routes::new()
        .merge(api_account::routes())
        .merge(api_batches::routes())
        .merge(api_dashboard::routes())
        .merge(api_hosts::routes())
        .merge(api_ingest::routes());
    let setup = Setup {
        manual_clock: true,
        ..Setup::default()
    };
    TestApp::with(routes, setup).await
}

/// Somebody's reporter token.
pub async fn reporter(app: &TestApp, name: &str) -> Actor {
    let user = app.user(name, name == "root").await;
    app.token(&user, TokenScope::Reporter).await
}

/// Posts events together.
pub async fn post(reporter: &Actor, events: &[Value]) {
    let body = json!({"events": events});
    let answer = reporter.post("/api/events/batch", &body).await.ok(200);
    assert_eq!(answer["rejected"], 0, "{answer}");
}

/// An event of `project` on host `host`, so many seconds after the clock began.
pub fn at(second: i64, project: &str, host: &str, mut event: Value) -> Value {
    event["timestamp"] = json!(Timestamp(START.0).plus_secs(second).to_text());
    event["source"] = json!({"project": project, "host": host, "user": "ada"});
    event
}

/// `batch_start` with so many jobs planned.
pub fn start(batch: &str, jobs: i64) -> Value {
    event("batch_start", batch, None, json!({"n_total_jobs": jobs}))
}

/// `job_start`.
pub fn job(batch: &str, job: &str) -> Value {
    let data = json!({"model": format!("model of {job}"), "dataset": "d", "pid": 42});
    event("job_start", batch, Some(job), data)
}

/// `job_done` after so many seconds, with metrics.
pub fn done(batch: &str, job: &str, took: i64, metrics: Value) -> Value {
    let data = json!({"elapsed_s": took, "metrics": metrics});
    event("job_done", batch, Some(job), data)
}

/// `job_failed`.
pub fn failed(batch: &str, job: &str, error: &str) -> Value {
    event("job_failed", batch, Some(job), json!({"error": error}))
}

/// The texts under `name` of the objects in a list.
pub fn texts(list: &Value, name: &str) -> Vec<String> {
    let rows = list.as_array().expect("a list").iter();
    rows.map(|row| row[name].as_str().expect("a text").to_owned())
        .collect()
}

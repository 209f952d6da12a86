//! A server with a few runs.

use domain::account::TokenScope;
use serde_json::{Value, json};
use test_kit::app::Setup;
use test_kit::build::event;
use test_kit::{Actor, TestApp};

/// Server and reporter; the clock stands still.
pub async fn server() -> (TestApp, Actor) {
    let routes = web::Routes::new()
        .merge(api_ingest::routes())
        .merge(api_batches::routes());
    let setup = Setup {
        manual_clock: true,
        ..Setup::default()
    };
    let app = TestApp::with(routes, setup).await;
    let user = app.user("alice", false).await;
    let reporter = app.token(&user, TokenScope::Reporter).await;
    (app, reporter)
}

/// Posts events.
pub async fn post(reporter: &Actor, events: &[Value]) {
    let body = json!({"events": events});
    let reply = reporter.post("/api/events/batch", &body).await.ok(200);
    assert_eq!(reply["rejected"], 0, "{reply}");
}

/// An event at a second of a certain day, of a project and host.
pub fn at(second: i64, mut event: Value, project: &str, host: &str) -> Value {
    let (minute, second) = (second / 60, second % 60);
    event["timestamp"] = json!(format!("2026-11-20T10:{minute:02}:{second:02}Z"));
    event["source"] = json!({"project": project, "host": host, "user": "ada"});
    event
}

/// A done job: starts at `second`, takes `took` seconds.
pub fn done_job(batch: &str, job: &str, second: i64, took: i64, mse: f64) -> Vec<Value> {
    let start = event(
        "job_start",
        batch,
        Some(job),
        json!({"model": job, "dataset": "etth1"}),
    );
    let data = json!({"elapsed_s": took, "metrics": {"MSE": mse, "note": "a, \"b\""}});
    let done = event("job_done", batch, Some(job), data);
    vec![
        at(second, start, "demo", "gpu-1"),
        at(second + took, done, "demo", "gpu-1"),
    ]
}

/// Ids of the batches a path lists.
pub async fn ids(reader: &Actor, path: &str) -> Vec<String> {
    let rows = reader.get(path).await.ok(200);
    let rows = rows.as_array().expect("a list");
    rows.iter()
        .map(|row| row["id"].as_str().expect("an id").to_owned())
        .collect()
}

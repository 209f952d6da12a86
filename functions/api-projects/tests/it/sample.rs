//! A project with a few results.

use domain::account::TokenScope;
use serde_json::{Value, json};
use test_kit::app::Setup;
use test_kit::build::event;
use test_kit::{Actor, TestApp};

/// Server and reporter; the clock stands still.
pub async fn server() -> (TestApp, Actor) {
    let routes = web::Routes::new()
        .merge(api_account::routes())
        .merge(api_batches::routes())
        .merge(api_hosts::routes())
        .merge(api_ingest::routes())
        .merge(api_projects::routes());
    let setup = Setup {
        manual_clock: true,
        ..Setup::default()
    };
    let app = TestApp::with(routes, setup).await;
    let user = app.user("alice", false).await;
    let reporter = app.token(&user, TokenScope::Reporter).await;
    (app, reporter)
}

fn of(project: &str, mut event: Value) -> Value {
    event["source"] = json!({"project": project, "host": "gpu-1"});
    event["timestamp"] = json!("2026-11-16T22:30:00Z");
    event
}

/// Reports a batch of `project` whose done jobs have these `(model, dataset, metrics)`; it ends.
pub async fn batch(reporter: &Actor, project: &str, id: &str, results: &[(&str, &str, Value)]) {
    let mut events = vec![event(
        "batch_start",
        id,
        None,
        json!({"n_total_jobs": results.len()}),
    )];
    for (i, (model, dataset, metrics)) in results.iter().enumerate() {
        let job = format!("j{i}");
        let start = json!({"model": model, "dataset": dataset});
        events.push(event("job_start", id, Some(&job), start));
        let done = json!({"elapsed_s": 1800, "metrics": metrics});
        events.push(event("job_done", id, Some(&job), done));
    }
    events.push(event("batch_done", id, None, json!({})));
    let events: Vec<Value> = events.into_iter().map(|e| of(project, e)).collect();
    let reply = reporter
        .post("/api/events/batch", &json!({"events": events}))
        .await;
    assert_eq!(reply.ok(200)["rejected"], 0);
}

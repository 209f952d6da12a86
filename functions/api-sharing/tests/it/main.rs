//! Sharing through the real router over fresh engines.

mod laws;
mod links;
mod shares;

use domain::account::TokenScope;
use serde_json::{Value, json};
use test_kit::app::Setup;
use test_kit::build::event;
use test_kit::{Actor, TestApp};

/// A server whose clock stands still.
async fn server() -> TestApp {
    let routes = web::Routes::new()
        .merge(api_account::routes())
        .merge(api_batches::routes())
        .merge(api_hosts::routes())
        .merge(api_ingest::routes())
        .merge(api_projects::routes())
        .merge(api_sharing::routes());
    let setup = Setup {
        manual_clock: true,
        ..Setup::default()
    };
    TestApp::with(routes, setup).await
}

/// Somebody with a reporter token, and their id.
async fn person(app: &TestApp, name: &str) -> (Actor, u64) {
    let user = app.user(name, false).await;
    (app.token(&user, TokenScope::Reporter).await, user.id)
}

/// Reports a batch with one job, an epoch, a line and a snapshot.
async fn batch(reporter: &Actor, project: &str, id: &str) {
    let of = |kind: &str, job: Option<&str>, data: Value| {
        let mut event = event(kind, id, job, data);
        event["source"] = json!({"project": project, "host": "gpu-1"});
        event
    };
    let events = json!({"events": [
        of("batch_start", None, json!({"n_total_jobs": 1})),
        of("job_start", Some("j"), json!({"model": "m", "dataset": "d"})),
        of("job_epoch", Some("j"), json!({"epoch": 0, "val_loss": 0.5})),
        of("log_line", Some("j"), json!({"line": "hello", "level": "info"})),
        of("resource_snapshot", None, json!({"cpu_util_pct": 12})),
        of("env_snapshot", None, json!({"python": "3.12"})),
    ]});
    let reply = reporter.post("/api/events/batch", &events).await;
    assert_eq!(reply.ok(200)["rejected"], 0);
}

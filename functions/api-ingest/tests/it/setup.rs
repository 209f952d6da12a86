//! A server with ingest and reads, and somebody who reports.

use domain::account::TokenScope;
use serde_json::{Value, json};
use test_kit::app::Setup;
use test_kit::{Actor, Reply, TestApp};

/// The functions under test: ingest, and the reads that show what it did.
pub fn routes() -> web::Routes {
    web::Routes::new()
        .merge(api_ingest::routes())
        .merge(api_batches::routes())
}

/// Server and reporter.
pub async fn server() -> (TestApp, Actor) {
    server_with(Setup::default()).await
}

/// Server and reporter, with peculiarities.
pub async fn server_with(setup: Setup) -> (TestApp, Actor) {
    let app = TestApp::with(routes(), setup).await;
    let user = app.user("alice", false).await;
    let reporter = app.token(&user, TokenScope::Reporter).await;
    (app, reporter)
}

/// Posts events as a batch.
pub async fn post(reporter: &Actor, events: &[Value]) -> Reply {
    reporter
        .post("/api/events/batch", &json!({"events": events}))
        .await
}

/// Epoch numbers of a job as the API shows them.
pub async fn epochs(reader: &Actor, batch: &str, job: &str) -> Vec<i64> {
    let points = reader
        .get(&format!("/api/jobs/{batch}/{job}/epochs"))
        .await
        .ok(200);
    let points = points.as_array().expect("a list").clone();
    points.iter().filter_map(|p| p["epoch"].as_i64()).collect()
}

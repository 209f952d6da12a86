//! A server with people who have batches.

use domain::account::{TokenScope, User};
use http::Method;
use serde_json::{Value, json};
use test_kit::app::Setup;
use test_kit::build::batch_start;
use test_kit::{Actor, Reply, TestApp};

/// Server with a clock that stands still until it is moved.
pub async fn server() -> TestApp {
    let routes = web::Routes::new()
        .merge(api_account::routes())
        .merge(api_ingest::routes());
    let setup = Setup {
        manual_clock: true,
        ..Setup::default()
    };
    TestApp::with(routes, setup).await
}

/// A user with a session, who reported batches with these ids.
pub async fn person(app: &TestApp, name: &str, batches: &[&str]) -> (User, Actor) {
    let user = app.user(name, false).await;
    let reporter = app.token(&user, TokenScope::Reporter).await;
    for batch in batches {
        reporter
            .post("/api/events", &batch_start(batch))
            .await
            .ok(200);
    }
    let session = app.session(&user).await;
    (user, session)
}

/// Marks a batch as deleted, or as there again.
pub async fn set_deleted(app: &TestApp, batch: &str, deleted: bool) {
    let found = app.services.store.batch(batch).await.expect("read");
    let found = found.expect("exists");
    let mut batch = found.value;
    batch.deleted_at = deleted.then(|| app.services.clock.now());
    let saved = app
        .services
        .store
        .save_batch(&batch, found.rev, vec![])
        .await;
    saved.expect("saved");
}

/// POST of `{"batch_id": …}` to the pins.
pub async fn pin(actor: &Actor, batch: &str) -> Reply {
    actor.post("/api/pins", &json!({"batch_id": batch})).await
}

/// Batch ids of the caller's pins, in order.
pub async fn pinned(actor: &Actor) -> Vec<String> {
    let pins = actor.get("/api/pins").await.ok(200);
    let pins = pins.as_array().expect("a list").clone();
    let id = |pin: &Value| pin["batch_id"].as_str().expect("an id").to_owned();
    pins.iter().map(id).collect()
}

/// PATCH of JSON.
pub async fn patch(actor: &Actor, path: &str, body: &Value) -> Reply {
    actor.call(Method::PATCH, path).json(body).send().await
}

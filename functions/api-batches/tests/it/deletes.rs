//! What is deleted is gone everywhere at once, and counters follow.

use crate::sample::{at, done_job, ids, post, server};
use domain::account::TokenScope;
use serde_json::json;
use test_kit::build::{batch_start, event};

#[tokio::test]
async fn only_batches_at_rest_are_deleted_and_then_seen_nowhere() {
    let (app, owner) = server().await;
    let mut events = vec![at(0, batch_start("b"), "demo", "gpu-1")];
    events.extend(done_job("b", "j", 1, 5, 0.3));
    post(&owner, &events).await;
    assert_eq!(
        owner.delete("/api/batches/b").await.refused(409),
        "batch_active"
    );
    post(
        &owner,
        &[at(
            9,
            event("batch_done", "b", None, json!({})),
            "demo",
            "gpu-1",
        )],
    )
    .await;
    let out = owner.delete("/api/batches/b").await.ok(200);
    assert_eq!(out, json!({"status": "deleted", "batch_id": "b"}));
    assert!(ids(&owner, "/api/batches").await.is_empty());
    assert!(ids(&owner, "/api/batches?project=demo").await.is_empty());
    assert_eq!(owner.get("/api/jobs").await.ok(200)["total"], 0);
    for path in [
        "/api/batches/b",
        "/api/batches/b/jobs",
        "/api/jobs/b/j",
        "/api/batches/b/export.csv",
    ] {
        assert_eq!(owner.get(path).await.status, 404, "{path}");
    }
    assert_eq!(
        owner.delete("/api/batches/b").await.refused(404),
        "batch_not_found"
    );
    // A script that goes on is told within a second, and loses nothing should somebody restore it.
    app.services.clock.advance(2);
    let line = event("log_line", "b", None, json!({"line": "x"}));
    let kept = owner.post("/api/events", &line).await;
    assert_eq!(kept.ok(200)["deleted"], true);
    let both = json!({"events": [line, batch_start("other")]});
    let kept = owner.post("/api/events/batch", &both).await.ok(200);
    assert_eq!(kept["deleted"], json!(["b"]));
}

#[tokio::test]
async fn a_deleted_job_leaves_the_counters() {
    let (_app, owner) = server().await;
    let mut events = vec![at(0, batch_start("b"), "demo", "gpu-1")];
    events.extend(done_job("b", "j", 1, 5, 0.3));
    events.extend(done_job("b", "k", 1, 5, 0.3));
    events.push(at(
        2,
        event("job_start", "b", Some("r"), json!({})),
        "demo",
        "gpu-1",
    ));
    post(&owner, &events).await;
    assert_eq!(
        owner.delete("/api/jobs/b/r").await.refused(409),
        "job_active"
    );
    owner.delete("/api/jobs/b/j").await.ok(200);
    assert_eq!(
        owner.delete("/api/jobs/b/j").await.refused(404),
        "job_not_found"
    );
    let batch = owner.get("/api/batches/b").await.ok(200);
    assert_eq!(batch["n_done"], 1);
    assert_eq!(
        owner
            .get("/api/batches/b/jobs")
            .await
            .ok(200)
            .as_array()
            .map(Vec::len),
        Some(2)
    );
    // A late word about it changes nothing that is counted.
    post(&owner, &done_job("b", "j", 3, 5, 0.1)).await;
    assert_eq!(owner.get("/api/batches/b").await.ok(200)["n_done"], 1);
}

#[tokio::test]
async fn bulk_deletes_say_why_something_stays() {
    let (app, owner) = server().await;
    let done = |id: &str| at(9, event("batch_done", id, None, json!({})), "demo", "h");
    for id in ["a", "b", "r"] {
        post(&owner, &[at(0, batch_start(id), "demo", "h")]).await;
        post(&owner, &done_job(id, "j", 1, 5, 0.3)).await;
    }
    post(&owner, &[done("a")]).await;
    post(&owner, &[done("b")]).await;
    let bob = app.user("bob", false).await;
    let bob = app.token(&bob, TokenScope::Reporter).await;
    post(&bob, &[batch_start("bobs")]).await;
    owner.delete("/api/batches/b").await.ok(200);
    let wanted = json!({"batch_ids": ["a", "b", "r", "bobs", "none"]});
    let out = owner
        .post("/api/batches/bulk-delete", &wanted)
        .await
        .ok(200);
    let reasons = json!([
        {"id": "b", "reason": "already_deleted"}, {"id": "r", "reason": "running"},
        {"id": "bobs", "reason": "not_owner"}, {"id": "none", "reason": "not_found"}]);
    assert_eq!(out, json!({"deleted": ["a"], "skipped": reasons}));
    let item = |batch: &str, job: &str| json!({"batch_id": batch, "job_id": job});
    let wanted =
        json!({"items": [item("r", "j"), item("r", "j"), item("r", "no"), item("x", "j")]});
    let out = owner.post("/api/jobs/bulk-delete", &wanted).await.ok(200);
    let reasons = json!([
        {"id": "r/j", "reason": "already_deleted"}, {"id": "r/no", "reason": "not_found"},
        {"id": "x/j", "reason": "batch_not_found"}]);
    assert_eq!(out, json!({"deleted": ["r/j"], "skipped": reasons}));
    let empty = owner
        .post("/api/batches/bulk-delete", &json!({"batch_ids": []}))
        .await;
    assert_eq!(empty.refused(400), "bulk_empty");
    let many: Vec<String> = (0..501).map(|i| i.to_string()).collect();
    let many = owner
        .post("/api/batches/bulk-delete", &json!({"batch_ids": many}))
        .await;
    assert_eq!(many.refused(422), "validation");
}

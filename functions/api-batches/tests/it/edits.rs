//! Names, tags, notes, and stopping with a reason.

use crate::sample::{post, server};
use serde_json::json;
use test_kit::build::batch_start;

#[tokio::test]
async fn fields_change_alone_and_clear_with_null() {
    let (_app, owner) = server().await;
    post(&owner, &[batch_start("b")]).await;
    let edit = json!({"name": " Best ", "tags": ["b", "a", "a", " "], "notes": "why"});
    let out = owner.patch("/api/batches/b", &edit).await.ok(200);
    assert_eq!(
        (&out["name"], &out["tags"]),
        (&json!("Best"), &json!(["a", "b"]))
    );
    let out = owner
        .patch("/api/batches/b", &json!({"name": null}))
        .await
        .ok(200);
    assert_eq!((&out["name"], &out["notes"]), (&json!(null), &json!("why")));
    // A later report keeps what people wrote.
    post(&owner, &[batch_start("b")]).await;
    assert_eq!(
        owner.get("/api/batches/b").await.ok(200)["tags"],
        json!(["a", "b"])
    );
}

#[tokio::test]
async fn bad_edits_change_nothing() {
    let (_app, owner) = server().await;
    post(&owner, &[batch_start("b")]).await;
    let before = owner.get("/api/batches/b").await.ok(200);
    for bad in [
        json!({"name": "x".repeat(201)}),
        json!({"tags": ["a,b"]}),
        json!({"tags": (0..33).map(|i| i.to_string()).collect::<Vec<_>>()}),
        json!({"notes": 5}),
        json!({"colour": "red"}),
        json!([]),
    ] {
        assert_eq!(
            owner.patch("/api/batches/b", &bad).await.refused(422),
            "validation"
        );
    }
    assert_eq!(owner.get("/api/batches/b").await.ok(200), before);
    let missing = owner.patch("/api/batches/none", &json!({})).await;
    assert_eq!(missing.refused(404), "batch_not_found");
}

#[tokio::test]
async fn a_stop_keeps_its_reason() {
    let (_app, owner) = server().await;
    post(&owner, &[batch_start("b")]).await;
    let body = json!({"reason": "diverged"});
    let out = owner.post("/api/batches/b/stop", &body).await.ok(200);
    assert_eq!(out, json!({"status": "stopping", "batch_id": "b"}));
    let again = json!({"reason": "another"});
    owner.post("/api/batches/b/stop", &again).await.ok(200);
    assert_eq!(
        owner.get("/api/batches/b").await.ok(200)["stop_reason"],
        "diverged"
    );
    let long = json!({"reason": "x".repeat(501)});
    assert_eq!(
        owner.post("/api/batches/b/stop", &long).await.refused(422),
        "validation"
    );
}

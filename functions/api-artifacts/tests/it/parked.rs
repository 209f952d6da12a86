//! Files that overtake the event that starts their job.

use crate::setup::{end, names, report, server, start, upload};
use domain::account::TokenScope;
use serde_json::json;
use test_kit::build::event;

#[tokio::test]
async fn a_file_may_come_before_its_job() {
    let (_app, alice) = server().await;
    let out = upload(&alice, "/api/jobs/j/artifacts", "a.png", b"1")
        .await
        .ok(201);
    assert_eq!(
        (&out["parked"], &out["batch_id"]),
        (&json!(true), &json!(null))
    );
    let path = format!("/api/artifacts/{}", out["id"]);
    assert_eq!(alice.get(&path).await.body, b"1");
    assert_eq!(names(&alice, "/api/jobs/j/artifacts").await, ["a.png"]);
    start(&alice, "b", &["other"]).await;
    assert!(names(&alice, "/api/batches/b/artifacts").await.is_empty());
    report(&alice, vec![event("job_start", "b", Some("j"), json!({}))]).await;
    let list = alice.get("/api/jobs/j/artifacts").await.ok(200);
    assert_eq!(
        (&list[0]["parked"], &list[0]["batch_id"]),
        (&json!(false), &json!("b"))
    );
    assert_eq!(names(&alice, "/api/batches/b/artifacts").await, ["a.png"]);
    assert_eq!(alice.delete(&path).await.status, 204);
    assert!(names(&alice, "/api/batches/b/artifacts").await.is_empty());
}

#[tokio::test]
async fn the_end_of_a_batch_settles_what_nobody_looked_at() {
    let (app, alice) = server().await;
    upload(&alice, "/api/jobs/j/artifacts", "a.png", b"1")
        .await
        .ok(201);
    upload(&alice, "/api/batches/b/artifacts", "b.png", b"1")
        .await
        .ok(201);
    start(&alice, "b", &["j"]).await;
    assert!(
        app.services
            .store
            .artifacts_of("b", None)
            .await
            .expect("read")
            .is_empty()
    );
    end(&alice, "b").await;
    let settled = app
        .services
        .store
        .artifacts_of("b", None)
        .await
        .expect("read");
    assert_eq!(settled.len(), 2);
    assert!(settled.iter().all(|a| !a.parked && a.expires_at.is_none()));
}

#[tokio::test]
async fn reading_settles_too() {
    let (app, alice) = server().await;
    let out = upload(&alice, "/api/jobs/j/artifacts", "a.png", b"1")
        .await
        .ok(201);
    start(&alice, "b", &["j"]).await;
    alice.get(&format!("/api/artifacts/{}", out["id"])).await;
    let settled = app.services.store.artifacts_of("b", Some("j")).await;
    assert_eq!(settled.expect("read").len(), 1);
}

#[tokio::test]
async fn a_parked_file_is_its_uploaders_alone() {
    let (app, alice) = server().await;
    let mallory = app.user("mallory", false).await;
    let mallory = app.token(&mallory, TokenScope::Reporter).await;
    let planted = upload(&mallory, "/api/batches/b/artifacts", "planted.png", b"1")
        .await
        .ok(201);
    upload(&mallory, "/api/jobs/j/artifacts", "planted2.png", b"1")
        .await
        .ok(201);
    let path = format!("/api/artifacts/{}", planted["id"]);
    assert_eq!(alice.get(&path).await.refused(404), "artifact_not_found");
    assert_eq!(alice.delete(&path).await.refused(404), "artifact_not_found");
    // The batch becomes somebody else's: what was planted never shows up there.
    start(&alice, "b", &["j"]).await;
    end(&alice, "b").await;
    assert!(names(&alice, "/api/batches/b/artifacts").await.is_empty());
    assert_eq!(alice.get(&path).await.refused(404), "artifact_not_found");
}

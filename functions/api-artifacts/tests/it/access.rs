//! Whose files they are.

use crate::setup::{names, server, start, upload};
use domain::account::TokenScope;

#[tokio::test]
async fn somebody_elses_batch() {
    let (app, alice) = server().await;
    start(&alice, "b", &["j"]).await;
    let out = upload(&alice, "/api/jobs/j/artifacts", "a.png", b"1")
        .await
        .ok(201);
    let path = format!("/api/artifacts/{}", out["id"]);
    let bob = app.user("bob", false).await;
    let bob = app.token(&bob, TokenScope::Reporter).await;
    let refused = upload(&bob, "/api/batches/b/artifacts", "x.png", b"1").await;
    assert_eq!(refused.refused(403), "owner_required");
    let refused = upload(&bob, "/api/jobs/j/artifacts?batch_id=b", "x.png", b"1").await;
    assert_eq!(refused.refused(403), "owner_required");
    assert_eq!(
        bob.get("/api/batches/b/artifacts").await.refused(404),
        "batch_not_found"
    );
    assert_eq!(
        bob.get("/api/jobs/j/artifacts").await.refused(404),
        "job_not_found"
    );
    assert_eq!(bob.get(&path).await.refused(404), "artifact_not_found");
    assert_eq!(
        bob.get(&format!("{path}/url")).await.refused(404),
        "artifact_not_found"
    );
    assert_eq!(bob.delete(&path).await.refused(403), "owner_required");
    let root = app.user("root", true).await;
    let root = app.token(&root, TokenScope::Reporter).await;
    assert_eq!(names(&root, "/api/jobs/j/artifacts").await, ["a.png"]);
    assert_eq!(root.get(&path).await.body, b"1");
    let viewer = app
        .services
        .store
        .batch("b")
        .await
        .expect("read")
        .expect("there")
        .value;
    let owner = viewer.owner_id.expect("owned");
    let owner = app
        .services
        .store
        .user(owner)
        .await
        .expect("read")
        .expect("there")
        .value;
    let viewer = app.token(&owner, TokenScope::Viewer).await;
    assert_eq!(viewer.get(&path).await.status, 200);
    assert_eq!(viewer.delete(&path).await.refused(403), "read_only_token");
}

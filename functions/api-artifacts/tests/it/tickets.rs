//! Large files: announced, sent to the bucket, verified.

use crate::setup::{names, server, server_with, start};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use test_kit::Actor;

fn wish(name: &str, content: &[u8]) -> Value {
    json!({"filename": name, "size_bytes": content.len(), "job_id": "j",
        "sha256": hex::encode(Sha256::digest(content)), "meta": {"epoch": 9}})
}

async fn begin(alice: &Actor, wish: &Value) -> Value {
    alice
        .post("/api/batches/b/artifacts/uploads", wish)
        .await
        .ok(201)
}

fn complete(ticket: &Value) -> String {
    format!("/api/artifacts/{}/complete", ticket["id"])
}

#[tokio::test]
async fn a_large_file_never_passes_through_us() {
    let (app, alice) = server().await;
    start(&alice, "b", &["j"]).await;
    let content = vec![42; 3 * 1024 * 1024];
    let ticket = begin(&alice, &wish("model.ckpt", &content)).await;
    let path = format!("/api/artifacts/{}", ticket["id"]);
    assert_eq!(
        alice
            .post(&complete(&ticket), &json!({}))
            .await
            .refused(409),
        "upload_missing"
    );
    assert!(names(&alice, "/api/batches/b/artifacts").await.is_empty());
    assert_eq!(alice.get(&path).await.refused(404), "artifact_not_found");
    assert_eq!(app.upload(&ticket, &content).await, 200);
    let out = alice.post(&complete(&ticket), &json!({})).await.ok(200);
    assert_eq!(
        (&out["job_id"], &out["meta"]),
        (&json!("j"), &json!({"epoch": 9}))
    );
    assert_eq!(
        alice.post(&complete(&ticket), &json!({})).await.ok(200),
        out
    );
    assert_eq!(names(&alice, "/api/jobs/j/artifacts").await, ["model.ckpt"]);
    let url = alice.get(&format!("{path}/url")).await.ok(200);
    let url = url["url"].as_str().expect("an address");
    assert_eq!(app.fetch("GET", url, &json!({}), b"").await, (200, content));
}

#[tokio::test]
async fn what_differs_from_the_announcement_stays_hidden() {
    let (app, alice) = server().await;
    start(&alice, "b", &["j"]).await;
    let ticket = begin(&alice, &wish("a.bin", b"right")).await;
    // The bucket itself refuses other bytes or another length under this ticket.
    assert_ne!(app.upload(&ticket, b"wrong").await, 200);
    assert_ne!(app.upload(&ticket, b"longer than announced").await, 200);
    assert_eq!(
        alice
            .post(&complete(&ticket), &json!({}))
            .await
            .refused(409),
        "upload_missing"
    );
    // Should other bytes get there all the same, they are noticed.
    let id = ticket["id"].as_u64().expect("an id");
    let now = app.services.clock.now();
    let row = app
        .services
        .store
        .artifact(id, now)
        .await
        .expect("read")
        .expect("there");
    let blobs = &app.services.store.blobs;
    for (bytes, what) in [(&b"wrong"[..], "sha256"), (b"longer", "size_bytes")] {
        let digest = hex::encode(Sha256::digest(bytes));
        let put = blobs.put(&row.value.object, bytes.into(), &digest).await;
        put.expect("written");
        let reply = alice.post(&complete(&ticket), &json!({})).await;
        assert_eq!(reply.refused(409), "upload_differs");
        assert!(
            reply.json()["detail"]
                .as_str()
                .is_some_and(|d| d.contains(what))
        );
    }
    assert_eq!(app.upload(&ticket, b"right").await, 200);
    alice.post(&complete(&ticket), &json!({})).await.ok(200);
}

#[tokio::test]
async fn wishes_are_checked() {
    let (_app, alice) = server_with(vec![("ARGUS_ARTIFACT_MAX_JOB_MB", "1".into())]).await;
    start(&alice, "b", &["j"]).await;
    let path = "/api/batches/b/artifacts/uploads";
    let mut large = wish("a", b"x");
    large["size_bytes"] = json!(1024 * 1024 + 1);
    assert_eq!(
        alice.post(path, &large).await.refused(413),
        "artifact_too_large"
    );
    for (key, value) in [
        ("sha256", json!("beef")),
        ("filename", json!("")),
        ("size_bytes", json!(-1)),
        ("more", json!(1)),
    ] {
        let mut bad = wish("a", b"x");
        bad[key] = value;
        assert_eq!(
            alice.post(path, &bad).await.refused(422),
            "validation",
            "{key}"
        );
    }
    let mut bad = wish("a", b"x");
    bad["meta"] = json!([1]);
    assert_eq!(
        alice.post(path, &bad).await.refused(400),
        "artifact_meta_invalid"
    );
    bad["meta"] = json!({"notes": "x".repeat(20_000)});
    assert_eq!(
        alice.post(path, &bad).await.refused(400),
        "upload_malformed"
    );
}

//! Who gets a ticket, and what is refused.

use crate::setup::{Server, events, lines};
use domain::account::TokenScope;
use s3_spill::Outcome;
use serde_json::json;

#[tokio::test]
async fn wishes_are_checked() {
    let server = Server::new().await;
    let path = "/api/events/spill";
    for bad in [
        json!({"filename": "a.txt", "size_bytes": 1}),
        json!({"filename": "a.jsonl"}),
        json!({"filename": "a.jsonl", "size_bytes": 1, "sha256": "beef"}),
        json!({"filename": "a.jsonl", "size_bytes": 1, "more": 1}),
    ] {
        assert_eq!(
            server.alice.post(path, &bad).await.refused(422),
            "validation",
            "{bad}"
        );
    }
    let large = json!({"filename": "a.gz", "size_bytes": 1024 * 1024 * 1024 + 1});
    assert_eq!(
        server.alice.post(path, &large).await.refused(413),
        "artifact_too_large"
    );
}

#[tokio::test]
async fn progress_is_its_owners() {
    let server = Server::new().await;
    let id = server.uploaded("a.jsonl", &lines(&events(1))).await;
    let path = format!("/api/events/spill/{id}");
    let bob = server.app.user("bob", false).await;
    let bob = server.app.token(&bob, TokenScope::Viewer).await;
    assert_eq!(bob.get(&path).await.refused(404), "spill_not_found");
    let wish = json!({"filename": "a.jsonl", "size_bytes": 1});
    assert_eq!(
        bob.post("/api/events/spill", &wish).await.refused(403),
        "reporter_required"
    );
}

#[tokio::test]
async fn a_ticket_nobody_used_replays_nothing() {
    let server = Server::new().await;
    let ticket = server.ticket("a.jsonl", b"x").await;
    let id = ticket["id"].as_u64().expect("an id");
    assert_eq!(server.replay(id).await, Outcome::Nothing);
    assert_eq!(server.progress(id).await["state"], "waiting");
    assert_eq!(server.replay(id + 1).await, Outcome::Nothing);
    // The length is part of the ticket.
    assert_ne!(server.app.upload(&ticket, b"longer").await, 200);
}

//! Pins and stars.

use crate::setup::{person, pin, pinned, server, set_deleted};
use domain::account::TokenScope;
use futures::future::join_all;
use serde_json::{Value, json};
use test_kit::app::START;

#[tokio::test]
async fn a_pin_shows_its_batch_and_goes_away() {
    let app = server().await;
    let (_, alice) = person(&app, "alice", &["a", "b"]).await;
    let made = pin(&alice, "b").await.ok(200);
    let expected = json!({
        "batch_id": "b", "pinned_at": START.to_text(), "project": "proj", "status": "running",
        "n_total": 2, "n_done": 0, "n_failed": 0, "start_time": "2026-11-21T04:20:39Z",
    });
    assert_eq!(made, expected);
    app.services.clock.advance(5);
    pin(&alice, "a").await.ok(200);
    assert_eq!(pin(&alice, "b").await.ok(200), expected, "repeated");
    assert_eq!(pinned(&alice).await, ["b", "a"], "oldest first");
    for _ in 0..2 {
        assert_eq!(alice.delete("/api/pins/b").await.ok(204), Value::Null);
    }
    assert_eq!(pinned(&alice).await, ["a"]);
}

#[tokio::test]
async fn a_fifth_pin_is_refused() {
    let app = server().await;
    let (_, alice) = person(&app, "alice", &["a", "b", "c", "d", "e"]).await;
    for batch in ["a", "b", "c", "d"] {
        pin(&alice, batch).await.ok(200);
    }
    let refused = pin(&alice, "e").await;
    assert_eq!(refused.refused(400), "pin_limit");
    assert!(refused.json()["detail"].to_string().contains("unpin"));
    alice.delete("/api/pins/a").await.ok(204);
    pin(&alice, "e").await.ok(200);
    assert_eq!(pinned(&alice).await, ["b", "c", "d", "e"]);
}

#[tokio::test]
async fn pins_on_deleted_batches_are_hidden_and_use_no_place() {
    let app = server().await;
    let (_, alice) = person(&app, "alice", &["a", "b", "c", "d", "e"]).await;
    for batch in ["a", "b", "c", "d"] {
        pin(&alice, batch).await.ok(200);
    }
    set_deleted(&app, "b", true).await;
    assert_eq!(pinned(&alice).await, ["a", "c", "d"]);
    pin(&alice, "e").await.ok(200);
    // What gave way does not come back as a fifth.
    set_deleted(&app, "b", false).await;
    assert_eq!(pinned(&alice).await, ["a", "c", "d", "e"]);
    assert_eq!(pin(&alice, "b").await.refused(400), "pin_limit");
}

#[tokio::test]
async fn many_pins_at_once_end_with_four() {
    let app = server().await;
    let batches: Vec<String> = (0..16).map(|i| format!("batch-{i}")).collect();
    let names: Vec<&str> = batches.iter().map(String::as_str).collect();
    let (_, alice) = person(&app, "alice", &names).await;
    let replies = join_all(batches.iter().map(|batch| pin(&alice, batch))).await;
    let made = replies.iter().filter(|r| r.status == 200).count();
    let refused = replies.iter().filter(|r| r.status == 400).count();
    assert_eq!((made, refused), (4, 12));
    assert_eq!(pinned(&alice).await.len(), 4);
}

#[tokio::test]
async fn only_what_the_caller_sees_can_be_pinned() {
    let app = server().await;
    let (user, alice) = person(&app, "alice", &["a"]).await;
    let (_, bob) = person(&app, "bob", &[]).await;
    for batch in ["a", "nothing"] {
        assert_eq!(pin(&bob, batch).await.refused(404), "batch_not_found");
    }
    let viewer = app.token(&user, TokenScope::Viewer).await;
    assert_eq!(pin(&viewer, "a").await.refused(403), "read_only_token");
    pin(&alice, "a").await.ok(200);
    assert_eq!(pinned(&viewer).await, ["a"]);
    assert_eq!(pinned(&bob).await, [""; 0]);
    bob.delete("/api/pins/a").await.ok(204);
    assert_eq!(pinned(&alice).await, ["a"], "a stranger's pins are others");
}

#[tokio::test]
async fn bad_wishes_for_pins_change_nothing() {
    let app = server().await;
    let (_, alice) = person(&app, "alice", &["a"]).await;
    let bodies = [
        json!({}),
        json!({"batch_id": ""}),
        json!({"batch_id": "x".repeat(129)}),
        json!({"batch_id": 1}),
        json!({"batch_id": "a", "more": 1}),
        json!([]),
    ];
    for body in bodies {
        let code = alice.post("/api/pins", &body).await.refused(422);
        assert_eq!(code, "validation", "{body}");
    }
    assert_eq!(pinned(&alice).await, [""; 0]);
    let anonymous = app.anonymous();
    assert_eq!(pin(&anonymous, "a").await.refused(401), "auth_required");
}

#[tokio::test]
async fn stars_come_newest_first_and_are_private() {
    let app = server().await;
    let (_, alice) = person(&app, "alice", &[]).await;
    let (_, bob) = person(&app, "bob", &[]).await;
    let project = json!({"target_type": "project", "target_id": "no/such #1"});
    let batch = json!({"target_type": "batch", "target_id": "no/such #1"});
    let first = alice.post("/api/stars", &project).await.ok(200);
    assert_eq!(first["starred_at"], START.to_text());
    app.services.clock.advance(1);
    let second = alice.post("/api/stars", &batch).await.ok(200);
    app.services.clock.advance(1);
    assert_eq!(alice.post("/api/stars", &project).await.ok(200), first);
    let listed = alice.get("/api/stars").await.ok(200);
    assert_eq!(listed, json!([second, first]));
    assert_eq!(bob.get("/api/stars").await.ok(200), json!([]));
    let path = "/api/stars/batch/no%2Fsuch%20%231";
    bob.delete(path).await.ok(204);
    for _ in 0..2 {
        alice.delete(path).await.ok(204);
    }
    assert_eq!(alice.get("/api/stars").await.ok(200), json!([first]));
}

#[tokio::test]
async fn bad_stars_are_refused() {
    let app = server().await;
    let (_, alice) = person(&app, "alice", &[]).await;
    let bodies = [
        json!({"target_type": "job", "target_id": "a"}),
        json!({"target_type": "batch", "target_id": ""}),
        json!({"target_type": "batch", "target_id": "x".repeat(257)}),
        json!({"target_type": "batch"}),
    ];
    for body in bodies {
        let code = alice.post("/api/stars", &body).await.refused(422);
        assert_eq!(code, "validation", "{body}");
    }
    let longest = json!({"target_type": "batch", "target_id": "\u{1F600}".repeat(256)});
    alice.post("/api/stars", &longest).await.ok(200);
    let code = alice.delete("/api/stars/job/a").await.refused(400);
    assert_eq!(code, "star_target_invalid");
    assert_eq!(
        alice
            .get("/api/stars")
            .await
            .ok(200)
            .as_array()
            .map(Vec::len),
        Some(1)
    );
}

//! Shares of batches and of somebody's batches in a project.

use crate::{batch, person, server};
use serde_json::json;

#[tokio::test]
async fn a_viewer_reads_and_an_editor_tags_and_stops() {
    let app = server().await;
    let (alice, _) = person(&app, "alice").await;
    let (bob, bob_id) = person(&app, "bob").await;
    batch(&alice, "p", "a").await;
    batch(&alice, "p", "other").await;
    let path = "/api/batches/a/shares";
    let wish = json!({"grantee_username": "BOB"});
    assert_eq!(bob.post(path, &wish).await.refused(403), "owner_required");
    let share = alice.post(path, &wish).await.ok(201);
    assert_eq!(
        (
            &share["grantee_id"],
            &share["grantee_username"],
            &share["permission"]
        ),
        (&json!(bob_id), &json!("bob"), &json!("viewer"))
    );
    bob.get("/api/batches/a").await.ok(200);
    bob.get("/api/jobs/a/j/epochs").await.ok(200);
    assert_eq!(
        bob.get("/api/batches/other").await.refused(404),
        "batch_not_found"
    );
    let list = bob.get("/api/batches?scope=shared").await.ok(200);
    assert_eq!(list.as_array().map(Vec::len), Some(1));
    let tags = json!({"tags": ["seen"]});
    assert_eq!(
        bob.patch("/api/batches/a", &tags).await.refused(403),
        "owner_required"
    );

    app.services.clock.advance(60);
    let editor = json!({"grantee_username": "bob", "permission": "editor"});
    let again = alice.post(path, &editor).await.ok(201);
    assert_eq!(again["created_at"], share["created_at"]);
    bob.patch("/api/batches/a", &tags).await.ok(200);
    bob.post("/api/batches/a/stop", &json!({})).await.ok(200);
    assert_eq!(
        bob.delete("/api/batches/a").await.refused(403),
        "owner_required"
    );
    assert_eq!(bob.post(path, &wish).await.refused(403), "owner_required");

    let one = format!("{path}/{bob_id}");
    assert_eq!(
        alice.delete(&one).await.ok(200),
        json!({"ok": true, "detail": "revoked"})
    );
    assert_eq!(alice.delete(&one).await.refused(404), "share_not_found");
    assert_eq!(
        bob.get("/api/batches/a").await.refused(404),
        "batch_not_found"
    );
    assert_eq!(alice.get(path).await.ok(200), json!([]));
    let rows = app.audit().await;
    for word in ["share_add", "share_update", "share_remove"] {
        assert!(
            rows.iter().any(|row| row["action"] == word),
            "{word} in {rows:?}"
        );
    }
}

#[tokio::test]
async fn a_project_share_covers_batches_to_come_and_only_ones_own() {
    let app = server().await;
    let (alice, alice_id) = person(&app, "alice").await;
    let (bob, bob_id) = person(&app, "bob").await;
    let (carol, _) = person(&app, "carol").await;
    let wish = json!({"project": "default", "grantee_username": "bob"});
    // The project need not exist, and another may own its name.
    batch(&carol, "default", "c").await;
    let share = alice.post("/api/projects/shares", &wish).await.ok(201);
    assert_eq!(
        (&share["owner_id"], &share["project"]),
        (&json!(alice_id), &json!("default"))
    );
    batch(&alice, "default", "a").await;
    batch(&alice, "else", "x").await;
    bob.get("/api/batches/a").await.ok(200);
    for hidden in ["c", "x"] {
        let path = format!("/api/batches/{hidden}");
        assert_eq!(bob.get(&path).await.refused(404), "batch_not_found");
    }
    let of_project = bob.get("/api/batches?project=default").await.ok(200);
    assert_eq!(of_project.as_array().map(Vec::len), Some(1));
    assert_eq!(
        bob.get("/api/projects/default").await.ok(200)["n_batches"],
        1
    );
    assert_eq!(
        alice.get("/api/projects/shares").await.ok(200)[0]["grantee_username"],
        "bob"
    );
    let one = format!("/api/projects/shares/default/{bob_id}");
    assert_eq!(carol.delete(&one).await.refused(404), "share_not_found");
    alice.delete(&one).await.ok(200);
    assert_eq!(
        bob.get("/api/batches/a").await.refused(404),
        "batch_not_found"
    );
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let app = server().await;
    let (alice, _) = person(&app, "alice").await;
    batch(&alice, "p", "a").await;
    let path = "/api/batches/a/shares";
    for (wish, status, code) in [
        (json!({"grantee_username": "nobody"}), 404, "user_not_found"),
        (json!({"grantee_username": "alice"}), 400, "share_self"),
        (
            json!({"grantee_username": "alice", "permission": "owner"}),
            422,
            "validation",
        ),
        (json!({}), 422, "validation"),
    ] {
        assert_eq!(
            alice.post(path, &wish).await.refused(status),
            code,
            "{wish}"
        );
    }
    let empty = json!({"project": "", "grantee_username": "alice"});
    assert_eq!(
        alice
            .post("/api/projects/shares", &empty)
            .await
            .refused(422),
        "validation"
    );
}

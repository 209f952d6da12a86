//! Names, visibility, metrics, baseline, recipients, deleting.

use crate::sample::{batch, server};
use domain::account::TokenScope;
use serde_json::json;

#[tokio::test]
async fn a_project_can_be_made_before_its_first_report() {
    let (app, alice) = server().await;
    let wish = json!({"slug": "bench", "name": "The bench", "description": "All of it",
        "primary_metric": "acc"});
    let made = alice.post("/api/projects", &wish).await.ok(201);
    assert_eq!(
        (&made["project"], &made["name"]),
        (&json!("bench"), &json!("The bench"))
    );
    let cards = alice.get("/api/projects").await.ok(200);
    assert_eq!(
        (&cards[0]["n_batches"], &cards[0]["name"]),
        (&json!(0), &json!("The bench"))
    );
    alice.get("/api/projects/bench").await.ok(200);
    alice.get("/api/projects/bench/matrix").await.ok(200);
    let bob = app.user("bob", false).await;
    let bob = app.token(&bob, TokenScope::Reporter).await;
    let taken = bob.post("/api/projects", &json!({"slug": "bench"})).await;
    assert_eq!(taken.refused(409), "project_taken");
    for bad in [
        json!({"slug": "a b"}),
        json!({"slug": "shares"}),
        json!({"slug": "x", "name": " "}),
        json!({"slug": "x", "visibility": "open"}),
        json!({"slug": "x", "baseline_batch_id": "none"}),
    ] {
        assert_eq!(
            alice.post("/api/projects", &bad).await.refused(422),
            "validation",
            "{bad}"
        );
    }
    assert_eq!(
        alice.get("/api/projects/x").await.refused(404),
        "project_not_found"
    );
}

#[tokio::test]
async fn tables_follow_the_primary_metric_its_direction_and_the_baseline() {
    let (_app, alice) = server().await;
    let results = [
        ("m", "d", json!({"reward": -2.0})),
        ("n", "d", json!({"reward": -4.0})),
    ];
    batch(&alice, "p", "base", &results).await;
    batch(&alice, "p", "new", &[("m", "d", json!({"reward": -3.0}))]).await;
    let board = alice
        .get("/api/projects/p/leaderboard?metric=reward")
        .await
        .ok(200);
    assert_eq!(
        (&board[0]["best_metric"], &board[0]["baseline_pct"]),
        (&json!(-2.0), &json!(null))
    );
    let edit = json!({"primary_metric": "reward", "directions": {"Reward": "minimize"},
        "baseline_batch_id": "base"});
    let settings = alice.patch("/api/projects/p", &edit).await.ok(200);
    assert_eq!(settings["directions"], json!({"Reward": "minimize"}));
    let board = alice.get("/api/projects/p/leaderboard").await.ok(200);
    assert_eq!(
        (&board[0]["best_metric"], &board[0]["batch_id"]),
        (&json!(-3.0), &json!("new"))
    );
    assert_eq!(
        (&board[0]["baseline"], &board[0]["baseline_pct"]),
        (&json!(-2.0), &json!(-50.0))
    );
    let matrix = alice.get("/api/projects/p/matrix").await.ok(200);
    assert_eq!(
        (&matrix["metric"], &matrix["direction"]),
        (&json!("reward"), &json!("minimize"))
    );
    assert_eq!(matrix["baseline_pct"], json!([[-25.0], [0.0]]));
    let shown = alice.get("/api/projects/p").await.ok(200);
    assert_eq!(
        shown["best_metric"],
        json!({"name": "reward", "value": -4.0})
    );
    let cleared = json!({"primary_metric": null, "directions": {}, "baseline_batch_id": null});
    let settings = alice.patch("/api/projects/p", &cleared).await.ok(200);
    assert_eq!(settings["primary_metric"], json!(null));
    let foreign = alice
        .patch("/api/projects/p", &json!({"baseline_batch_id": "nope"}))
        .await;
    assert_eq!(foreign.refused(422), "validation");
}

#[tokio::test]
async fn a_public_project_is_read_by_everybody_at_its_normal_addresses() {
    let (app, alice) = server().await;
    batch(&alice, "p", "a", &[("m", "d", json!({"MSE": 0.5}))]).await;
    let bob = app.user("bob", false).await;
    let bob = app.token(&bob, TokenScope::Reporter).await;
    batch(&bob, "p", "private", &[("m", "d", json!({"MSE": 0.1}))]).await;
    let nobody = app.anonymous();
    let paths = [
        "/api/projects/p",
        "/api/projects/p/leaderboard",
        "/api/projects/p/matrix",
        "/api/projects/p/active-batches",
        "/api/projects/p/resources",
        "/api/projects/p/export.csv",
        "/api/projects/p/export-raw.csv",
        "/api/batches?project=p",
        "/api/batches/compact?project=p",
        "/api/batches/a",
        "/api/batches/a/jobs",
        "/api/batches/a/health",
        "/api/batches/a/epochs",
        "/api/batches/a/log-lines",
        "/api/batches/a/resources",
        "/api/jobs/a/j0",
        "/api/jobs/a/j0/epochs",
    ];
    for path in paths {
        assert_eq!(
            nobody.get(path).await.refused(401),
            "auth_required",
            "{path}"
        );
    }
    alice
        .patch("/api/projects/p", &json!({"visibility": "public"}))
        .await
        .ok(200);
    for path in paths {
        let reply = nobody.get(path).await;
        assert_eq!(reply.status, 200, "{path}");
        let text = String::from_utf8_lossy(&reply.body).into_owned();
        assert!(
            !text.contains("\"private\"") && !text.contains("0.1"),
            "{path}: {text}"
        );
    }
    let shown = nobody.get("/api/batches/a").await.ok(200);
    assert_eq!(shown["owner_id"], json!(null));
    // What a stranger reports under the name stays private, and so does every other page.
    for path in [
        "/api/batches/private",
        "/api/batches",
        "/api/projects",
        "/api/projects/p/members",
        "/api/projects/nope",
        "/api/batches/nope",
        "/api/batches/a/stop-requested",
    ] {
        assert_eq!(
            nobody.get(path).await.refused(401),
            "auth_required",
            "{path}"
        );
    }
    let carol = app.user("carol", false).await;
    let carol = app.token(&carol, TokenScope::Reporter).await;
    carol.get("/api/batches/a").await.ok(200);
    assert_eq!(carol.get("/api/batches").await.ok(200), json!([]));
    let public = carol.get("/api/batches?scope=public").await.ok(200);
    assert_eq!(public[0]["id"], "a");
    assert_eq!(
        carol
            .patch("/api/batches/a", &json!({"name": "x"}))
            .await
            .refused(403),
        "owner_required"
    );
    alice
        .patch("/api/projects/p", &json!({"visibility": "private"}))
        .await
        .ok(200);
    assert_eq!(
        nobody.get("/api/batches/a").await.refused(401),
        "auth_required"
    );
    assert_eq!(
        carol.get("/api/batches/a").await.refused(404),
        "batch_not_found"
    );
}

#[tokio::test]
async fn recipients_are_checked_and_unique() {
    let (_app, alice) = server().await;
    batch(&alice, "p", "a", &[("m", "d", json!({}))]).await;
    let path = "/api/projects/p/recipients";
    let wish = json!({"email": "Team@Lab.org", "event_kinds": ["batch_done", "batch_done"]});
    let made = alice.post(path, &wish).await.ok(201);
    assert_eq!(
        (&made["email"], &made["event_kinds"]),
        (&json!("team@lab.org"), &json!(["batch_done"]))
    );
    assert_eq!(
        alice.post(path, &wish).await.refused(409),
        "recipient_taken"
    );
    let odd = json!({"email": "x@lab.org", "event_kinds": ["party"]});
    assert_eq!(
        alice.post(path, &odd).await.refused(400),
        "event_kind_invalid"
    );
    let bad = json!({"email": "nowhere"});
    assert_eq!(alice.post(path, &bad).await.refused(422), "validation");
    let second = alice
        .post(path, &json!({"email": "b@lab.org"}))
        .await
        .ok(201);
    let second = format!("{path}/{}", second["id"]);
    let clash = alice
        .patch(&second, &json!({"email": "team@lab.org"}))
        .await;
    assert_eq!(clash.refused(409), "recipient_taken");
    let moved = json!({"email": "c@lab.org", "enabled": false});
    assert_eq!(alice.patch(&second, &moved).await.ok(200)["enabled"], false);
    // The address that was left is free again.
    alice
        .post(path, &json!({"email": "b@lab.org"}))
        .await
        .ok(201);
    assert_eq!(
        alice.get(path).await.ok(200).as_array().map(Vec::len),
        Some(3)
    );
    assert_eq!(alice.delete(&second).await.status, 204);
    assert_eq!(
        alice.delete(&second).await.refused(404),
        "recipient_not_found"
    );
}

#[tokio::test]
async fn a_deleted_project_comes_back_empty_with_the_next_report() {
    let (app, alice) = server().await;
    batch(&alice, "p", "a", &[("m", "d", json!({}))]).await;
    let bob = app.user("bob", false).await;
    let bob = app.token(&bob, TokenScope::Reporter).await;
    batch(&bob, "p", "b", &[("m", "d", json!({}))]).await;
    assert_eq!(
        bob.delete("/api/projects/p").await.refused(403),
        "project_owner_required"
    );
    let gone = alice.delete("/api/projects/p").await.ok(200);
    assert_eq!(gone["batches"], 1);
    assert_eq!(
        alice.get("/api/projects/p").await.refused(404),
        "project_not_found"
    );
    // Bob only used the name; his batch stays his.
    bob.get("/api/batches/b").await.ok(200);
    batch(&bob, "p", "c", &[("m", "d", json!({}))]).await;
    assert_eq!(bob.get("/api/projects/p").await.ok(200)["role"], "owner");
    assert_eq!(
        alice.get("/api/projects/p").await.refused(404),
        "project_not_found"
    );
}

//! Who takes part, what that opens, and what it does not.

use crate::sample::{batch, server};
use domain::account::TokenScope;
use serde_json::json;
use test_kit::build::{batch_start, event};
use test_kit::{Actor, TestApp};

async fn person(app: &TestApp, name: &str) -> Actor {
    let user = app.user(name, false).await;
    app.token(&user, TokenScope::Reporter).await
}

async fn invite(owner: &Actor, project: &str, name: &str, role: &str) -> u64 {
    let body = json!({"username": name, "role": role});
    let path = format!("/api/projects/{project}/members");
    let member = owner.post(&path, &body).await.ok(201);
    assert_eq!(member["role"], role);
    member["user_id"].as_u64().expect("an id")
}

#[tokio::test]
async fn the_first_report_makes_the_project_and_its_owner() {
    let (_app, alice) = server().await;
    batch(&alice, "p", "a", &[("m", "d", json!({"MSE": 0.5}))]).await;
    let shown = alice.get("/api/projects/p").await.ok(200);
    assert_eq!(
        (&shown["role"], &shown["visibility"], &shown["name"]),
        (&json!("owner"), &json!("private"), &json!("p"))
    );
    let members = alice.get("/api/projects/p/members").await.ok(200);
    assert_eq!(members[0]["username"], "alice");
    let again = alice.post("/api/projects", &json!({"slug": "p"})).await;
    assert_eq!(again.refused(409), "project_taken");
}

#[tokio::test]
async fn a_viewer_reads_what_members_report_and_nothing_else() {
    let (app, alice) = server().await;
    let bob = person(&app, "bob").await;
    let carol = person(&app, "carol").await;
    batch(&alice, "p", "a", &[("m", "d", json!({"MSE": 0.5}))]).await;
    batch(&alice, "other", "x", &[("m", "d", json!({"MSE": 0.5}))]).await;
    // Carol uses the name without taking part.
    batch(&carol, "p", "c", &[("m", "d", json!({"MSE": 0.1}))]).await;
    assert_eq!(
        bob.get("/api/batches/a").await.refused(404),
        "batch_not_found"
    );
    invite(&alice, "p", "BOB", "viewer").await;

    bob.get("/api/batches/a").await.ok(200);
    bob.get("/api/jobs/a/j0").await.ok(200);
    assert_eq!(
        bob.get("/api/batches/x").await.refused(404),
        "batch_not_found"
    );
    assert_eq!(
        bob.get("/api/batches/c").await.refused(404),
        "batch_not_found"
    );
    let list = bob.get("/api/batches").await.ok(200);
    assert_eq!(list.as_array().map(Vec::len), Some(1));
    assert_eq!(list[0]["id"], "a");
    assert_eq!(bob.get("/api/batches?scope=shared").await.ok(200), list);
    assert_eq!(bob.get("/api/batches?scope=mine").await.ok(200), json!([]));
    let board = bob.get("/api/projects/p/leaderboard").await.ok(200);
    assert_eq!(board[0]["best_metric"], 0.5);
    let cards = bob.get("/api/projects").await.ok(200);
    assert_eq!(
        (&cards[0]["project"], &cards[0]["role"]),
        (&json!("p"), &json!("viewer"))
    );

    let rename = bob.patch("/api/batches/a", &json!({"name": "n"})).await;
    assert_eq!(rename.refused(403), "owner_required");
    let settings = bob.patch("/api/projects/p", &json!({"name": "n"})).await;
    assert_eq!(settings.refused(403), "project_owner_required");
    // Carol sees only her own, and has no say.
    let board = carol.get("/api/projects/p/leaderboard").await.ok(200);
    assert_eq!(board[0]["best_metric"], 0.1);
    let settings = carol.patch("/api/projects/p", &json!({"name": "n"})).await;
    assert_eq!(settings.refused(403), "project_owner_required");
    assert_eq!(
        carol.get("/api/projects/p/members").await.refused(403),
        "project_owner_required"
    );
}

#[tokio::test]
async fn an_editor_reports_tags_and_stops_but_does_not_delete() {
    let (app, alice) = server().await;
    let bob = person(&app, "bob").await;
    let mut start = batch_start("a");
    start["source"]["project"] = json!("p");
    alice.post("/api/events", &start).await.ok(200);
    let foreign = event("job_start", "a", Some("j"), json!({}));
    assert_eq!(
        bob.post("/api/events", &foreign).await.refused(403),
        "batch_foreign"
    );
    invite(&alice, "p", "bob", "editor").await;
    bob.post("/api/events", &foreign).await.ok(200);
    let tags = json!({"tags": ["good"]});
    assert_eq!(
        bob.patch("/api/batches/a", &tags).await.ok(200)["tags"],
        json!(["good"])
    );
    let stop = bob.post("/api/batches/a/stop", &json!({})).await.ok(200);
    assert_eq!(stop["status"], "stopping");
    assert_eq!(
        bob.delete("/api/batches/a").await.refused(403),
        "owner_required"
    );
    // What an editor reports belongs to the project.
    let mut own = batch_start("b");
    own["source"]["project"] = json!("p");
    bob.post("/api/events", &own).await.ok(200);
    alice.get("/api/batches/b").await.ok(200);
    let shown = alice.get("/api/projects/p").await.ok(200);
    assert_eq!(shown["n_batches"], 2);
    assert_eq!(shown["owners"], json!(["alice", "bob"]));
}

#[tokio::test]
async fn leaving_closes_what_joining_opened() {
    let (app, alice) = server().await;
    let bob = person(&app, "bob").await;
    batch(&alice, "p", "a", &[("m", "d", json!({"MSE": 0.5}))]).await;
    let id = invite(&alice, "p", "bob", "owner").await;
    let me = alice.get("/api/projects/p/members").await.ok(200);
    let alice_id = me
        .as_array()
        .and_then(|all| all.iter().find(|m| m["username"] == "alice"))
        .and_then(|m| m["user_id"].as_u64())
        .expect("alice");
    let member = format!("/api/projects/p/members/{id}");
    let out = format!("/api/projects/p/members/{alice_id}");
    assert_eq!(bob.delete(&out).await.status, 204);
    // She still has her batch, and nobody is left to remove the last owner.
    alice.get("/api/batches/a").await.ok(200);
    assert_eq!(bob.delete(&member).await.refused(409), "last_owner");
    let demoted = bob.patch(&member, &json!({"role": "viewer"})).await;
    assert_eq!(demoted.refused(409), "last_owner");
    invite(&bob, "p", "alice", "owner").await;
    assert_eq!(bob.delete(&member).await.status, 204);
    assert_eq!(
        bob.get("/api/projects/p").await.refused(404),
        "project_not_found"
    );
    assert_eq!(
        bob.get("/api/batches/a").await.refused(404),
        "batch_not_found"
    );
    let gone = alice.patch(&member, &json!({"role": "viewer"})).await;
    assert_eq!(gone.refused(404), "member_not_found");
    let nobody = json!({"username": "nobody", "role": "viewer"});
    let reply = alice.post("/api/projects/p/members", &nobody).await;
    assert_eq!(reply.refused(404), "user_not_found");
}

#[tokio::test]
async fn pages_over_several_lists_meet_every_batch_once() {
    let (app, alice) = server().await;
    let bob = person(&app, "bob").await;
    for i in 0..7 {
        app.services.clock.advance(60);
        let who = if i % 2 == 0 { &alice } else { &bob };
        let project = if i % 2 == 0 { "p" } else { "q" };
        batch(who, project, &format!("b{i}"), &[("m", "d", json!({}))]).await;
        if i == 0 {
            invite(&alice, "p", "bob", "viewer").await;
        }
    }
    for limit in 1..=8 {
        let mut met = Vec::new();
        let mut cursor = String::new();
        loop {
            let path = format!("/api/batches?limit={limit}&cursor={cursor}");
            let page = bob.get(&path).await;
            let next = page.header("x-next-cursor");
            let rows = page.ok(200);
            met.extend(
                rows.as_array()
                    .into_iter()
                    .flatten()
                    .map(|b| b["id"].clone()),
            );
            match next {
                Some(next) => cursor = next,
                None => break,
            }
        }
        met.sort_by_key(|id| id.to_string());
        assert_eq!(
            met,
            ["b0", "b1", "b2", "b3", "b4", "b5", "b6"],
            "limit {limit}"
        );
    }
}

#[tokio::test]
async fn hosts_are_known_through_shared_batches_and_only_as_far() {
    let (app, alice) = server().await;
    let bob = person(&app, "bob").await;
    let snapshot = |batch: &str, project: &str, cpu: u32| {
        let data = json!({"cpu_util_pct": cpu, "proc_cpu_pct": cpu});
        let mut event = event("resource_snapshot", batch, None, data);
        event["source"] = json!({"project": project, "host": "gpu-1"});
        event
    };
    batch(&alice, "p", "a", &[("m", "d", json!({}))]).await;
    batch(&alice, "secret", "s", &[("m", "d", json!({}))]).await;
    alice
        .post("/api/events", &snapshot("a", "p", 11))
        .await
        .ok(200);
    alice
        .post("/api/events", &snapshot("s", "secret", 77))
        .await
        .ok(200);
    assert_eq!(bob.get("/api/resources/hosts").await.ok(200), json!([]));
    invite(&alice, "p", "bob", "viewer").await;
    assert_eq!(
        bob.get("/api/resources/hosts").await.ok(200),
        json!(["gpu-1"])
    );
    let rows = bob.get("/api/resources?host=gpu-1").await.ok(200);
    assert_eq!(rows.as_array().map(Vec::len), Some(1));
    assert_eq!(rows[0]["cpu_util_pct"], 11.0);
    assert_eq!(
        alice
            .get("/api/resources")
            .await
            .ok(200)
            .as_array()
            .map(Vec::len),
        Some(2)
    );
}

//! Watchdogs: reports, wishes and answers.

use crate::setup::{post, server, snapshot, start};
use axum::http::Method;
use domain::account::TokenScope;
use serde_json::{Value, json};
use test_kit::{Actor, TestApp};

async fn dog(app: &TestApp, owner: &Actor) -> (String, Actor) {
    let place = json!({"hostname": "vm", "instance": "dog", "capabilities": ["watchdog"]});
    let made = owner.post("/api/agents/register", &place).await.ok(201);
    let actor = app.bearer(made["agent_token"].as_str().expect("a token"));
    let life = json!({"host": "vm", "version": "0.1.0", "mode": "dry_run", "cycle": {"ms": 9}});
    actor.post("/api/watchdog/heartbeat", &life).await.ok(204);
    (made["agent_id"].as_str().expect("an id").to_owned(), actor)
}

fn problem(id: &str, ts: &str, severity: &str) -> Value {
    json!({"id": id, "kind": "problem", "ts": ts, "data": {"severity": severity, "type": "disk",
        "description": "/ is 97% full", "action_taken": "clean_disk", "action_result": "success"}})
}

#[tokio::test]
async fn reports_are_stored_once_and_shown_newest_first() {
    let app = server().await;
    let user = app.user("alice", false).await;
    let owner = app.token(&user, TokenScope::Reporter).await;
    let (id, dog) = dog(&app, &owner).await;
    let report = json!({"host": "vm", "items": [
        problem("p-1", "2026-11-20T10:00:00Z", "warning"),
        problem("p-2", "2026-11-20T11:00:00Z", "critical"),
        {"id": "t-1", "kind": "transcript", "ts": "2026-11-20T10:30:00Z", "data": {"text": "hi"}},
    ]});
    let before = app.services.store.queue_depths().await;
    let first = dog.post("/api/watchdog/reports", &report).await.ok(200);
    assert_eq!(first, json!({"accepted": 3, "duplicates": 0}));
    let again = dog.post("/api/watchdog/reports", &report).await.ok(200);
    assert_eq!(again, json!({"accepted": 0, "duplicates": 3}));

    let rows = owner.get("/api/hosts/vm/watchdog/records").await.ok(200);
    let ids: Vec<&str> = rows
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|r| r["id"].as_str())
        .collect();
    assert_eq!(ids, ["p-2", "t-1", "p-1"]);
    let only = owner
        .get("/api/hosts/vm/watchdog/records?kind=problem&limit=1")
        .await;
    let cursor = only.header("x-next-cursor").expect("more");
    assert_eq!(only.ok(200)[0]["id"], "p-2");
    let path = format!("/api/hosts/vm/watchdog/records?kind=problem&limit=1&cursor={cursor}");
    assert_eq!(owner.get(&path).await.ok(200)[0]["id"], "p-1");

    let list = owner.get("/api/watchdogs").await.ok(200);
    let shown = &list["items"][0];
    assert_eq!(
        (&shown["agent_id"], &shown["mode"]),
        (&json!(id), &json!("dry_run"))
    );
    assert_eq!(shown["last_problem"]["severity"], "critical");

    // Only the critical problem is worth a message, and only once.
    let waiting = app.services.store.queue_depths().await;
    assert_eq!(waiting[0].1, before[0].1 + 1, "{waiting:?}");

    let bad =
        json!({"host": "vm", "items": [{"id": "x", "kind": "rumour", "ts": "now", "data": {}}]});
    dog.post("/api/watchdog/reports", &bad).await.refused(422);
}

#[tokio::test]
async fn wishes_and_answers_reach_the_watchdog() {
    let app = server().await;
    let user = app.user("alice", false).await;
    let owner = app.token(&user, TokenScope::Reporter).await;
    let (id, dog) = dog(&app, &owner).await;
    let wish = json!({"agent_id": id, "dry_run": true, "paused_until": "2030-01-01T00:00:00Z",
        "mute": [{"type": "swap", "until": "2030-01-01T00:00:00Z"}]});
    let call = owner.call(Method::PUT, "/api/hosts/vm/watchdog/policy");
    call.json(&wish).send().await.ok(200);
    let answer = json!({"agent_id": id, "digest": "d-1", "verdict": "allow"});
    owner
        .post("/api/hosts/vm/watchdog/asks", &answer)
        .await
        .ok(200);
    let reply = dog.get("/api/watchdog/policy").await;
    let tag = reply.header("etag").expect("a tag");
    let policy = reply.ok(200);
    assert_eq!(
        (&policy["version"], &policy["dry_run"]),
        (&json!(2), &json!(true))
    );
    assert_eq!(policy["mute"][0]["type"], "swap");
    assert_eq!(policy["approvals"][0]["verdict"], "allow");
    let call = dog.call(Method::GET, "/api/watchdog/policy");
    assert_eq!(call.header("if-none-match", &tag).send().await.status, 304);
}

#[tokio::test]
async fn nobody_puts_problems_on_a_strangers_host_page() {
    let app = server().await;
    let user = app.user("alice", false).await;
    let owner = app.token(&user, TokenScope::Reporter).await;
    let now = app.services.clock.now();
    let seen = snapshot("b", "vm", now, json!({"cpu_util_pct": 5}));
    post(&owner, &[start("b", "vm"), seen]).await;
    let mallory = app.user("mallory", false).await;
    let mallory = app.token(&mallory, TokenScope::Reporter).await;
    let (_, false_dog) = dog(&app, &mallory).await;
    let report = json!({"host": "vm", "items": [problem("p", "2026-11-20T10:00:00Z", "critical")]});
    false_dog
        .post("/api/watchdog/reports", &report)
        .await
        .ok(200);
    assert_eq!(
        owner.get("/api/hosts/vm/watchdog").await.ok(200)["items"],
        json!([])
    );

    // An administrator's is believed by all who know the host, who may not change it.
    let root = app.user("root", true).await;
    let root = app.token(&root, TokenScope::Reporter).await;
    let (id, real) = dog(&app, &root).await;
    real.post("/api/watchdog/reports", &report).await.ok(200);
    let seen = owner.get("/api/hosts/vm/watchdog").await.ok(200);
    assert_eq!(
        (&seen["items"][0]["agent_id"], &seen["items"][0]["may_edit"]),
        (&json!(id), &json!(false))
    );
    let path = "/api/hosts/vm/watchdog/records?kind=transcript";
    assert_eq!(owner.get(path).await.refused(403), "watchdog_foreign");
    let answer = json!({"agent_id": id, "digest": "d", "verdict": "deny"});
    let refused = owner.post("/api/hosts/vm/watchdog/asks", &answer).await;
    assert_eq!(refused.refused(403), "watchdog_foreign");
}

//! Reruns nobody takes up, and agents that went silent.

use crate::stage::{Stage, routes, setup};
use serde_json::json;
use test_kit::TestApp;
use test_kit::build::event;

async fn stage() -> Stage {
    let mut stage = Stage::new().await;
    let app = TestApp::with(routes().merge(api_hosts::routes()), setup()).await;
    stage.alice = app.user("alice", false).await;
    stage.session = app.session(&stage.alice).await;
    let scope = domain::account::TokenScope::Reporter;
    stage.reporter = app.token(&stage.alice, scope).await;
    stage.app = app;
    stage.report(test_kit::build::batch_start("b")).await;
    stage
}

#[tokio::test]
async fn a_rerun_nobody_takes_up_is_given_up_with_a_word() {
    let stage = stage().await;
    stage
        .report(event("batch_done", "b", None, json!({})))
        .await;
    let made = stage.session.post("/api/batches/b/rerun", &json!({})).await;
    let child = made.ok(201)["batch_id"].as_str().expect("an id").to_owned();
    stage.advance(24 * 60 - 1);
    assert_eq!(stage.found().await, 0);
    stage.advance(1);
    assert_eq!(stage.found().await, 1);
    assert_eq!(stage.found().await, 0);
    // The session is over by then.
    let batch = stage
        .reporter
        .get(&format!("/api/batches/{child}"))
        .await
        .ok(200);
    assert_eq!(batch["status"], "cancelled");
    assert_eq!(batch["error"], "no agent took it up in time");
    let shown = stage.shown().await;
    let last = &shown.last().expect("told").title;
    assert!(last.contains("Nobody ran"), "{last}");
}

#[tokio::test]
async fn an_agent_that_goes_silent_is_told_once_until_it_is_back() {
    let stage = stage().await;
    stage
        .report(event("batch_done", "b", None, json!({})))
        .await;
    let place = json!({"hostname": "vm", "label": "box"});
    let made = stage
        .session
        .post("/api/agents/register", &place)
        .await
        .ok(201);
    let agent = stage
        .app
        .bearer(made["agent_token"].as_str().expect("a token"));
    let life = format!(
        "/api/agents/{}/heartbeat",
        made["agent_id"].as_str().expect("id")
    );
    stage.advance(4);
    assert_eq!(stage.found().await, 0);
    stage.advance(1);
    assert_eq!(stage.found().await, 1);
    assert_eq!(stage.found().await, 0);
    let shown = stage.shown().await;
    let titles: Vec<&str> = shown.iter().map(|shown| shown.title.as_str()).collect();
    assert!(titles.contains(&"Agent box is silent"), "{titles:?}");
    agent.post(&life, &json!({})).await.ok(204);
    assert_eq!(stage.found().await, 0);
    stage.advance(5);
    assert_eq!(stage.found().await, 1);
}

#[tokio::test]
async fn a_watchdog_that_goes_silent_is_told_once_however_seldom_it_looks() {
    let stage = stage().await;
    stage
        .report(event("batch_done", "b", None, json!({})))
        .await;
    let place = json!({"hostname": "vm", "capabilities": ["watchdog"]});
    let made = stage
        .session
        .post("/api/agents/register", &place)
        .await
        .ok(201);
    let dog = stage
        .app
        .bearer(made["agent_token"].as_str().expect("a token"));
    let life = |interval: i64| {
        json!({"host": "vm", "version": "0.1.0", "mode": "live",
            "cycle": {"ms": 9, "interval_s": interval}})
    };
    dog.post("/api/watchdog/heartbeat", &life(1200))
        .await
        .ok(204);
    // Its registration alone is no agent people wait for.
    stage.advance(59);
    assert_eq!(stage.found().await, 0);
    let shown = stage.session.get("/api/watchdogs").await.ok(200);
    assert_eq!(shown["items"][0]["online"], true);
    stage.advance(1);
    assert_eq!(stage.found().await, 1);
    assert_eq!(stage.found().await, 0);
    let told = stage.shown().await;
    let title = &told.last().expect("told").title;
    assert_eq!(title, "critical: vm, watchdog");
    let shown = stage.session.get("/api/watchdogs").await.ok(200);
    assert_eq!(shown["items"][0]["online"], false);
    // Back, and gone again: with many looks in an hour a quarter of it is enough.
    dog.post("/api/watchdog/heartbeat", &life(60)).await.ok(204);
    stage.advance(14);
    assert_eq!(stage.found().await, 0);
    stage.advance(1);
    assert_eq!(stage.found().await, 1);
}

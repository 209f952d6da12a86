//! Batches that go silent, and those asked to stop.

use crate::stage::{Stage, setup};
use serde_json::json;
use test_kit::app::Setup;
use test_kit::build::{batch_start, event};

#[tokio::test]
async fn a_silent_batch_stalls_and_recovers_when_it_reports() {
    let stage = Stage::new().await;
    stage.advance(14);
    assert_eq!(stage.found().await, 0);
    stage.advance(1);
    assert_eq!(stage.found().await, 1);
    assert_eq!(stage.status().await, "stalled");
    assert_eq!(stage.found().await, 0);
    let frames = stage.frames("batch_stalled").await;
    assert_eq!(frames.len(), 1);
    assert_eq!(frames[0]["data"]["minutes_since"], 15);
    assert_eq!(frames[0]["data"]["locale_key"], "guardrails.stalled");
    assert_eq!(frames[0]["batch_id"], "b");
    stage.advance(1);
    stage.epoch(0, json!(0.5)).await;
    assert_eq!(stage.status().await, "running");
    assert_eq!(stage.found().await, 1);
    assert_eq!(stage.found().await, 0);
    assert_eq!(stage.frames("batch_recovered").await.len(), 1);
    let shown = stage.shown().await;
    let titles: Vec<_> = shown.iter().map(|shown| shown.title.as_str()).collect();
    assert_eq!(titles, ["Batch b is stalled", "Batch b recovered"]);
    assert!(shown[0].body.contains("not reported for 15 minutes"));
    assert!(shown[1].body.contains("reports again"), "{}", shown[1].body);
    assert!(!shown[1].body.contains("GPU"), "{}", shown[1].body);
}

#[tokio::test]
async fn snapshots_are_a_sign_of_life() {
    let stage = Stage::new().await;
    for _ in 0..5 {
        stage.advance(10);
        let data = json!({"cpu_util_pct": 5});
        stage
            .report(event("resource_snapshot", "b", None, data))
            .await;
        assert_eq!(stage.found().await, 0);
    }
}

#[tokio::test]
async fn a_stop_nobody_answers_ends_the_batch_though_nothing_else_runs() {
    let stage = Stage::new().await;
    stage
        .session
        .post("/api/batches/b/stop", &json!({}))
        .await
        .ok(200);
    stage.advance(9);
    assert_eq!(stage.found().await, 0);
    // A script that is at its last epoch gets its time.
    stage.epoch(0, json!(0.5)).await;
    stage.advance(9);
    assert_eq!(stage.found().await, 0);
    assert_eq!(stage.status().await, "stopping");
    stage.advance(1);
    assert_eq!(stage.found().await, 1);
    let batch = stage.session.get("/api/batches/b").await.ok(200);
    assert_eq!(batch["status"], "stopped");
    assert!(batch["end_time"].is_string(), "{batch}");
    assert_eq!(stage.frames("batch_stopped").await.len(), 1);
    assert_eq!(stage.shown().await[0].title, "Batch b is stopped");
    let active = stage.app.services.store.active_batches().await;
    assert_eq!(active.expect("read"), []);
}

#[tokio::test]
async fn a_stalled_batch_that_was_asked_to_stop_is_still_asked_when_it_comes_back() {
    let stage = Stage::new().await;
    stage.advance(15);
    assert_eq!(stage.found().await, 1);
    stage
        .session
        .post("/api/batches/b/stop", &json!({}))
        .await
        .ok(200);
    stage.advance(1);
    stage.epoch(0, json!(0.5)).await;
    assert_eq!(stage.status().await, "stopping");
    let asked = stage.reporter.get("/api/batches/b/stop-requested").await;
    assert_eq!(asked.ok(200)["requested"], true);
}

#[tokio::test]
async fn deleted_batches_are_not_watched() {
    let stage = Stage::with(setup()).await;
    stage.report(batch_start("gone")).await;
    stage
        .report(event("batch_done", "gone", None, json!({})))
        .await;
    stage.session.delete("/api/batches/gone").await.ok(200);
    // Events of a deleted batch do not bring it back.
    stage.report(batch_start("gone")).await;
    stage.advance(99);
    let report = stage.look().await;
    assert_eq!((report.looked, report.found), (0, 0));
}

#[tokio::test]
async fn the_watchdog_can_be_switched_off() {
    let stage = Stage::with(Setup {
        variables: vec![("ARGUS_WATCHDOG_ENABLED", "false".into())],
        ..setup()
    })
    .await;
    stage.report(batch_start("b")).await;
    stage.advance(99);
    assert_eq!(stage.look().await, cron_guardrails::Report::default());
    assert_eq!(stage.status().await, "running");
    assert_eq!(stage.app.services.store.runs().await.expect("read"), []);
    stage.set("enabled", json!(true)).await;
    assert_eq!(stage.found().await, 1);
}

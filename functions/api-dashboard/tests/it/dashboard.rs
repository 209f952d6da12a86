//! Counters, projects, activity and failures.

use crate::setup::{at, done, failed, job, post, reporter, server, start, texts};
use serde_json::{Value, json};
use test_kit::build::event;
use test_kit::{Actor, TestApp};

/// `a` of `demo` failed with one job failed and one done; `b` of `other` runs a job.
async fn two() -> (TestApp, Actor) {
    let app = server().await;
    let alice = reporter(&app, "alice").await;
    let over = event(
        "batch_failed",
        "a",
        None,
        json!({"error": "disk full\nat line 7"}),
    );
    let events = [
        at(0, "demo", "vm", start("a", 2)),
        at(1, "demo", "vm", job("a", "good")),
        at(2, "demo", "vm", job("a", "bad")),
        at(30, "demo", "vm", done("a", "good", 29, json!({"MSE": 0.5}))),
        at(40, "demo", "vm", failed("a", "bad", "out of memory")),
        at(50, "demo", "vm", over),
    ];
    post(&alice, &events).await;
    app.services.clock.advance(60);
    let events = [
        at(60, "other", "vm", start("b", 2)),
        at(61, "other", "vm", job("b", "now")),
    ];
    post(&alice, &events).await;
    (app, alice)
}

#[tokio::test]
async fn the_page_sums_up_what_runs_and_what_happened() {
    let (app, alice) = two().await;
    let page = alice.get("/api/dashboard").await.ok(200);
    assert_eq!(page["scope"], "all");
    assert_eq!(page["generated_at"], app.services.clock.now().to_text());
    let counters = json!({
        "running_batches": 1, "jobs_running": 1, "jobs_done_24h": 1, "jobs_failed_24h": 1,
        "active_hosts": 0, "avg_gpu_util": null, "my_running": 1,
    });
    assert_eq!(page["counters"], counters);
    // What runs comes first; its ETA has no sample yet.
    assert_eq!(texts(&page["projects"], "project"), ["other", "demo"]);
    assert_eq!(page["projects"][0]["eta_seconds"], Value::Null);
    let demo = &page["projects"][1];
    assert_eq!(
        (&demo["jobs_done"], &demo["jobs_failed"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(demo["failure_rate"], 0.5);
    assert_eq!(demo["top_models"][0]["metric_value"], 0.5);
    assert_eq!(
        texts(&page["activity"], "event_type"),
        ["batch_start", "batch_failed", "job_failed", "batch_start"]
    );
    assert_eq!(page["activity"][1]["summary"], "disk full");
    assert_eq!(page["activity"][2]["job_id"], "bad");
    assert_eq!(page["activity"][2]["project"], "demo");
    let expected = json!([
        {"kind": "batch_failed", "message": "a: disk full", "target_type": "batch",
            "target_id": "a", "timestamp": page["activity"][1]["timestamp"]},
        {"kind": "job_failed", "message": "bad: out of memory", "target_type": "batch",
            "target_id": "a", "timestamp": page["activity"][2]["timestamp"]},
    ]);
    assert_eq!(page["notifications"], expected);
    // Ids are the same from read to read.
    let again = alice.get("/api/dashboard").await.ok(200);
    assert_eq!(
        texts(&again["activity"], "id"),
        texts(&page["activity"], "id")
    );
}

#[tokio::test]
async fn a_day_later_only_what_ended_lately_counts() {
    let (app, alice) = two().await;
    app.services.clock.advance(86_400);
    let page = alice.get("/api/dashboard").await.ok(200);
    assert_eq!(page["counters"]["jobs_done_24h"], 0);
    assert_eq!(page["counters"]["jobs_running"], 1);
}

#[tokio::test]
async fn starred_projects_come_first_and_recent_ones_before_old_ones() {
    let (app, alice) = two().await;
    app.services.clock.advance(5);
    let end = event("batch_done", "b", None, json!({}));
    post(&alice, &[at(65, "other", "vm", end)]).await;
    let order = async || {
        let page = alice.get("/api/dashboard").await.ok(200);
        texts(&page["projects"], "project")
    };
    assert_eq!(order().await, ["other", "demo"]);
    let star = json!({"target_type": "project", "target_id": "demo"});
    assert!(alice.post("/api/stars", &star).await.status.is_success());
    assert_eq!(order().await, ["demo", "other"]);
}

#[tokio::test]
async fn deleted_things_vanish_at_once() {
    let (_app, alice) = two().await;
    alice.delete("/api/jobs/a/bad").await.ok(200);
    let page = alice.get("/api/dashboard").await.ok(200);
    assert_eq!(page["counters"]["jobs_failed_24h"], 0);
    assert_eq!(texts(&page["notifications"], "kind"), ["batch_failed"]);
    alice.delete("/api/batches/a").await.ok(200);
    let page = alice.get("/api/dashboard").await.ok(200);
    assert_eq!(texts(&page["projects"], "project"), ["other"]);
    assert_eq!(texts(&page["activity"], "batch_id"), ["b"]);
    assert_eq!(page["notifications"], json!([]));
}

#[tokio::test]
async fn scopes_part_what_is_mine_from_what_is_others() {
    let (app, alice) = two().await;
    let root = reporter(&app, "root").await;
    post(&root, &[at(70, "roots", "vm", start("r", 1))]).await;
    for (who, scope, projects, mine) in [
        (&alice, "mine", vec!["other", "demo"], 1),
        (&alice, "shared", vec![], 1),
        (&root, "all", vec!["other", "roots", "demo"], 1),
        (&root, "mine", vec!["roots"], 1),
        (&root, "shared", vec!["other", "demo"], 1),
    ] {
        let page = who.get(&format!("/api/dashboard?scope={scope}")).await;
        let page = page.ok(200);
        assert_eq!(page["scope"], scope);
        let mut seen = texts(&page["projects"], "project");
        let mut projects = projects;
        seen.sort_unstable();
        projects.sort_unstable();
        assert_eq!(seen, projects, "{scope}");
        assert_eq!(page["counters"]["my_running"], mine, "{scope}");
    }
    let refused = alice.get("/api/dashboard?scope=others").await;
    assert_eq!(refused.refused(422), "validation");
}

#[tokio::test]
async fn a_stranger_sees_an_empty_page() {
    let (app, _alice) = two().await;
    let bob = reporter(&app, "bob").await;
    let page = bob.get("/api/dashboard").await.ok(200);
    for list in ["projects", "activity", "hosts", "notifications"] {
        assert_eq!(page[list], json!([]), "{list}");
    }
    assert_eq!(page["counters"]["jobs_running"], 0);
}

#[tokio::test]
async fn only_the_newest_twenty_things_are_told() {
    let app = server().await;
    let alice = reporter(&app, "alice").await;
    for i in 0..12 {
        let batch = format!("b{i:02}");
        let end = event("batch_failed", &batch, None, json!({}));
        let events = [
            at(i * 10, "demo", "vm", start(&batch, 1)),
            at(i * 10 + 5, "demo", "vm", end),
        ];
        post(&alice, &events).await;
    }
    let page = alice.get("/api/dashboard").await.ok(200);
    assert_eq!(page["activity"].as_array().map(Vec::len), Some(20));
    assert_eq!(page["activity"][0]["id"], "batch_failed:1:b11");
    let targets = texts(&page["notifications"], "target_id");
    assert_eq!(targets, ["b11", "b10", "b09", "b08", "b07"]);
}

//! Host cards on the first page.

use crate::setup::{at, job, post, reporter, server, start, texts};
use serde_json::{Value, json};
use test_kit::build::event;

fn snapshot(batch: &str, data: Value) -> Value {
    event("resource_snapshot", batch, None, data)
}

#[tokio::test]
async fn a_card_shows_gauges_jobs_and_warnings() {
    let app = server().await;
    let alice = reporter(&app, "alice").await;
    let gauges = json!({"gpu_util_pct": 33.333, "gpu_temp_c": 91, "disk_free_mb": 2048});
    let mut events = vec![
        at(0, "demo", "vm", start("a", 9)),
        at(0, "demo", "vm", snapshot("a", gauges)),
        at(0, "demo", "idle", start("i", 1)),
        at(0, "demo", "idle", snapshot("i", json!({}))),
    ];
    for i in 0..7 {
        events.push(at(i, "demo", "vm", job("a", &format!("j{i}"))));
    }
    for batch in ["a", "i"] {
        let of: Vec<Value> = events
            .iter()
            .filter(|e| e["batch_id"] == batch)
            .cloned()
            .collect();
        post(&alice, &of).await;
    }
    let page = alice.get("/api/dashboard").await.ok(200);
    assert_eq!(texts(&page["hosts"], "host"), ["idle", "vm"]);
    let card = &page["hosts"][1];
    assert_eq!(card["running_jobs"], 7);
    let expected = json!({"batch_id": "a", "job_id": "j6", "model": "model of j6",
        "dataset": "d", "user": "ada", "pid": 42});
    assert_eq!(card["running_jobs_top5"][0], expected);
    assert_eq!(card["running_jobs_top5"].as_array().map(Vec::len), Some(5));
    assert_eq!(
        card["warnings"],
        json!(["GPU at 91 °C", "Only 2.0 GB of disk free"])
    );
    assert_eq!(card["gpu_temp_c"], 91.0);
    assert_eq!(page["counters"]["active_hosts"], 2);
    assert_eq!(page["counters"]["avg_gpu_util"], 33.33);
    app.services.clock.advance(301);
    let page = alice.get("/api/dashboard").await.ok(200);
    assert_eq!(page["hosts"], json!([]));
    assert_eq!(page["counters"]["active_hosts"], 0);
}

#[tokio::test]
async fn nobody_sees_a_strangers_host_or_job() {
    let app = server().await;
    let alice = reporter(&app, "alice").await;
    let bob = reporter(&app, "bob").await;
    let carol = reporter(&app, "carol").await;
    let root = reporter(&app, "root").await;
    for (who, batch) in [(&alice, "a"), (&bob, "b")] {
        let events = [
            at(0, "demo", "vm", start(batch, 1)),
            at(0, "demo", "vm", job(batch, "j")),
            at(0, "demo", "vm", snapshot(batch, json!({"cpu_util_pct": 1}))),
        ];
        post(who, &events).await;
    }
    let jobs = async |who: &test_kit::Actor| {
        let page = who.get("/api/dashboard").await.ok(200);
        assert_eq!(texts(&page["hosts"], "host"), ["vm"]);
        texts(&page["hosts"][0]["running_jobs_top5"], "batch_id")
    };
    assert_eq!(jobs(&alice).await, ["a"]);
    assert_eq!(jobs(&bob).await, ["b"]);
    assert_eq!(jobs(&root).await, ["a", "b"]);
    // Who has no batch at all sees nothing, not everything.
    let page = carol.get("/api/dashboard").await.ok(200);
    assert_eq!(page["hosts"], json!([]));
    let mine = root.get("/api/dashboard?scope=mine").await.ok(200);
    assert_eq!(mine["hosts"], json!([]));
}

#[tokio::test]
async fn a_deleted_host_is_gone() {
    let app = server().await;
    let alice = reporter(&app, "alice").await;
    let root = reporter(&app, "root").await;
    let report = async || {
        let events = [
            at(0, "demo", "vm", start("a", 1)),
            at(0, "demo", "vm", snapshot("a", json!({}))),
        ];
        post(&alice, &events).await;
    };
    report().await;
    app.services.clock.advance(601);
    root.delete("/api/hosts/vm").await.ok(200);
    report().await;
    let page = alice.get("/api/dashboard").await.ok(200);
    assert_eq!(page["hosts"], json!([]));
}

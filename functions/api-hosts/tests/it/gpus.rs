//! Hosts with several GPUs.

use crate::setup::{post, reporter, server, snapshot};
use serde_json::{Value, json};
use test_kit::app::START;

fn gpu(index: i64, util: Value) -> Value {
    json!({
        "index": index, "uuid": format!("GPU-{index}"), "name": "Example 24G", "util_pct": util,
        "mem_mb": "1000", "mem_total_mb": 24000, "temp_c": 50 + index, "power_w": null, "fan_pct": 30,
    })
}

#[tokio::test]
async fn gpus_are_kept_and_flat_gauges_derived() {
    let app = server().await;
    let alice = reporter(&app, "alice").await;
    let gpus = json!([gpu(0, json!(90)), gpu(1, json!("NaN")), gpu(2, json!(30))]);
    post(&alice, &[snapshot("a", "vm", START, json!({"gpus": gpus}))]).await;
    let row = alice.get("/api/resources").await.ok(200)[0].clone();
    assert_eq!(row["gpu_util_pct"], 60.0);
    assert_eq!(row["gpu_mem_mb"], 3000.0);
    assert_eq!(row["gpu_mem_total_mb"], 72000.0);
    assert_eq!(row["gpu_temp_c"], 52.0);
    let mut expected = gpu(1, Value::Null);
    for (name, value) in [
        ("mem_mb", 1000.0),
        ("mem_total_mb", 24000.0),
        ("temp_c", 51.0),
    ] {
        expected[name] = json!(value);
    }
    assert_eq!(row["gpus"][1], expected, "unknown keys stay");
}

#[tokio::test]
async fn flat_gauges_that_were_sent_stay() {
    let app = server().await;
    let alice = reporter(&app, "alice").await;
    let data = json!({"gpu_util_pct": 7, "gpu_mem_mb": null, "gpus": [gpu(0, json!(90))]});
    let start = test_kit::build::batch_start("a");
    post(&alice, &[start, snapshot("a", "vm", START, data)]).await;
    let row = alice.get("/api/resources").await.ok(200)[0].clone();
    assert_eq!(
        (&row["gpu_util_pct"], &row["gpu_mem_mb"]),
        (&json!(7.0), &json!(1000.0))
    );
    let of_batch = alice.get("/api/batches/a/resources").await.ok(200);
    assert_eq!(of_batch["snapshots"][0]["gpus"], row["gpus"]);
    assert_eq!(of_batch["snapshots"][0]["vram_used_mb"], 1000.0);
    let compact = alice.get("/api/batches/compact").await.ok(200);
    assert_eq!(compact["batches"][0]["resources"][0], row);
}

#[tokio::test]
async fn bad_gpus_are_refused_and_nothing_is_stored() {
    let app = server().await;
    let alice = reporter(&app, "alice").await;
    let many = |count: i64| (0..count).map(|i| gpu(i, json!(1))).collect::<Vec<_>>();
    let cases = [
        (json!("two"), json!(["gpus"])),
        (json!([1]), json!(["gpus", 0])),
        (
            json!([gpu(0, json!(1)), gpu(1, json!("hot"))]),
            json!(["gpus", 1, "util_pct"]),
        ),
        (json!([{"index": 0.5}]), json!(["gpus", 0, "index"])),
        (json!([{"name": 1}]), json!(["gpus", 0, "name"])),
        (json!(many(65)), json!(["gpus"])),
    ];
    for (gpus, loc) in cases {
        let event = snapshot("a", "vm", START, json!({"gpus": gpus}));
        let reply = alice.post("/api/events", &event).await;
        assert_eq!(reply.refused(422), "event_invalid", "{loc}");
        assert_eq!(reply.json()["detail"][0]["loc"], loc);
    }
    assert_eq!(alice.get("/api/resources/hosts").await.ok(200), json!([]));
    for gpus in [json!(null), json!([]), json!(many(64))] {
        post(&alice, &[snapshot("a", "vm", START, json!({"gpus": gpus}))]).await;
    }
}

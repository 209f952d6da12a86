//! Gauges over time.

use crate::setup::{admin, post, reporter, server, snapshot};
use domain::time::Timestamp;
use serde_json::{Value, json};
use test_kit::app::START;

const PATH: &str = "/api/hosts/vm/timeseries";

/// The whole minute the test clock starts in, some minutes ago.
fn minute(before: i64) -> Timestamp {
    let secs = START.secs() - START.secs().rem_euclid(60);
    Timestamp(secs * 1000).plus_secs(-60 * before)
}

#[tokio::test]
async fn gauges_are_averaged_and_processes_summed() {
    let app = server().await;
    let alice = reporter(&app, "alice").await;
    let data = |used: f64, process: f64| {
        json!({"gpu_mem_mb": used, "gpu_mem_total_mb": 8000, "proc_gpu_mem_mb": process,
               "cpu_util_pct": used / 100.0, "proc_cpu_pct": process})
    };
    let events = [
        snapshot("a", "vm", minute(3), data(1000.0, 10.0)),
        snapshot("a", "vm", minute(3).plus_secs(59), data(2000.0, 20.0)),
        snapshot("a", "vm", minute(2), data(4000.0, 30.0)),
        snapshot("a", "other", minute(2), data(9.0, 9.0)),
    ];
    post(&alice, &events).await;
    let other_batch = snapshot("b", "vm", minute(3).plus_secs(30), data(3000.0, 5.0));
    post(&alice, &[other_batch]).await;
    let expected = json!({
        "host": "vm", "metric": "gpu_mem_mb", "host_total_capacity": 8000.0, "truncated": false,
        "buckets": [
            {"ts": minute(3).to_text(), "total": 2000.0, "by_batch": {"a": 30.0, "b": 5.0}},
            {"ts": minute(2).to_text(), "total": 4000.0, "by_batch": {"a": 30.0}},
        ],
    });
    assert_eq!(alice.get(PATH).await.ok(200), expected);
    let other_words = format!("{PATH}?metric=whatever&bucket_seconds=60");
    assert_eq!(alice.get(&other_words).await.ok(200), expected);
    let cpu = format!("{PATH}?metric=cpu_util_pct&bucket_seconds=3600");
    let cpu = alice.get(&cpu).await.ok(200);
    assert_eq!(cpu["metric"], "cpu_util_pct");
    assert_eq!(cpu["host_total_capacity"], 100.0);
    let totals: Vec<&Value> = cpu["buckets"].as_array().expect("a list").iter().collect();
    let sum: f64 = totals
        .iter()
        .filter_map(|b| b["by_batch"]["a"].as_f64())
        .sum();
    assert_eq!(sum, 60.0);
}

#[tokio::test]
async fn the_window_starts_where_it_was_asked_to() {
    let app = server().await;
    let alice = reporter(&app, "alice").await;
    let at = |secs| snapshot("a", "vm", START.plus_secs(secs), json!({"ram_mb": 1}));
    post(&alice, &[at(-7000), at(-3500), at(-5)]).await;
    let count = async |query: &str| {
        let path = format!("{PATH}?metric=ram_mb&{query}");
        let out = alice.get(&path).await.ok(200);
        out["buckets"].as_array().map(Vec::len)
    };
    assert_eq!(count("").await, Some(2), "the last hour");
    assert_eq!(count("since=rubbish").await, Some(2));
    assert_eq!(count("since=now-2H").await, Some(3));
    assert_eq!(count("since=now-10s").await, Some(1));
    let exact = START.plus_secs(-5).to_text();
    assert_eq!(count(&format!("since={exact}")).await, Some(1));
    app.services.clock.advance(86_400);
    let late = alice.get(&format!("{PATH}?metric=ram_mb")).await.ok(200);
    assert_eq!(late["buckets"], json!([]));
    assert_eq!(late["host_total_capacity"], Value::Null);
}

#[tokio::test]
async fn what_cannot_be_shown_is_refused() {
    let app = server().await;
    let alice = reporter(&app, "alice").await;
    let bob = reporter(&app, "bob").await;
    let root = admin(&app).await;
    post(
        &alice,
        &[snapshot("a", "vm", START, json!({"gpu_mem_mb": 1}))],
    )
    .await;
    assert_eq!(bob.get(PATH).await.refused(404), "host_not_found");
    let nowhere = alice.get("/api/hosts/nowhere/timeseries").await;
    assert_eq!(nowhere.refused(404), "host_not_found");
    let seen = root.get(PATH).await.ok(200);
    assert_eq!(seen["buckets"][0]["total"], 1.0);
    for query in [
        "bucket_seconds=9",
        "bucket_seconds=3601",
        "bucket_seconds=x",
    ] {
        let reply = alice.get(&format!("{PATH}?{query}")).await;
        assert_eq!(reply.refused(422), "validation", "{query}");
    }
    assert_eq!(
        app.anonymous().get(PATH).await.refused(401),
        "auth_required"
    );
}

#[tokio::test]
async fn a_host_two_people_use_shows_each_only_their_own() {
    let app = server().await;
    let alice = reporter(&app, "alice").await;
    let bob = reporter(&app, "bob").await;
    let root = admin(&app).await;
    let data = |used| json!({"ram_mb": used, "proc_ram_mb": 1});
    post(&alice, &[snapshot("a", "vm", START, data(10))]).await;
    post(&bob, &[snapshot("b", "vm", START, data(30))]).await;
    let path = format!("{PATH}?metric=ram_mb");
    let bucket = async |who: &test_kit::Actor| who.get(&path).await.ok(200)["buckets"][0].clone();
    assert_eq!(bucket(&alice).await["by_batch"], json!({"a": 1.0}));
    assert_eq!(bucket(&bob).await["total"], 30.0);
    let both = bucket(&root).await;
    assert_eq!(both["total"], 20.0);
    assert_eq!(both["by_batch"], json!({"a": 1.0, "b": 1.0}));
}

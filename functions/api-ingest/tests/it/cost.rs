//! What reporting costs on AWS, in DynamoDB write units (the budget: 0.2 an event in
//! batches of 100, 3 for a lone one).

use crate::setup::{post, server_with};
use serde_json::{Value, json};
use test_kit::app::Setup;
use test_kit::build::{batch_start, epoch, event};
use test_kit::capacity::WriteUnits;

#[tokio::test]
async fn an_epoch_costs_few_write_units() {
    let units = WriteUnits::default();
    // As on AWS: other instances may write the same table.
    let (_app, reporter) = server_with(Setup {
        shared: true,
        write_units: Some(units.clone()),
        ..Setup::default()
    })
    .await;
    let job_start = event("job_start", "b", Some("j"), json!({"model": "demo-net"}));
    post(&reporter, &[batch_start("b"), job_start])
        .await
        .ok(200);
    assert!(units.take() > 0.0, "nothing was counted");

    let lone = epoch("b", "j", 0, 0.5);
    reporter.post("/api/events", &lone).await.ok(200);
    let lone = units.take();
    assert!(lone <= 3.0, "a lone epoch costs {lone}");

    let hundred: Vec<Value> = (1..=100)
        .map(|i: i32| epoch("b", "j", i64::from(i), 1.0 / f64::from(i + 7)))
        .collect();
    post(&reporter, &hundred).await.ok(200);
    let each = units.take() / 100.0;
    assert!(each <= 0.2, "an epoch among 100 costs {each}");
}

#[tokio::test]
async fn a_snapshot_costs_its_index_entry_more() {
    let units = WriteUnits::default();
    let (_app, reporter) = server_with(Setup {
        shared: true,
        write_units: Some(units.clone()),
        ..Setup::default()
    })
    .await;
    let snapshot = |data| event("resource_snapshot", "b", None, data);
    post(&reporter, &[batch_start("b"), snapshot(json!({}))])
        .await
        .ok(200);
    units.take();
    let data = json!({"gpu_util_pct": 50, "cpu_util_pct": 10, "ram_mb": 100});
    reporter.post("/api/events", &snapshot(data)).await.ok(200);
    let lone = units.take();
    assert!(lone <= 3.0, "a lone snapshot costs {lone}");
}

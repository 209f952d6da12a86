//! A relaunch onto the same batch id: the newest attempt stands, older ones stay as ghosts.

use crate::sample::{post, server};
use serde_json::{Value, json};
use test_kit::build::{batch_start, epoch};

#[tokio::test]
async fn the_newest_attempt_wins_per_epoch_and_ghosts_stay() {
    let (_app, owner) = server().await;
    post(&owner, &[batch_start("b")]).await;
    let first: Vec<Value> = (0..4).map(|i| epoch("b", "j", i, 1.0)).collect();
    post(&owner, &first).await;
    assert_eq!(owner.get("/api/batches/b").await.ok(200)["attempt"], 1);
    post(&owner, &[batch_start("b")]).await;
    // Sent with an earlier clock than the first attempt: attempts count, not clocks.
    let mut again = vec![epoch("b", "j", 2, 2.0), epoch("b", "j", 3, 3.0)];
    for event in &mut again {
        event["timestamp"] = json!("2020-01-01T00:00:00Z");
    }
    post(&owner, &again).await;
    let losses = |points: Value| -> Vec<(Value, Value)> {
        let mut points = points.as_array().expect("points").clone();
        points.sort_by_key(|p| (p["epoch"].as_i64(), p["attempt"].as_i64()));
        points
            .iter()
            .map(|p| (p["epoch"].clone(), p["val_loss"].clone()))
            .collect()
    };
    let expect = |pairs: &[(i64, f64)]| -> Vec<(Value, Value)> {
        pairs.iter().map(|(e, v)| (json!(e), json!(v))).collect()
    };
    let newest = owner.get("/api/jobs/b/j/epochs").await.ok(200);
    assert!(newest[0].get("attempt").is_none());
    assert_eq!(
        losses(newest),
        expect(&[(0, 1.0), (1, 1.0), (2, 2.0), (3, 3.0)])
    );
    let all = owner.get("/api/jobs/b/j/epochs?attempts=all").await.ok(200);
    let expected = [(0, 1.0), (1, 1.0), (2, 1.0), (2, 2.0), (3, 1.0), (3, 3.0)];
    assert_eq!(losses(all), expect(&expected));
    assert_eq!(owner.get("/api/batches/b").await.ok(200)["attempt"], 2);
    let job = owner.get("/api/jobs/b/j").await.ok(200);
    assert_eq!(
        (&job["attempt"], &job["last_epoch"]),
        (&json!(2), &json!(3))
    );
}

#[tokio::test]
async fn metric_names_are_listed() {
    let (_app, owner) = server().await;
    let mut one = epoch("b", "j", 0, 0.5);
    one["data"]["acc"] = json!(0.9);
    one["data"]["note"] = json!("text");
    post(&owner, &[batch_start("b"), one]).await;
    let keys = owner.get("/api/jobs/b/j/metrics").await.ok(200);
    assert_eq!(keys, json!({"epochs": ["acc", "val_loss"], "finals": []}));
}

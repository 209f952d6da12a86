//! Losses that leave the rails.

use crate::stage::Stage;
use domain::notice::Severity;
use serde_json::json;
use test_kit::build::batch_start;

#[tokio::test]
async fn a_loss_that_is_no_number_makes_the_batch_divergent_once() {
    let stage = Stage::new().await;
    stage.epoch(0, json!(1.0)).await;
    stage.epoch(1, json!("NaN")).await;
    assert_eq!(stage.found().await, 1);
    assert_eq!(stage.status().await, "divergent");
    let frames = stage.frames("batch_diverged").await;
    assert_eq!(frames.len(), 1);
    let (job, data) = (&frames[0]["job_id"], &frames[0]["data"]);
    assert_eq!((job, &data["reason"]), (&json!("j"), &json!("nan_or_inf")));
    assert_eq!(data["window"], 3);
    // It stays so while the script goes on, whatever else it says.
    for epoch in 2..6 {
        stage.advance(1);
        stage.epoch(epoch, json!("NaN")).await;
        stage.of_job("log_line", json!({"line": "loss: nan"})).await;
        assert_eq!(stage.found().await, 0);
    }
    assert_eq!(stage.status().await, "divergent");
    stage.advance(1);
    stage.epoch(6, json!(0.9)).await;
    assert_eq!(stage.status().await, "running");
    assert_eq!(stage.found().await, 1);
    assert_eq!(stage.found().await, 0);
    let shown = stage.shown().await;
    assert_eq!(shown[0].title, "Batch b diverges");
    assert_eq!(shown[0].severity, Severity::Error);
    assert!(shown[0].body.contains("no number any more at epoch 1"));
    assert!(!shown[0].body.contains("times its value"));
    assert!(shown[1].body.contains("The loss of job j came back"));
}

#[tokio::test]
async fn a_rising_loss_is_judged_by_its_newest_values_and_not_after_a_restart() {
    let stage = Stage::new().await;
    for (epoch, loss) in [(0, 4.0), (1, 8.0), (2, 3.0), (3, 2.0), (4, 1.0)] {
        stage.epoch(epoch, json!(loss)).await;
    }
    assert_eq!(stage.found().await, 0);
    stage.epoch(5, json!(1.5)).await;
    stage.epoch(6, json!(2.0)).await;
    assert_eq!(stage.found().await, 1);
    let frame = &stage.frames("batch_diverged").await[0]["data"];
    assert_eq!(
        (&frame["reason"], &frame["ratio"]),
        (&json!("ratio"), &json!(2.0))
    );
    // Restarted from a checkpoint: the losses of before are still in its trace.
    stage.advance(1);
    stage.report(batch_start("b")).await;
    stage.of_job("job_start", json!({})).await;
    assert_eq!(stage.status().await, "running");
    for _ in 0..3 {
        stage.advance(1);
        assert_eq!(stage.found().await, 0);
    }
    stage.epoch(5, json!(1.1)).await;
    assert_eq!(stage.found().await, 0);
    assert_eq!(stage.status().await, "running");
    assert_eq!(stage.shown().await.len(), 1);
}

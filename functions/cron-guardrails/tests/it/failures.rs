//! Jobs that failed for lack of memory.

use crate::stage::Stage;
use domain::notice::Severity;
use serde_json::json;
use test_kit::build::event;

#[tokio::test]
async fn memory_that_ran_out_is_told_though_the_batch_ended_at_once() {
    let stage = Stage::new().await;
    stage.of_job("job_start", json!({})).await;
    let line = "RuntimeError: CUDA error: failed to Allocate 2 GiB";
    stage
        .of_job("log_line", json!({"line": "step 1", "level": "info"}))
        .await;
    stage
        .of_job("log_line", json!({"line": line, "level": "error"}))
        .await;
    stage
        .of_job("job_failed", json!({"error": "exit code 1"}))
        .await;
    stage
        .report(event("batch_failed", "b", None, json!({})))
        .await;
    // The last lines may still be on their way.
    assert_eq!(stage.app.services.clock.now(), test_kit::app::START);
    let early = cron_guardrails::tick(&stage.app.services, &stage.guard, None);
    assert_eq!(early.await.expect("storage works").found, 0);
    stage.advance(1);
    assert_eq!(stage.found().await, 1);
    let frames = stage.frames("oom_suspected").await;
    assert_eq!(frames.len(), 1);
    assert_eq!(
        (&frames[0]["job_id"], &frames[0]["data"]["line"]),
        (&json!("j"), &json!(line))
    );
    let report = stage.look().await;
    assert_eq!((report.looked, report.found), (0, 0));
    let shown = stage.shown().await;
    let told = shown.iter().find(|shown| shown.rule_id == "oom_suspected");
    let told = told.expect("told");
    assert_eq!(
        (told.title.as_str(), told.severity),
        ("Job j ran out of memory", Severity::Error)
    );
    assert!(told.body.contains(line), "{}", told.body);
}

#[tokio::test]
async fn failures_of_a_batch_that_goes_on_are_looked_into_once() {
    let stage = Stage::new().await;
    for (job, error) in [("x", "CUDA out of memory"), ("y", "disk full")] {
        stage
            .report(event("job_failed", "b", Some(job), json!({"error": error})))
            .await;
    }
    stage.advance(1);
    assert_eq!(stage.found().await, 1);
    stage.advance(1);
    assert_eq!(stage.found().await, 0);
    stage
        .report(event(
            "job_failed",
            "b",
            Some("z"),
            json!({"error": "out of memory"}),
        ))
        .await;
    stage.advance(1);
    assert_eq!(stage.found().await, 1);
    let frames = stage.frames("oom_suspected").await;
    let jobs: Vec<_> = frames.iter().map(|frame| frame["job_id"].clone()).collect();
    assert_eq!(jobs, ["x", "z"]);
    // Within half an hour people are told once.
    let shown = stage.shown().await;
    let told = shown
        .iter()
        .filter(|shown| shown.rule_id == "oom_suspected");
    assert_eq!(told.count(), 1);
}

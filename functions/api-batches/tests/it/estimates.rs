//! Health, estimates and the table for download.

use crate::sample::{at, done_job, post, server};
use serde_json::json;
use test_kit::build::{batch_start, event};

#[tokio::test]
async fn estimates_follow_the_jobs() {
    let (_app, owner) = server().await;
    let mut start = at(0, batch_start("b"), "demo", "gpu-1");
    start["data"]["n_total_jobs"] = json!(5);
    let mut events = vec![start];
    for (job, second, took) in [("j1", 0, 10), ("j2", 10, 20), ("j3", 30, 40)] {
        events.extend(done_job("b", job, second, took, 0.5));
    }
    let running = event("job_start", "b", Some("r"), json!({"epochs": 10}));
    events.push(at(60, running, "demo", "gpu-1"));
    for number in 0..3 {
        let epoch = event("job_epoch", "b", Some("r"), json!({"epoch": number}));
        events.push(at(61 + 2 * number, epoch, "demo", "gpu-1"));
    }
    post(&owner, &events).await;
    let eta = owner.get("/api/batches/b/eta").await.ok(200);
    let expected =
        json!({"batch_id": "b", "eta_seconds": 42, "pending_count": 2, "sampled_done_jobs": 3});
    assert_eq!(eta, expected);
    let job = owner.get("/api/jobs/b/r/eta").await.ok(200);
    assert_eq!(
        (&job["epochs_done"], &job["epochs_total"]),
        (&json!(3), &json!(10))
    );
    assert_eq!(
        (&job["avg_epoch_time_s"], &job["eta_s"]),
        (&json!(2.0), &json!(14))
    );
    let all = owner.get("/api/batches/b/jobs/eta-all").await.ok(200);
    assert_eq!(all["r"]["eta_s"], 14);
    assert_eq!(
        (&all["j1"]["eta_s"], &all["j1"]["elapsed_s"]),
        (&json!(0), &json!(10))
    );
    assert_eq!(
        owner.get("/api/jobs/b/none/eta").await.refused(404),
        "job_not_found"
    );
}

#[tokio::test]
async fn silence_and_failures_show_in_the_health() {
    let (app, owner) = server().await;
    let failed = event("job_failed", "b", Some("j"), json!({"error": "boom"}));
    post(&owner, &[batch_start("b"), failed]).await;
    let health = owner.get("/api/batches/b/health").await.ok(200);
    assert_eq!(
        (&health["is_stalled"], &health["failure_count"]),
        (&json!(false), &json!(1))
    );
    app.services.clock.advance(400);
    let health = owner.get("/api/batches/b/health").await.ok(200);
    assert_eq!(
        (&health["is_stalled"], &health["last_event_age_s"]),
        (&json!(true), &json!(400))
    );
    assert_eq!(health["warnings"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn the_export_is_a_table_any_program_reads() {
    let (_app, owner) = server().await;
    let mut events = vec![at(0, batch_start("b 1"), "demo", "gpu-1")];
    events.extend(done_job("b 1", "a,\"x\"", 1, 5, 0.123_456_789));
    post(&owner, &events).await;
    let reply = owner.get("/api/batches/b%201/export.csv").await;
    assert_eq!(
        reply.header("content-type").as_deref(),
        Some("text/csv; charset=utf-8")
    );
    let disposition = reply.header("content-disposition");
    assert_eq!(
        disposition.as_deref(),
        Some("attachment; filename=\"b_1.csv\"")
    );
    assert_eq!(
        reply.text(),
        "batch_id,job_id,model,dataset,status,epochs,elapsed_s,MSE,MAE,RMSE,R2,PCC,MAPE\r\n\
         b 1,\"a,\"\"x\"\"\",\"a,\"\"x\"\"\",etth1,done,,5,0.123457,,,,,\r\n"
    );
}

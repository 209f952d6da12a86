//! What each kind of event does, seen through the reads.

use crate::setup::{epochs, post, server};
use serde_json::{Value, json};
use test_kit::build::{batch_start, epoch, event};

#[tokio::test]
async fn a_run_from_start_to_end() {
    let (_app, reporter) = server().await;
    let events = [
        batch_start("b"),
        event(
            "env_snapshot",
            "b",
            None,
            json!({"git_sha": "0123456789abcdef", "git_remote": "git@h.example:a/b.git"}),
        ),
        event(
            "job_start",
            "b",
            Some("j1"),
            json!({"model": "patchtst", "dataset": "etth1", "optuna": {"trial_id": 3}}),
        ),
        epoch("b", "j1", 0, 0.6),
        epoch("b", "j1", 1, 0.4),
        event(
            "log_line",
            "b",
            Some("j1"),
            json!({"line": "hello", "level": "warn"}),
        ),
        event(
            "log_line",
            "b",
            Some("b"),
            json!({"line": "heartbeat", "level": "debug", "ts_unix": 1.5}),
        ),
        event(
            "resource_snapshot",
            "b",
            None,
            json!({"cpu_util_pct": 12.5, "disk_free_mb": 2048}),
        ),
        event(
            "job_done",
            "b",
            Some("j1"),
            json!({"status": "DONE", "metrics": {"MSE": 0.2}, "elapsed_s": 3.9}),
        ),
        event("job_start", "b", Some("j2"), json!({})),
        event(
            "job_failed",
            "b",
            Some("j2"),
            json!({"status": "FAILED", "reason": "ValueError: bad"}),
        ),
        event("batch_done", "b", None, json!({"n_done": 7, "n_failed": 7})),
    ];
    post(&reporter, &events).await.ok(200);
    let batch = reporter.get("/api/batches/b").await.ok(200);
    assert_eq!(batch["status"], "done");
    assert_eq!(
        (&batch["n_done"], &batch["n_failed"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(
        (&batch["n_total"], &batch["project"]),
        (&json!(2), &json!("proj"))
    );
    assert_eq!(batch["git_sha_short"], "01234567");
    assert_eq!(batch["git_remote_url"], "https://h.example/a/b");
    let job = reporter.get("/api/jobs/b/j1").await.ok(200);
    assert_eq!(
        (&job["status"], &job["elapsed_s"]),
        (&json!("done"), &json!(3))
    );
    assert_eq!(job["extra"]["optuna"]["trial_id"], 3);
    let failed = reporter.get("/api/jobs/b/j2").await.ok(200);
    assert_eq!(
        (&failed["status"], &failed["error"]),
        (&json!("failed"), &json!("ValueError: bad"))
    );
    assert_eq!(epochs(&reporter, "b", "j1").await, [0, 1]);
    let latest = reporter.get("/api/batches/b/epochs/latest").await.ok(200);
    assert_eq!(latest["jobs"][0]["val_loss_trace"], json!([0.6, 0.4]));
    let lines = reporter.get("/api/batches/b/log-lines").await.ok(200);
    assert_eq!(
        lines,
        json!([{"id": lines[0]["id"], "ts": "2026-11-21T04:20:39Z", "job_id": "j1",
            "level": "warn", "line": "hello"}])
    );
    let gauges = reporter.get("/api/batches/b/resources").await.ok(200);
    assert_eq!(gauges["host"], "vm");
    assert_eq!(
        (
            &gauges["snapshots"][0]["cpu_util"],
            &gauges["snapshots"][0]["disk_free_gb"]
        ),
        (&json!(12.5), &json!(2.0))
    );
    let compact = reporter.get("/api/batches/compact").await.ok(200);
    assert_eq!(compact["batches"][0]["resources"][0]["host"], "vm");
}

#[tokio::test]
async fn numbers_json_cannot_say_are_kept_apart() {
    let (_app, reporter) = server().await;
    let raw = r#"{"event_id":"nan-event-1","schema_version":"1.1","event_type":"job_epoch",
        "timestamp":"2026-11-21T04:20:39Z","batch_id":"b","job_id":"j","source":{"project":"p"},
        "data":{"epoch":1,"train_loss":NaN,"val_loss":-Infinity,"grad":Infinity,"note":"NaN or not"}}"#;
    let call = reporter
        .call(http::Method::POST, "/api/events")
        .text("application/json", raw);
    call.send().await.ok(200);
    let plain = reporter.get("/api/jobs/b/j/epochs").await.ok(200);
    assert_eq!(plain[0]["train_loss"], Value::Null);
    assert_eq!(plain[0]["grad"], Value::Null);
    assert_eq!(plain[0]["note"], "NaN or not");
    let spelled = reporter
        .get("/api/jobs/b/j/epochs?nonfinite=text")
        .await
        .ok(200);
    assert_eq!(
        (
            &spelled[0]["train_loss"],
            &spelled[0]["val_loss"],
            &spelled[0]["grad"]
        ),
        (&json!("NaN"), &json!("-Infinity"), &json!("Infinity"))
    );
}

#[tokio::test]
async fn a_metric_called_timestamp_does_not_break_the_curve() {
    let (_app, reporter) = server().await;
    let odd = event(
        "job_epoch",
        "b",
        Some("j"),
        json!({"epoch": 0, "timestamp": "mine"}),
    );
    reporter.post("/api/events", &odd).await.ok(200);
    let points = reporter.get("/api/jobs/b/j/epochs").await.ok(200);
    assert_eq!(points[0]["timestamp"], "2026-11-21T04:20:39Z");
    assert_eq!(points[0]["data_timestamp"], "mine");
}

#[tokio::test]
async fn stop_reaches_the_script_three_ways() {
    let (_app, reporter) = server().await;
    reporter
        .post("/api/events", &batch_start("b"))
        .await
        .ok(200);
    let before = reporter.get("/api/batches/b/stop-requested").await.ok(200);
    assert_eq!(before["stop_requested"], false);
    let stopped = reporter
        .post("/api/batches/b/stop", &json!({}))
        .await
        .ok(200);
    assert_eq!(stopped, json!({"status": "stopping", "batch_id": "b"}));
    reporter
        .post("/api/batches/b/stop", &json!({}))
        .await
        .ok(200);
    let polled = reporter.get("/api/batches/b/stop-requested").await.ok(200);
    assert_eq!(
        (&polled["requested"], &polled["stop_requested"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(polled["requested_by"], "alice");
    let done = event("batch_done", "b", None, json!({}));
    reporter.post("/api/events", &done).await.ok(200);
    let after = reporter.get("/api/batches/b/stop-requested").await.ok(200);
    assert_eq!(after["requested"], false);
    assert_eq!(
        reporter
            .post("/api/batches/b/stop", &json!({}))
            .await
            .ok(200)["status"],
        "done"
    );
}

#[tokio::test]
async fn an_answer_to_events_carries_the_stop() {
    let (app, reporter) = server().await;
    reporter
        .post("/api/events", &batch_start("b"))
        .await
        .ok(200);
    reporter
        .post("/api/batches/b/stop", &json!({}))
        .await
        .ok(200);
    // A second instance has no cached state, so it sees the request at once.
    let other = app.sibling(crate::setup::routes(), &test_kit::app::Setup::default());
    let reporter = other.bearer(reporter.secret());
    let reply = reporter
        .post("/api/events", &epoch("b", "j", 0, 0.1))
        .await
        .ok(200);
    assert_eq!(reply["stop"], true);
    let many = post(&reporter, &[epoch("b", "j", 1, 0.1)]).await.ok(200);
    assert_eq!(many["stop"]["b"], true);
}

#[tokio::test]
async fn long_curves_are_thinned_without_losing_extremes() {
    let (_app, reporter) = server().await;
    let curve: Vec<Value> = (0..400)
        .map(|i| {
            epoch(
                "b",
                "j",
                i,
                if i == 217 {
                    99.0
                } else {
                    f64::from(i as i32) / 1000.0
                },
            )
        })
        .collect();
    post(&reporter, &curve).await.ok(200);
    let thin = reporter
        .get("/api/jobs/b/j/epochs?max_points=40")
        .await
        .ok(200);
    let thin = thin.as_array().expect("list");
    assert!(thin.len() <= 40, "{}", thin.len());
    assert!(thin.iter().any(|p| p["val_loss"] == 99.0));
    assert_eq!(
        (&thin[0]["epoch"], &thin[thin.len() - 1]["epoch"]),
        (&json!(0), &json!(399))
    );
    let whole = reporter.get("/api/batches/b/epochs").await.ok(200);
    assert_eq!(
        whole["jobs"][0]["points"].as_array().map(Vec::len),
        Some(400)
    );
}

#[tokio::test]
async fn who_was_told_to_stop_and_left_is_stopped() {
    let (_app, reporter) = server().await;
    for (status, ends) in [
        (Some("STOPPED"), "stopped"),
        (Some("odd"), "done"),
        (None, "done"),
    ] {
        let id = format!("b-{}", status.unwrap_or("none"));
        post(&reporter, &[batch_start(&id), epoch(&id, "j", 0, 0.6)])
            .await
            .ok(200);
        let path = format!("/api/batches/{id}");
        reporter
            .post(&format!("{path}/stop"), &json!({}))
            .await
            .ok(200);
        let mut data = json!({"n_done": 0, "n_failed": 0});
        if let Some(status) = status {
            data["status"] = json!(status);
        }
        post(&reporter, &[event("batch_done", &id, None, data)])
            .await
            .ok(200);
        let batch = reporter.get(&path).await.ok(200);
        assert_eq!(batch["status"], ends, "{batch}");
        assert!(batch["end_time"].is_string());
    }
}

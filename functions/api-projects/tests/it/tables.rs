//! Leaderboard, matrix, machine use and downloads.

use crate::sample::{batch, server};
use serde_json::{Value, json};
use test_kit::{Actor, TestApp};

async fn results() -> (TestApp, Actor) {
    let (app, reporter) = server().await;
    let result = |mse: f64, r2: f64| json!({"MSE": mse, "R2": r2, "train_epochs": 7});
    let first = [("a", "d1", result(0.5, 0.9)), ("b", "d1", result(0.4, 0.7))];
    batch(&reporter, "p", "one", &first).await;
    let second = [
        ("a", "d1", result(0.3, 0.8)),
        ("a", "d2", json!({})),
        ("", "d2", result(0.1, 0.1)),
    ];
    batch(&reporter, "p", "two", &second).await;
    (app, reporter)
}

#[tokio::test]
async fn the_best_wins_in_the_metrics_own_direction() {
    let (_app, reader) = results().await;
    let best = async |query: &str| -> Vec<(Value, Value, Value)> {
        let path = format!("/api/projects/p/leaderboard{query}");
        let rows = reader.get(&path).await.ok(200);
        let rows = rows.as_array().expect("rows").iter();
        rows.map(|r| {
            (
                r["model"].clone(),
                r["best_metric"].clone(),
                r["batch_id"].clone(),
            )
        })
        .collect()
    };
    let row = |model: &str, value: Value, batch: &str| (json!(model), value, json!(batch));
    assert_eq!(
        best("").await,
        [
            row("", json!(0.1), "two"),
            row("a", json!(0.3), "two"),
            row("a", json!(null), "two"),
            row("b", json!(0.4), "one")
        ]
    );
    assert_eq!(best("?metric=R2").await[1], row("a", json!(0.9), "one"));
    assert_eq!(
        best("?metric=R2&direction=minimize").await[1],
        row("a", json!(0.8), "two")
    );
    let long = reader
        .get(&format!(
            "/api/projects/p/leaderboard?metric={}",
            "x".repeat(65)
        ))
        .await;
    assert_eq!(long.refused(422), "validation");
    let first = &reader.get("/api/projects/p/leaderboard").await.ok(200)[0];
    assert_eq!(
        (&first["train_epochs"], &first["metrics"]["R2"]),
        (&json!(7), &json!(0.1))
    );
}

#[tokio::test]
async fn the_matrix_shows_best_mean_and_spread() {
    let (_app, reader) = results().await;
    let out = reader
        .get("/api/projects/p/matrix?metric=MSE")
        .await
        .ok(200);
    assert_eq!(
        (&out["rows"], &out["cols"]),
        (&json!(["a", "b"]), &json!(["d1", "d2"]))
    );
    assert_eq!(out["values"], json!([[0.3, null], [0.4, null]]));
    assert_eq!(out["batch_ids"], json!([["two", null], ["one", null]]));
    assert_eq!(out["means"][0][0], 0.4);
    assert_eq!(out["runs"], json!([[2, 0], [1, 0]]));
    // Both means are 0.4 and one of them spreads.
    assert_eq!(out["marks"], json!([{"row": 0, "solid": false}, null]));
}

#[tokio::test]
async fn deleted_jobs_leave_every_table() {
    let (_app, owner) = results().await;
    owner.delete("/api/jobs/two/j0").await.ok(200);
    let out = owner.get("/api/projects/p/matrix").await.ok(200);
    assert_eq!(out["values"][0][0], 0.5);
    let raw = owner.get("/api/projects/p/export-raw.csv").await.text();
    assert!(!raw.contains("two,j0"), "{raw}");
    assert_eq!(owner.get("/api/projects/p").await.ok(200)["jobs_done"], 4);
}

#[tokio::test]
async fn machine_use_and_downloads() {
    let (_app, reader) = results().await;
    let out = reader.get("/api/projects/p/resources").await.ok(200);
    assert_eq!(
        (&out["gpu_hours"], &out["jobs_completed"]),
        (&json!(2.5), &json!(5))
    );
    assert_eq!(out["avg_job_minutes"], 30.0);
    // 2026-11-16 is a Monday.
    assert_eq!(out["hourly_heatmap"][0][22], 5);
    assert_eq!(out["host_distribution"], json!({"gpu-1": 2}));
    let best = reader.get("/api/projects/p/export.csv").await;
    let disposition = best.header("content-disposition");
    assert_eq!(
        disposition.as_deref(),
        Some("attachment; filename=\"p_leaderboard.csv\"")
    );
    let text = best.text();
    let lines: Vec<&str> = text.split("\r\n").collect();
    assert_eq!(
        lines[0],
        "batch_id,model,dataset,status,epochs,elapsed_s,MSE,MAE,RMSE,R2,PCC,MAPE"
    );
    assert_eq!(lines[2], "two,a,d1,done,7,1800,0.3,,,0.8,,");
    let raw = reader.get("/api/projects/p/export-raw.csv").await.text();
    assert!(raw.contains("two,j1,a,d2,done,1800,,\r\n"), "{raw}");
    assert!(raw.contains("one,j0,a,d1,done,1800,MSE,0.5\r\n"), "{raw}");
}

#[tokio::test]
async fn what_a_batch_and_its_project_take_is_counted_once() {
    let (_app, reader) = server().await;
    batch(&reader, "p", "a", &[("m", "d", json!({"MSE": 0.5}))]).await;
    batch(&reader, "p", "b", &[("m", "d", json!({"MSE": 0.5}))]).await;
    let of_batch = reader.get("/api/batches/a/usage").await.ok(200);
    // A start, a job's start and end, an end; all in one request.
    assert_eq!(
        (&of_batch["events"], &of_batch["requests"]),
        (&json!(4), &json!(1))
    );
    assert!(
        of_batch["event_bytes"]
            .as_u64()
            .is_some_and(|bytes| bytes > 20)
    );
    assert!(
        of_batch["tracking_cost_usd"]
            .as_f64()
            .is_some_and(|cost| cost > 0.0)
    );
    let whole = reader.get("/api/projects/p/usage").await.ok(200);
    assert_eq!(
        (&whole["events"], &whole["n_batches"]),
        (&json!(8), &json!(2))
    );
    let again = test_kit::build::event("batch_done", "a", None, json!({}));
    reader.post("/api/events", &again).await.ok(200);
    reader.post("/api/events", &again).await.ok(200);
    let of_batch = reader.get("/api/batches/a/usage").await.ok(200);
    assert_eq!(of_batch["events"], 5, "a repeat is no event");
}

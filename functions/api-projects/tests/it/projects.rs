//! Cards, figures, batches at work, and deleting.

use crate::sample::{batch, server};
use serde_json::{Value, json};
use test_kit::build::event;

#[tokio::test]
async fn cards_are_sorted_by_star_work_and_recency() {
    let (app, reader) = server().await;
    batch(&reader, "old", "a", &[("m", "d", json!({"F1": 0.9}))]).await;
    app.services.clock.advance(60);
    batch(
        &reader,
        "new",
        "b",
        &[
            ("m", "d", json!({"MSE": 0.5})),
            ("n", "d", json!({"MSE": 0.4})),
        ],
    )
    .await;
    let mut start = event("batch_start", "c", None, json!({"n_total_jobs": 4}));
    start["source"] = json!({"project": "busy"});
    reader.post("/api/events", &start).await.ok(200);
    let names = async || -> Vec<Value> {
        let cards = reader.get("/api/projects").await.ok(200);
        cards
            .as_array()
            .expect("cards")
            .iter()
            .map(|c| c["project"].clone())
            .collect()
    };
    assert_eq!(names().await, ["busy", "new", "old"]);
    let star = json!({"target_type": "project", "target_id": "old"});
    reader.post("/api/stars", &star).await.ok(200);
    assert_eq!(names().await, ["old", "busy", "new"]);
    let cards = reader.get("/api/projects").await.ok(200);
    assert_eq!(cards[0]["is_starred"], true);
    assert_eq!(cards[0]["top_models"][0]["metric_name"], "F1");
    assert_eq!(cards[2]["top_models"][0]["model"], "n");
    assert_eq!(
        (&cards[2]["jobs_done"], &cards[2]["gpu_hours"]),
        (&json!(2), &json!(1.0))
    );
    assert_eq!(
        cards[2]["batch_volume_7d"].as_array().map(Vec::len),
        Some(7)
    );
}

#[tokio::test]
async fn a_project_is_what_the_caller_sees_of_it() {
    let (app, reader) = server().await;
    batch(&reader, "p", "a", &[("m", "d", json!({"MSE": 0.5}))]).await;
    let bob = app.user("bob", false).await;
    let bob = app.token(&bob, domain::account::TokenScope::Reporter).await;
    assert_eq!(
        bob.get("/api/projects/p").await.refused(404),
        "project_not_found"
    );
    batch(&bob, "p", "b", &[("m", "d", json!({"MSE": 0.1}))]).await;
    let mine = reader.get("/api/projects/p").await.ok(200);
    assert_eq!(
        (&mine["n_batches"], &mine["owners"]),
        (&json!(1), &json!(["alice"]))
    );
    assert_eq!(mine["best_metric"], json!({"name": "MSE", "value": 0.5}));
    let root = app.user("root", true).await;
    let root = app.session(&root).await;
    let all = root.get("/api/projects/p").await.ok(200);
    assert_eq!(
        (&all["n_batches"], &all["owners"]),
        (&json!(2), &json!(["alice", "bob"]))
    );
}

#[tokio::test]
async fn batches_at_work_tell_how_far_they_are() {
    let (app, reader) = server().await;
    batch(&reader, "proj", "done", &[("m", "d", json!({}))]).await;
    let start = event("batch_start", "live", None, json!({"n_total_jobs": 4}));
    reader.post("/api/events", &start).await.ok(200);
    for (kind, job) in [("job_start", "x"), ("job_start", "y"), ("job_done", "x")] {
        let data = json!({"elapsed_s": 10, "model": "m"});
        reader
            .post("/api/events", &event(kind, "live", Some(job), data))
            .await
            .ok(200);
    }
    let out = reader
        .get("/api/projects/proj/active-batches")
        .await
        .ok(200);
    assert_eq!(out.as_array().map(Vec::len), Some(1));
    assert_eq!(
        (&out[0]["batch_id"], &out[0]["completion_pct"]),
        (&json!("live"), &json!(25.0))
    );
    assert_eq!(
        (&out[0]["eta_seconds"], &out[0]["is_stalled"]),
        (&json!(30), &json!(false))
    );
    assert_eq!(out[0]["running_jobs"][0]["job_id"], "y");
    app.services.clock.advance(400);
    let out = reader
        .get("/api/projects/proj/active-batches")
        .await
        .ok(200);
    assert_eq!(out[0]["is_stalled"], true);
}

#[tokio::test]
async fn an_administrator_deletes_all_and_a_new_report_brings_the_name_back() {
    let (app, reader) = server().await;
    batch(&reader, "p", "a", &[("m", "d", json!({}))]).await;
    batch(&reader, "p", "b", &[("m", "d", json!({}))]).await;
    let root = app.user("root", true).await;
    let root = app.session(&root).await;
    let out = root.delete("/api/projects/p").await.ok(200);
    assert_eq!(
        out,
        json!({"status": "deleted", "project": "p", "batches": 2})
    );
    assert_eq!(
        root.delete("/api/projects/p").await.refused(404),
        "project_not_found"
    );
    assert_eq!(reader.get("/api/projects").await.ok(200), json!([]));
    batch(&reader, "p", "c", &[("m", "d", json!({}))]).await;
    assert_eq!(reader.get("/api/projects/p").await.ok(200)["n_batches"], 1);
}

//! `POST /api/events/batch`: partial acceptance, row by row.

use crate::setup::{epochs, post, server};
use serde_json::{Value, json};
use test_kit::build::{batch_start, epoch, event};

#[tokio::test]
async fn the_contracts_example_of_seven_items() {
    let (_app, reporter) = server().await;
    let ok = batch_start("b");
    let no_job = event("job_start", "b", None, json!({}));
    let mut version = batch_start("b");
    version["schema_version"] = json!("1.0");
    let mut no_id = batch_start("b");
    no_id["event_id"] = Value::Null;
    let bad_epoch = event("job_epoch", "b", Some("j"), json!({"epoch": "x"}));
    let bad_gauge = event(
        "resource_snapshot",
        "b",
        None,
        json!({"gpu_util_pct": "abc"}),
    );
    let sent = [
        ok.clone(),
        ok.clone(),
        no_job,
        version,
        no_id,
        bad_epoch,
        bad_gauge,
    ];
    let body = post(&reporter, &sent).await.ok(200);
    assert_eq!(
        (&body["accepted"], &body["rejected"]),
        (&json!(2), &json!(5))
    );
    let status: Vec<&str> = body["results"]
        .as_array()
        .expect("rows")
        .iter()
        .filter_map(|r| r["status"].as_str())
        .collect();
    assert_eq!(
        status,
        [
            "accepted",
            "deduplicated",
            "rejected",
            "rejected",
            "rejected",
            "rejected",
            "rejected"
        ]
    );
    assert_eq!(body["results"][0]["db_id"], body["results"][1]["db_id"]);
    assert_eq!(body["results"][4]["event_id"], Value::Null);
    assert!(
        body["results"][3]["error"]
            .as_str()
            .is_some_and(|e| e.contains("1.0"))
    );
    assert_eq!(body["results"][2]["code"], "job_id_missing");
}

#[tokio::test]
async fn the_size_is_one_to_five_hundred_and_a_bad_envelope_refuses_all() {
    let (_app, reporter) = server().await;
    assert_eq!(post(&reporter, &[]).await.refused(422), "validation");
    let many: Vec<Value> = (0..501).map(|i| epoch("b", "j", i, 0.1)).collect();
    assert_eq!(post(&reporter, &many).await.refused(422), "validation");
    let mut bad = epoch("b", "j", 0, 0.1);
    bad["unknown"] = json!(1);
    let reply = post(&reporter, &[epoch("b", "j", 1, 0.1), bad])
        .await
        .ok(422);
    assert_eq!(
        reply["detail"][0]["loc"],
        json!(["body", "events", 1, "unknown"])
    );
    assert_eq!(
        reporter.get("/api/batches/b").await.refused(404),
        "batch_not_found"
    );
    let all = post(&reporter, &many[..500]).await.ok(200);
    assert_eq!(all["accepted"], 500);
    assert_eq!(
        epochs(&reporter, "b", "j").await,
        (0..500).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn a_request_may_speak_of_many_batches_and_jobs() {
    let (_app, reporter) = server().await;
    let mut events = Vec::new();
    for b in ["x", "y", "z"] {
        events.push(batch_start(b));
        for j in 0..30 {
            let job = format!("j{j}");
            events.push(event("job_start", b, Some(&job), json!({"model": "m"})));
            events.push(epoch(b, &job, 0, 0.5));
            events.push(event(
                "job_done",
                b,
                Some(&job),
                json!({"metrics": {"MSE": 0.1}}),
            ));
        }
    }
    let body = post(&reporter, &events).await.ok(200);
    assert_eq!(body["rejected"], 0);
    assert_eq!(body["stop"], json!({"x": false, "y": false, "z": false}));
    for b in ["x", "y", "z"] {
        let shown = reporter.get(&format!("/api/batches/{b}")).await.ok(200);
        assert_eq!(
            (&shown["n_done"], &shown["n_failed"]),
            (&json!(30), &json!(0))
        );
        let jobs = reporter
            .get(&format!("/api/batches/{b}/jobs"))
            .await
            .ok(200);
        assert_eq!(jobs.as_array().expect("list").len(), 30);
        assert_eq!(jobs[0]["metrics"]["MSE"], 0.1);
    }
}

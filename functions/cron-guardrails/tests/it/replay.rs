//! Thresholds tried on the past.

use crate::stage::Stage;
use domain::time::Timestamp;
use serde_json::{Value, json};
use test_kit::build::{batch_start, event};

const REPLAY: &str = "/api/projects/proj/guardrails/replay";
const BEGIN: Timestamp = Timestamp(1_790_000_000_000);

fn dated(mut event: Value, minute: i64) -> Value {
    event["timestamp"] = json!(BEGIN.plus_secs(minute * 60).to_text());
    event
}

impl Stage {
    /// A run of two hours: idle from its 20th minute to its 60th, its loss runs away in its 100th.
    async fn past(&self, batch: &str) {
        let of_job = |kind, data| event(kind, batch, Some("j"), data);
        let mut events = vec![
            dated(batch_start(batch), 0),
            dated(of_job("job_start", json!({})), 0),
        ];
        for minute in 0..=120 {
            let util = if (20..60).contains(&minute) { 0 } else { 90 };
            let data = json!({"gpu_util_pct": util});
            events.push(dated(event("resource_snapshot", batch, None, data), minute));
        }
        for (epoch, (minute, loss)) in [(90, 1.0), (95, 2.0), (100, 4.0)].iter().enumerate() {
            let data = json!({"epoch": epoch, "val_loss": loss});
            events.push(dated(of_job("job_epoch", data), *minute));
        }
        let done = json!({"status": "done", "elapsed_s": 7200, "metrics": {"n_gpus": 2}});
        events.push(dated(of_job("job_done", done), 120));
        events.push(dated(event("batch_done", batch, None, json!({})), 120));
        let body = json!({"events": events});
        let answer = self.reporter.post("/api/events/batch", &body).await.ok(200);
        assert_eq!(answer["rejected"], 0, "{answer}");
    }
}

#[tokio::test]
async fn the_past_is_judged_by_thresholds_that_are_not_set_yet() {
    let stage = Stage::new().await;
    stage.past("p1").await;
    let out = stage.session.post(REPLAY, &json!({})).await.ok(200);
    let found: Vec<_> = out["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|one| one["batch_id"] == "p1")
        .map(|one| {
            (
                one["rule"].clone(),
                one["at"].clone(),
                one["gpu_hours"].clone(),
            )
        })
        .collect();
    let at = |minute: i64| json!(BEGIN.plus_secs(minute * 60).to_text());
    let expected = [
        (json!("idle"), at(30), json!(0.5)),
        (json!("diverged"), at(100), json!(0.67)),
    ];
    assert_eq!(found, expected);
    assert_eq!(out["thresholds"]["idle_threshold_min"], 10);
    assert_eq!(
        (&out["batches"], &out["incomplete"]),
        (&json!(2), &json!([]))
    );
    assert_eq!(out["gpu_hours_saved"], 0.67);
    let lax =
        json!({"thresholds": {"idle_threshold_min": 60, "divergence_ratio": 9}, "batches": 2});
    let out = stage.session.post(REPLAY, &lax).await.ok(200);
    assert_eq!(
        (&out["fired"], &out["findings"]),
        (&json!(0), &json!([])),
        "{out}"
    );
    assert_eq!(out["thresholds"]["idle_threshold_min"], 60);
    // Nothing was set, and nobody was told.
    let shown = stage.session.get("/api/projects/proj").await.ok(200);
    assert_eq!(shown["guardrails"]["idle_threshold_min"], json!(null));
    assert!(
        stage
            .notices()
            .await
            .iter()
            .all(|n| n.kind.as_str() == "batch_done")
    );
}

#[tokio::test]
async fn old_runs_come_page_by_page_and_only_for_editors() {
    let stage = Stage::new().await;
    for batch in ["p1", "p2", "p3"] {
        stage.past(batch).await;
    }
    let (mut cursor, mut fired, mut batches) = (json!(null), 0, 0);
    loop {
        let wish = json!({"batches": 2, "cursor": cursor});
        let out = stage.session.post(REPLAY, &wish).await.ok(200);
        fired += out["fired"].as_u64().expect("a count");
        batches += out["batches"].as_u64().expect("a count");
        cursor = out["next_cursor"].clone();
        if cursor.is_null() {
            break;
        }
    }
    assert_eq!((fired, batches), (6, 4));
    let (_, editor) = stage.member("edith", "editor").await;
    let (_, viewer) = stage.member("victor", "viewer").await;
    editor.post(REPLAY, &json!({})).await.ok(200);
    let refused = viewer.post(REPLAY, &json!({})).await;
    assert_eq!(refused.refused(403), "project_editor_required");
    for wish in [
        json!({"batches": 0}),
        json!({"batches": 21}),
        json!({"thresholds": {"divergence_window": 1}}),
        json!({"cursor": "?"}),
    ] {
        assert_eq!(
            stage.session.post(REPLAY, &wish).await.status,
            422,
            "{wish}"
        );
    }
}

//! Jobs that leave their GPU unused.

use crate::stage::Stage;
use serde_json::json;
use test_kit::build::event;

#[tokio::test]
async fn an_idle_job_is_told_twice_with_what_it_wastes_and_flagged_until_it_works() {
    let stage = Stage::new().await;
    stage.set("gpu_hour_price", json!(2.5)).await;
    stage.of_job("job_start", json!({})).await;
    let steps = stage.use_gpu(70, 0.0).await;
    let expected = [(9, "warned"), (29, "warned_again")];
    assert_eq!(
        steps,
        expected.map(|(minute, step)| (minute, step.to_owned()))
    );
    assert_eq!(stage.status().await, "running");
    let jobs = stage.session.get("/api/batches/b/jobs").await.ok(200);
    assert_eq!(jobs[0]["is_idle_flagged"], true, "{jobs}");
    let notices = stage.notices().await;
    let words: Vec<_> = notices
        .iter()
        .map(|notice| {
            let word = |name: &str| notice.words[name].as_str();
            (
                word("idle.minutes"),
                word("idle.gpu_hours"),
                word("idle.cost"),
                word("idle.stop_at"),
            )
        })
        .collect();
    assert_eq!(
        words,
        [("9", "0.1", "0.38 USD", ""), ("29", "0.5", "1.21 USD", "")]
    );
    assert_eq!(stage.use_gpu(1, 80.0).await, []);
    let jobs = stage.session.get("/api/batches/b/jobs").await.ok(200);
    assert_eq!(jobs[0]["is_idle_flagged"], false, "{jobs}");
    assert_eq!(stage.frames("job_idle_recovered").await.len(), 1);
    let shown = stage.shown().await;
    let last = shown.last().expect("told");
    assert!(
        last.body.contains("Job j uses its GPU again"),
        "{}",
        last.body
    );
    assert!(!shown[0].body.contains("http"), "{}", shown[0].body);
    assert!(
        shown[0].body.contains("Cost so far: 0.38 USD"),
        "{}",
        shown[0].body
    );
}

#[tokio::test]
async fn who_wants_it_has_idle_batches_stopped() {
    let stage = Stage::new().await;
    let wish = json!({"guardrails": {"idle_auto_stop": true}});
    stage
        .session
        .patch("/api/projects/proj", &wish)
        .await
        .ok(200);
    stage.of_job("job_start", json!({})).await;
    let steps = stage.use_gpu(62, 0.0).await;
    assert_eq!(steps.last(), Some(&(59, "stopped".to_owned())));
    let asked = stage
        .reporter
        .get("/api/batches/b/stop-requested")
        .await
        .ok(200);
    assert_eq!(
        (&asked["requested"], &asked["requested_by"]),
        (&json!(true), &json!("system"))
    );
    let frames = stage.frames("batch_stop_requested").await;
    assert_eq!(
        (frames.len(), &frames[0]["data"]["reason"]),
        (1, &json!("idle"))
    );
    let rows = stage.deeds("batch_stop_requested").await;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["metadata"]["actor"], "system");
    let notices = stage.notices().await;
    let stop_at = |i: usize| notices[i].words["idle.stop_at"].is_empty();
    assert_eq!([stop_at(0), stop_at(1), stop_at(2)], [true, false, true]);
    assert!(!notices[2].words["idle.stopped_at"].is_empty());
    // The script does not answer.
    stage.advance(10);
    assert_eq!(stage.found().await, 1);
    assert_eq!(stage.status().await, "stopped");
}

#[tokio::test]
async fn a_neighbour_on_the_host_neither_hides_an_idle_job_nor_accuses_a_busy_one() {
    let stage = Stage::new().await;
    for job in ["busy", "idle"] {
        stage
            .report(event("job_start", "b", Some(job), json!({})))
            .await;
    }
    for _ in 0..12 {
        let data = json!({
            "gpus": [{"index": 0, "util_pct": 95}, {"index": 1, "util_pct": 0}],
            "processes": [
                {"pid": 1, "job_id": "busy", "gpu": 0, "gpu_util_pct": 40},
                {"pid": 2, "job_id": "idle", "gpu": 0, "gpu_util_pct": 0},
            ],
        });
        stage
            .report(event("resource_snapshot", "b", None, data))
            .await;
        stage.look().await;
        stage.advance(1);
    }
    let frames = stage.frames("job_idle_flagged").await;
    let jobs: Vec<_> = frames.iter().map(|frame| frame["job_id"].clone()).collect();
    assert_eq!(jobs, ["idle"]);
}

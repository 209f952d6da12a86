//! Sample data: shown to visitors, in nobody's lists.

use crate::admin_of;
use domain::account::TokenScope;
use domain::project::DEMO;
use serde_json::{Value, json};
use test_kit::app::Setup;
use test_kit::build::event;
use test_kit::{Actor, TestApp};

const BATCH: &str = "/api/batches/demo-bench-001";

async fn lab(variables: Vec<(&'static str, String)>) -> TestApp {
    let setup = Setup {
        manual_clock: true,
        variables,
        ..Setup::default()
    };
    TestApp::with(argus_local_routes(), setup).await
}

/// Everything that shows runs.
fn argus_local_routes() -> web::Routes {
    crate::routes()
        .merge(api_ingest::routes())
        .merge(api_projects::routes())
        .merge(api_batches::routes())
        .merge(api_hosts::routes())
        .merge(api_dashboard::routes())
}

async fn reset(admin: &Actor) {
    let reset = admin.post("/api/admin/demo/reset", &Value::Null).await;
    assert_eq!(reset.status, 204, "{}", reset.text());
}

#[tokio::test]
async fn visitors_read_all_of_it() {
    let app = lab(vec![]).await;
    let (_, admin) = admin_of(&app).await;
    reset(&admin).await;
    let visitor = app.anonymous();
    let listed = visitor.get("/api/public/projects").await.ok(200);
    assert_eq!(listed[0]["project"], DEMO);
    let base = format!("/api/public/projects/{DEMO}");
    let shown = visitor.get(&base).await.ok(200);
    assert_eq!(
        (
            &shown["jobs_done"],
            &shown["jobs_failed"],
            &shown["running_batches"]
        ),
        (&json!(48), &json!(2), &json!(1))
    );
    let board = visitor.get(&format!("{base}/leaderboard")).await.ok(200);
    assert_eq!(board.as_array().map(Vec::len), Some(60));
    let matrix = visitor.get(&format!("{base}/matrix")).await.ok(200);
    assert_eq!(matrix["rows"].as_array().map(Vec::len), Some(12));
    assert_eq!(matrix["cols"].as_array().map(Vec::len), Some(5));
    let active = visitor.get(&format!("{base}/active-batches")).await.ok(200);
    assert_eq!(active[0]["owner_id"], Value::Null);
    let batches = visitor.get(&format!("{base}/batches")).await.ok(200);
    assert_eq!(batches[0]["batch_id"], "demo-bench-001");
    let jobs = visitor.get(&format!("{BATCH}/jobs")).await.ok(200);
    assert_eq!(jobs.as_array().map(Vec::len), Some(60));
    let job = jobs
        .as_array()
        .and_then(|jobs| jobs.iter().find(|job| job["status"] == "done"));
    let job = job.expect("a job")["id"]
        .as_str()
        .expect("its id")
        .to_owned();
    let path = format!("/api/jobs/demo-bench-001/{job}/epochs");
    let epochs = visitor.get(&path).await.ok(200);
    let epochs = epochs.as_array().expect("a list");
    assert_eq!(epochs.len(), 30);
    let loss = |at: usize| epochs[at]["val_loss"].as_f64().expect("a loss");
    assert!(loss(29) < loss(0), "it learned");
    let lines = visitor
        .get(&format!("{BATCH}/log-lines?limit=500"))
        .await
        .ok(200);
    assert_eq!(lines.as_array().map(Vec::len), Some(30));
    let snapshots = visitor
        .get(&format!("{BATCH}/resources?limit=500"))
        .await
        .ok(200);
    assert_eq!(snapshots["snapshots"].as_array().map(Vec::len), Some(100));
}

#[tokio::test]
async fn whoever_has_an_account_never_comes_across_it() {
    let app = lab(vec![]).await;
    let (_, admin) = admin_of(&app).await;
    reset(&admin).await;
    let alice = app.user("alice", false).await;
    let reporter = app.token(&alice, TokenScope::Reporter).await;
    for who in [&admin, &reporter] {
        for path in [
            "/api/batches",
            "/api/batches?scope=public",
            "/api/batches/compact",
            "/api/projects",
            "/api/jobs",
            "/api/hosts",
            "/api/resources/hosts",
            "/api/dashboard",
            "/api/stats/gpu-hours-by-user",
        ] {
            let reply = who.get(path).await;
            reply.ok(200);
            let text = reply.text();
            assert!(!text.contains("demo"), "{path}: {text}");
        }
        for path in [
            BATCH.to_owned(),
            format!("{BATCH}/jobs"),
            format!("/api/projects/{DEMO}"),
        ] {
            who.get(&path).await.ok(404);
        }
    }
    let mine = app.services.store.active_batches().await.expect("read");
    assert!(mine.is_empty(), "nothing watches it");
    // Nobody adds to it either.
    let line = event("log_line", "demo-bench-001", None, json!({"line": "x"}));
    let post = reporter.post("/api/events", &line).await;
    assert_eq!(post.refused(403), "batch_foreign");
    let mut start = event("batch_start", "mine", None, json!({}));
    start["source"]["project"] = json!(DEMO);
    let post = reporter.post("/api/events", &start).await;
    assert_eq!(post.refused(403), "batch_foreign");
}

#[tokio::test]
async fn made_anew_it_is_as_before_only_later() {
    let app = lab(vec![]).await;
    let (_, admin) = admin_of(&app).await;
    let jobs = async || {
        let jobs = app.anonymous().get(&format!("{BATCH}/jobs")).await.ok(200);
        let mut jobs = jobs.as_array().expect("a list").clone();
        let key = |job: &Value| job["id"].as_str().map(str::to_owned);
        jobs.sort_by_key(key);
        jobs
    };
    reset(&admin).await;
    let before = jobs().await;
    app.services.clock.advance(3600);
    reset(&admin).await;
    let after = jobs().await;
    assert_eq!(after.len(), 60);
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before["metrics"], after["metrics"]);
        assert!(before["start_time"].as_str() < after["start_time"].as_str());
    }
    let lines = app
        .anonymous()
        .get(&format!("{BATCH}/log-lines?limit=500"))
        .await;
    assert_eq!(lines.ok(200).as_array().map(Vec::len), Some(30));
    let rows = app.audit().await;
    assert_eq!(
        rows.iter()
            .filter(|row| row["action"] == "demo_reset")
            .count(),
        1
    );
}

#[tokio::test]
async fn an_installation_makes_it_at_start_if_it_is_wanted() {
    for (wanted, skipped, made) in [
        ("false", "false", false),
        ("true", "true", false),
        ("true", "false", true),
    ] {
        let variables = vec![
            ("ARGUS_DEMO_ENABLED", wanted.to_owned()),
            ("ARGUS_SKIP_DEMO_SEED", skipped.to_owned()),
        ];
        let app = lab(variables).await;
        api_admin::demo::seed_if_missing(&app.services)
            .await
            .expect("done");
        let status = if made { 200 } else { 401 };
        app.anonymous().get(BATCH).await.ok(status);
    }
}

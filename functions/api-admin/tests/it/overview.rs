//! The audit log, public projects and the health page.

use crate::{admin_of, routes};
use domain::project::Project;
use serde_json::{Value, json};
use store::audit::{AuditRow, audit_write};
use test_kit::TestApp;
use test_kit::app::Setup;

fn setup() -> Setup {
    Setup {
        manual_clock: true,
        ..Setup::default()
    }
}

async fn note(app: &TestApp, id: u64, days_ago: i64, action: &str) {
    let row = AuditRow {
        id,
        at: app.services.clock.now().plus_secs(-86_400 * days_ago),
        user_id: Some(5),
        action: action.into(),
        target_type: "batch".into(),
        target_id: "b,\"1\"".into(),
        ip: Some("192.0.2.7".into()),
        metadata: Default::default(),
    };
    let row = audit_write(&row).expect("a row");
    app.services.store.table.write(row).await.expect("stored");
}

#[tokio::test]
async fn the_log_is_walked_back_over_months_and_exported() {
    let app = TestApp::with(routes(), setup()).await;
    let (_, admin) = admin_of(&app).await;
    for (id, days, action) in [(9, 0, "x"), (8, 1, "y"), (7, 40, "x"), (6, 200, "x")] {
        note(&app, id, days, action).await;
    }
    let mut seen = Vec::new();
    let mut cursor = String::new();
    for _ in 0..10 {
        let path = format!("/api/admin/audit-log?action=x&limit=1&cursor={cursor}");
        let page = admin.get(&path).await;
        for row in page.ok(200).as_array().expect("a list") {
            seen.push(row["id"].as_u64().expect("an id"));
        }
        match page.header("x-next-cursor") {
            Some(next) => cursor = next,
            None => break,
        }
    }
    assert_eq!(seen, [9, 7, 6]);
    let since = app.services.clock.now().plus_secs(-86_400 * 2).to_text();
    let path = format!("/api/admin/audit-log?ip=192.0.2.7&user_id=5&since={since}");
    let recent = admin.get(&path).await.ok(200);
    assert_eq!(recent.as_array().expect("a list").len(), 2);
    assert_eq!(recent[0]["metadata"], Value::Null);
    let csv = admin.get("/api/admin/audit-log/export.csv?action=x").await;
    assert_eq!(
        csv.header("content-type").as_deref(),
        Some("text/csv; charset=utf-8")
    );
    let text = csv.text();
    assert_eq!(text.lines().count(), 4, "{text}");
    assert!(text.contains("\"b,\"\"1\"\"\""), "{text}");
}

#[tokio::test]
async fn projects_are_published_and_taken_back() {
    let app = TestApp::with(routes(), setup()).await;
    let (root, admin) = admin_of(&app).await;
    let now = app.services.clock.now();
    let project = Project::new("p", root.id, now);
    app.services
        .store
        .create_project(&project, vec![])
        .await
        .expect("made");
    let publish = "/api/admin/projects/p/publish";
    let out = admin
        .post(publish, &json!({"description": "words"}))
        .await
        .ok(200);
    assert_eq!(
        (&out["is_public"], &out["public_description"]),
        (&json!(true), &json!("words"))
    );
    let kept = admin.post(publish, &json!({})).await.ok(200);
    assert_eq!(kept["public_description"], "words");
    let missing = admin
        .post("/api/admin/projects/q/publish", &json!({}))
        .await;
    assert_eq!(missing.refused(404), "project_not_found");
    let list = admin.get("/api/admin/projects/public").await.ok(200);
    assert_eq!(list[0]["project"], "p");
    let unpublish = "/api/admin/projects/p/unpublish";
    admin.post(unpublish, &Value::Null).await.ok(204);
    admin.post(unpublish, &Value::Null).await.ok(204);
    let list = admin.get("/api/admin/projects/public").await.ok(200);
    assert_eq!(list, json!([]));
    let rows = app.audit().await;
    let unpublished = rows
        .iter()
        .filter(|row| row["action"] == "project_unpublish");
    assert_eq!(unpublished.count(), 1);
}

#[tokio::test]
async fn health_shows_parts_queues_and_last_runs() {
    let app = TestApp::with(routes(), setup()).await;
    let (_, admin) = admin_of(&app).await;
    let (store, now) = (&app.services.store, app.services.clock.now());
    store
        .note_run("cron-mailer", &[("sent", 3)], now)
        .await
        .expect("noted");
    app.services.clock.advance(5);
    // The login of the administrator has sent one.
    let waiting = store.waiting_mails(10).await.expect("outbox").len();
    let out = admin.get("/api/admin/health").await.ok(200);
    assert_eq!(
        (&out["table"]["ok"], &out["bucket"]["ok"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(
        out["queues"],
        json!({"outbox": waiting, "dead_letters": 0, "spills": 0})
    );
    assert_eq!(out["runs"][0]["report"], json!({"sent": 3}));
    assert_eq!(out["runs"][0]["age_s"], 5.0);
}

#[tokio::test]
async fn retention_shows_what_is_set_and_the_last_sweep() {
    let app = TestApp::with(routes(), setup()).await;
    let (_, admin) = admin_of(&app).await;
    let path = "/api/admin/system-config/retention/log_line_days";
    let call = admin.call(http::Method::PUT, path);
    call.json(&json!({"value": 3})).send().await.ok(200);
    let (store, now) = (&app.services.store, app.services.clock.now());
    let before = admin.get("/api/admin/retention/status").await.ok(200);
    assert_eq!(before["last_run_at"], Value::Null);
    let swept = [("event.log_line", 2)];
    store
        .note_run("cron-retention", &swept, now)
        .await
        .expect("noted");
    let out = admin.get("/api/admin/retention/status").await.ok(200);
    assert_eq!(out["settings"]["log_line_days"], 3);
    assert_eq!(out["settings"]["snapshot_days"], 7);
    assert_eq!(out["last_run_stats"], json!({"event.log_line": 2}));
}

#[tokio::test]
async fn costs_are_counted_as_they_arise() {
    let app = TestApp::with(routes(), setup()).await;
    let (_, admin) = admin_of(&app).await;
    let first = admin.get("/api/admin/costs?days=2").await.ok(200);
    let (yesterday, today) = (&first["days"][0], &first["days"][1]);
    assert_eq!(yesterday["requests"], 0);
    let number = |json: &Value, name: &str| json[name].as_f64().expect("a number");
    assert!(number(today, "write_units") >= 1.0, "{today}");
    // What the page itself asked for is there when it is asked the next time.
    let second = admin.get("/api/admin/costs?days=2").await.ok(200);
    let today = &second["days"][1];
    assert!(number(today, "requests") >= 1.0, "{today}");
    assert!(number(today, "read_units") > 0.0, "{today}");
    assert!(number(today, "bytes_out") > 100.0, "{today}");
    let parts = [
        "requests_usd",
        "functions_usd",
        "streams_usd",
        "table_usd",
        "transfer_usd",
    ];
    let sum: f64 = parts.iter().map(|part| number(today, part)).sum();
    assert!(
        sum > 0.0 && (sum - number(today, "total_usd")).abs() < 1e-12,
        "{today}"
    );
    // Another instance's row is added.
    let other = app.sibling(routes(), &setup());
    let (store, now) = (&other.services.store, app.services.clock.now());
    store
        .spending
        .answered(std::time::Duration::from_secs(2), 1000);
    store.save_spending(now).await.expect("written");
    let third = admin.get("/api/admin/costs?days=2").await.ok(200);
    let grown = number(&third["together"], "busy_s") - number(&second["together"], "busy_s");
    assert!(grown >= 2.0, "{grown}");
    // A new day begins at nothing.
    app.services.clock.advance(50_000);
    admin.get("/api/admin/costs").await.ok(200);
    let next = admin.get("/api/admin/costs?days=2").await.ok(200);
    assert!(number(&next["days"][0], "busy_s") >= 2.0);
    assert!(number(&next["days"][1], "busy_s") < 2.0);
    admin.get("/api/admin/costs?days=32").await.ok(422);
}

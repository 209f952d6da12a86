//! Deleting many projects or hosts at once.

use crate::{admin_of, routes};
use domain::account::TokenScope;
use serde_json::{Value, json};
use test_kit::TestApp;
use test_kit::app::Setup;
use test_kit::build::{batch_start, event};

#[tokio::test]
async fn each_entry_stands_for_itself_and_leaves_its_row() {
    let setup = Setup {
        manual_clock: true,
        ..Setup::default()
    };
    let routes = routes()
        .merge(api_ingest::routes())
        .merge(api_projects::routes());
    let app = TestApp::with(routes, setup).await;
    let (_, admin) = admin_of(&app).await;
    let alice = app.user("alice", false).await;
    let alice = app.token(&alice, TokenScope::Reporter).await;
    let snapshot = || event("resource_snapshot", "b", None, json!({"cpu_util_pct": 1}));
    let events = json!({"events": [batch_start("b"), snapshot()]});
    alice.post("/api/events/batch", &events).await.ok(200);

    let hosts = "/api/admin/hosts/bulk-delete";
    let wish = json!({"hosts": ["vm", "never-seen"]});
    let out = admin.post(hosts, &wish).await.ok(200);
    assert_eq!(out["deleted"], json!(["never-seen"]));
    assert_eq!(out["skipped"], json!([{"id": "vm", "reason": "active"}]));
    app.services.clock.advance(3600);
    let out = admin.post(hosts, &wish).await.ok(200);
    assert_eq!(out["deleted"], json!(["vm"]));
    let gone = json!([{"id": "never-seen", "reason": "already_deleted"}]);
    assert_eq!(out["skipped"], gone);

    let projects = "/api/admin/projects/bulk-delete";
    let wish = json!({"projects": ["proj", "nothing"]});
    let out = admin.post(projects, &wish).await.ok(200);
    assert_eq!(out["deleted"], json!(["proj"]));
    let none = json!([{"id": "nothing", "reason": "not_found"}]);
    assert_eq!(out["skipped"], none);
    alice.get("/api/projects/proj").await.ok(404);
    let out = admin.post(projects, &wish).await.ok(200);
    assert_eq!(out["skipped"][0]["reason"], "already_deleted");

    let rows = app.audit().await;
    for (action, target) in [
        ("host_deleted", "vm"),
        ("host_deleted", "never-seen"),
        ("project_deleted", "proj"),
    ] {
        let of = |row: &&Value| row["action"] == action && row["target_id"] == target;
        let found: Vec<_> = rows.iter().filter(of).collect();
        assert_eq!(found.len(), 1, "{action} {target}");
        assert_eq!(found[0]["metadata"]["via"], "bulk");
    }
}

#[tokio::test]
async fn lists_are_neither_empty_nor_endless() {
    let app = TestApp::new(routes()).await;
    let (_, admin) = admin_of(&app).await;
    for (path, field) in [("projects", "projects"), ("hosts", "hosts")] {
        let path = format!("/api/admin/{path}/bulk-delete");
        let empty = admin.post(&path, &json!({field: []})).await;
        assert_eq!(empty.refused(400), "bulk_empty");
        let long = admin.post(&path, &json!({field: vec!["x"; 501]})).await;
        assert_eq!(long.refused(422), "validation");
    }
}

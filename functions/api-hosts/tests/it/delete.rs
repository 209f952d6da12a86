//! Taking hosts off the lists.

use crate::setup::{admin, post, reporter, server, snapshot};
use serde_json::json;
use test_kit::app::START;

#[tokio::test]
async fn a_deleted_host_is_listed_nowhere_and_never_again() {
    let app = server().await;
    let alice = reporter(&app, "alice").await;
    let root = admin(&app).await;
    let report = async || {
        let events = ["vm", "other"].map(|host| snapshot("a", host, START, json!({})));
        post(&alice, &events).await;
    };
    report().await;
    app.services.clock.advance(601);
    let deleted = root.delete("/api/hosts/vm").await.ok(200);
    assert_eq!(deleted, json!({"status": "deleted", "host": "vm"}));
    report().await;
    for who in [&alice, &root] {
        let names = who.get("/api/resources/hosts").await.ok(200);
        assert_eq!(names, json!(["other"]));
        let cards = who.get("/api/hosts").await.ok(200);
        assert_eq!(cards.as_array().map(Vec::len), Some(1));
        let rows = who.get("/api/resources").await.ok(200);
        assert!(!rows.to_string().contains("\"vm\""), "{rows}");
        let rows = who.get("/api/resources?host=vm").await.ok(200);
        assert_eq!(rows, json!([]));
        let series = who.get("/api/hosts/vm/timeseries").await;
        assert_eq!(series.refused(404), "host_not_found");
    }
}

#[tokio::test]
async fn a_host_that_just_reported_stays() {
    let app = server().await;
    let alice = reporter(&app, "alice").await;
    let root = admin(&app).await;
    post(&alice, &[snapshot("a", "vm", START, json!({}))]).await;
    // Too early for a new "last seen", but a sign of life all the same.
    app.services.clock.advance(30);
    post(&alice, &[snapshot("a", "vm", START, json!({}))]).await;
    app.services.clock.advance(600);
    let refused = root.delete("/api/hosts/vm").await;
    assert_eq!(refused.refused(409), "host_active");
    assert_eq!(
        alice.get("/api/resources/hosts").await.ok(200),
        json!(["vm"])
    );
    app.services.clock.advance(1);
    root.delete("/api/hosts/vm").await.ok(200);
    // Repeating it is fine, and so is a host nobody ever saw.
    for host in ["vm", "nobody"] {
        root.delete(&format!("/api/hosts/{host}")).await.ok(200);
    }
}

#[tokio::test]
async fn a_deletion_leaves_a_record() {
    let app = server().await;
    let alice = reporter(&app, "alice").await;
    let root = admin(&app).await;
    root.delete("/api/hosts/vm").await.ok(200);
    alice.delete("/api/hosts/other").await.refused(403);
    let rows = app.audit().await;
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(rows[0]["action"], "host_deleted");
    assert_eq!(rows[0]["target_type"], "host");
    assert_eq!(rows[0]["target_id"], "vm");
    assert!(rows[0]["user_id"].is_u64());
}

#[tokio::test]
async fn only_administrators_delete() {
    let app = server().await;
    let alice = reporter(&app, "alice").await;
    post(&alice, &[snapshot("a", "vm", START, json!({}))]).await;
    app.services.clock.advance(3600);
    let path = "/api/hosts/vm";
    assert_eq!(alice.delete(path).await.refused(403), "admin_required");
    let anonymous = app.anonymous().delete(path).await;
    assert_eq!(anonymous.refused(401), "auth_required");
    assert_eq!(
        alice.get("/api/resources/hosts").await.ok(200),
        json!(["vm"])
    );
}

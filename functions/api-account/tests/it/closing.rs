//! Closing accounts, and taking one's data along.

use crate::setup::{person, server};
use domain::account::TokenScope;
use http::Method;
use serde_json::{Value, json};
use std::io::{Cursor, Read};
use test_kit::build::epoch;
use test_kit::{Actor, Reply, TestApp};

async fn close(actor: &Actor, body: Value) -> Reply {
    let call = actor.call(Method::DELETE, "/api/users/me");
    call.json(&body).send().await
}

fn password() -> Value {
    json!({"password": "correct-horse-7"})
}

#[tokio::test]
async fn a_closed_account_is_dead_at_once_and_its_batches_are_gone() {
    let app = server().await;
    let (alice, session) = person(&app, "alice", &["b1", "b2"]).await;
    let (_, bob) = person(&app, "bob", &["b3"]).await;
    let token = app.token(&alice, TokenScope::Viewer).await;
    let wrong = close(&session, json!({"password": "wrong-horse-1"})).await;
    assert_eq!(wrong.refused(401), "password_wrong");
    assert_eq!(
        close(&token, password()).await.refused(403),
        "session_required"
    );
    let done = close(&session, password()).await.ok(200);
    assert_eq!(done["detail"], "account-deleted");
    session.get("/api/pins").await.ok(401);
    token.get("/api/pins").await.ok(401);
    let store = &app.services.store;
    for (batch, gone) in [("b1", true), ("b2", true), ("b3", false)] {
        let found = store.batch(batch).await.expect("read").expect("kept");
        assert_eq!(found.value.deleted_at.is_some(), gone, "{batch}");
    }
    bob.get("/api/pins").await.ok(200);
    assert!(store.user(alice.id).await.expect("read").is_none());
    assert!(store.user_by_name("alice").await.expect("read").is_none());
    let address = store.user_by_email("alice@example.com").await;
    assert!(
        address.expect("read").is_none(),
        "name and address are free again"
    );
    let month = &app.services.clock.now().to_text()[..7];
    let rows = store.audit_rows(month, 50).await.expect("audit");
    assert!(
        rows.iter()
            .any(|r| r.action == "account_deleted" && r.user_id == Some(alice.id))
    );
    // What arrives late under the old id is found by a later round, which then ends.
    let now = app.services.clock.now();
    assert_eq!(store.finish_closings(now).await.expect("round"), 1);
    app.services.clock.advance(61);
    let now = app.services.clock.now();
    assert_eq!(store.finish_closings(now).await.expect("round"), 0);
}

#[tokio::test]
async fn the_last_administrator_stays_even_when_both_go_at_once() {
    let app = server().await;
    let root = app.user("root", true).await;
    let only = app.session(&root).await;
    assert_eq!(close(&only, password()).await.refused(409), "last_admin");
    let second = app.user("second", true).await;
    let other = app.session(&second).await;
    let (a, b) = tokio::join!(close(&only, password()), close(&other, password()));
    let mut statuses = [a.status.as_u16(), b.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
}

#[tokio::test]
async fn an_account_without_password_is_closed_by_its_name() {
    let app = server().await;
    let (alice, session) = person(&app, "alice", &[]).await;
    let store = &app.services.store;
    let none = |user: &mut domain::account::User| user.password_hash = None;
    store.update_user(alice.id, none).await.expect("updated");
    let wrong = close(&session, json!({"confirm": "bob"})).await;
    assert_eq!(wrong.refused(400), "confirmation_wrong");
    close(&session, json!({"confirm": "alice"})).await.ok(200);
}

async fn unpacked(app: &TestApp, session: &Actor, name: &str) -> String {
    app.services.clock.advance(300);
    let reply = session.get("/api/users/me/export").await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(
        reply.header("content-type").as_deref(),
        Some("application/zip")
    );
    let mut zip = zip::ZipArchive::new(Cursor::new(reply.body)).expect("a whole zip");
    let mut text = String::new();
    let mut file = zip.by_name(name).expect("the file");
    file.read_to_string(&mut text).expect("checks out");
    text
}

#[tokio::test]
async fn the_export_has_everything_of_its_owner_and_nothing_else() {
    let app = server().await;
    let (alice, session) = person(&app, "alice", &["b1"]).await;
    person(&app, "bob", &["b2"]).await;
    let reporter = app.token(&alice, TokenScope::Reporter).await;
    let events: Vec<Value> = (0..300).map(|i| epoch("b1", "j,1", i, 0.5)).collect();
    let body = json!({"events": events});
    reporter.post("/api/events/batch", &body).await.ok(200);
    let batches = unpacked(&app, &session, "batches.jsonl").await;
    assert_eq!(batches.lines().count(), 1);
    assert!(batches.contains("\"b1\"") && !batches.contains("b2"));
    let jobs = unpacked(&app, &session, "jobs.csv").await;
    assert!(
        jobs.starts_with("batch_id,id,model") && jobs.contains("b1,\"j,1\""),
        "{jobs}"
    );
    let lines = unpacked(&app, &session, "epochs.jsonl").await;
    let last: Value = serde_json::from_str(lines.lines().last().expect("lines")).expect("JSON");
    assert_eq!((lines.lines().count(), &last["epoch"]), (300, &json!(299)));
    let table = unpacked(&app, &session, "epochs.csv").await;
    assert_eq!(table.lines().count(), 301);
    let account = unpacked(&app, &session, "account.json").await;
    assert!(account.contains("alice@example.com") && !account.contains("argon2"));
}

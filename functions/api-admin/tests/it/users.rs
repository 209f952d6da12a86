//! Bans, administrators and lock-outs.

use crate::{admin_of, routes};
use domain::account::TokenScope;
use serde_json::{Value, json};
use test_kit::TestApp;
use test_kit::app::Setup;

#[tokio::test]
async fn a_ban_ends_every_credential_at_once_and_tokens_come_back() {
    let app = TestApp::new(routes()).await;
    let (_, admin) = admin_of(&app).await;
    let alice = app.user("alice", false).await;
    let session = app.session(&alice).await;
    let token = app.token(&alice, TokenScope::Reporter).await;
    session.get("/api/auth/me").await.ok(200);
    token.get("/api/auth/me").await.ok(200);
    let ban = format!("/api/admin/users/{}/ban", alice.id);
    let out = admin.post(&ban, &Value::Null).await.ok(200);
    assert_eq!(out["is_active"], false);
    session.get("/api/auth/me").await.ok(401);
    token.get("/api/auth/me").await.ok(401);
    // A second ban is no error.
    admin.post(&ban, &Value::Null).await.ok(200);
    let unban = format!("/api/admin/users/{}/unban", alice.id);
    admin.post(&unban, &Value::Null).await.ok(200);
    token.get("/api/auth/me").await.ok(200);
    session.get("/api/auth/me").await.ok(401);
    let rows = app.audit().await;
    let bans: Vec<_> = rows.iter().filter(|r| r["action"] == "user_ban").collect();
    assert_eq!(bans[0]["metadata"]["already_banned"], "false");
    assert_eq!(bans[1]["metadata"]["already_banned"], "true");
    assert_eq!(bans[0]["metadata"]["target_username"], "alice");
    assert!(rows.iter().any(|r| r["action"] == "user_unban"));
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let app = TestApp::new(routes()).await;
    let (root, admin) = admin_of(&app).await;
    let own = format!("/api/admin/users/{}", root.id);
    let ban = admin.post(&format!("{own}/ban"), &Value::Null).await;
    assert_eq!(ban.refused(400), "self_refused");
    let alone = admin.post(&format!("{own}/demote"), &Value::Null).await;
    assert_eq!(alone.refused(409), "last_admin_stays");
    let other = app.user("other", false).await;
    let theirs = format!("/api/admin/users/{}", other.id);
    let out = admin.post(&format!("{theirs}/promote"), &Value::Null).await;
    assert_eq!(out.ok(200)["is_admin"], true);
    let second = app.session(&other).await;
    // Each takes the other's place away at the same moment: one stays.
    let (own, theirs) = (format!("{own}/demote"), format!("{theirs}/demote"));
    let (a, b) = tokio::join!(
        admin.post(&theirs, &Value::Null),
        second.post(&own, &Value::Null)
    );
    let done = [a.status.as_u16(), b.status.as_u16()];
    assert_eq!(done.iter().filter(|s| **s == 200).count(), 1, "{done:?}");
    let left = match done[0] {
        200 => admin,
        _ => second,
    };
    let path = "/api/admin/users?is_admin=true";
    let admins = left.get(path).await.ok(200);
    assert_eq!(admins.as_array().expect("a list").len(), 1);
}

#[tokio::test]
async fn people_are_found_page_by_page() {
    let app = TestApp::new(routes()).await;
    let (_, admin) = admin_of(&app).await;
    for i in 0..5 {
        app.user(&format!("user{i}"), false).await;
    }
    let page = admin.get("/api/admin/users?q=USER&limit=3").await;
    let first = page.ok(200);
    let cursor = page.header("x-next-cursor").expect("more");
    let rest = format!("/api/admin/users?q=user&limit=3&cursor={cursor}");
    let rest = admin.get(&rest).await;
    let second = rest.ok(200);
    assert_eq!(rest.header("x-next-cursor"), None);
    let pages = [first, second];
    let mut names: Vec<&str> = pages
        .iter()
        .flat_map(|page| page.as_array().expect("a list"))
        .map(|user| user["username"].as_str().expect("a name"))
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["user0", "user1", "user2", "user3", "user4"]);
    let skipped = admin.get("/api/admin/users?q=user&offset=4").await.ok(200);
    assert_eq!(skipped.as_array().expect("a list").len(), 1);
}

#[tokio::test]
async fn a_locked_account_is_opened_and_gets_its_mail() {
    let setup = Setup {
        manual_clock: true,
        ..Setup::default()
    };
    let app = TestApp::with(routes(), setup).await;
    let (_, admin) = admin_of(&app).await;
    let alice = app.user("alice", false).await;
    let guess = json!({"username_or_email": "alice", "password": "wrong-horse-7"});
    for _ in 0..5 {
        app.anonymous()
            .post("/api/auth/login", &guess)
            .await
            .ok(401);
    }
    let right = json!({"username_or_email": "alice", "password": "correct-horse-7"});
    let locked = app.anonymous().post("/api/auth/login", &right).await;
    locked.ok(423);
    let found = admin.get("/api/admin/users?q=alice").await.ok(200);
    assert!(found[0]["locked_until"].is_string(), "{found}");
    let unlock = format!("/api/admin/users/{}/unlock", alice.id);
    let out = admin.post(&unlock, &Value::Null).await.ok(200);
    assert_eq!(out["locked_until"], Value::Null);
    app.anonymous()
        .post("/api/auth/login", &right)
        .await
        .ok(200);
    let reset = format!("/api/admin/users/{}/password-reset", alice.id);
    admin.post(&reset, &Value::Null).await.ok(204);
    let mails = app.services.store.waiting_mails(10).await.expect("outbox");
    assert!(
        mails
            .iter()
            .any(|m| m.to == alice.email && m.text.contains("reset-password"))
    );
    let rows = app.audit().await;
    for action in ["user_unlock", "password_reset_sent"] {
        assert!(rows.iter().any(|r| r["action"] == action), "{action}");
    }
}

//! Settings that take effect, on every instance.

use crate::{admin_of, routes};
use http::Method;
use serde_json::{Value, json};
use test_kit::app::Setup;
use test_kit::{Actor, TestApp};

fn setup() -> Setup {
    Setup {
        shared: true,
        manual_clock: true,
        variables: vec![
            ("ARGUS_CONFIG_KEY", "the key that seals".to_owned()),
            ("ARGUS_GITHUB_CLIENT_ID", "from the environment".to_owned()),
        ],
        ..Setup::default()
    }
}

async fn put(actor: &Actor, path: &str, body: Value) -> test_kit::actor::Reply {
    let path = format!("/api/admin/{path}");
    actor.call(Method::PUT, &path).json(&body).send().await
}

fn wish(name: &str) -> Value {
    json!({"username": name, "email": format!("{name}@example.com"), "password": "correct-horse-7"})
}

#[tokio::test]
async fn what_one_instance_sets_another_honours() {
    let app = TestApp::with(routes(), setup()).await;
    let other = app.sibling(routes(), &setup());
    let (_, admin) = admin_of(&app).await;
    let register = "/api/auth/register";
    other
        .anonymous()
        .post(register, &wish("early"))
        .await
        .ok(201);
    let flag = put(
        &admin,
        "feature-flags/registration_open",
        json!({"value": false}),
    );
    assert_eq!(flag.await.ok(200)["value"], false);
    other.services.clock.advance(4);
    let late = other.anonymous().post(register, &wish("late")).await;
    assert_eq!(late.refused(403), "registration_closed");
    admin
        .delete("/api/admin/system-config/feature_flags/registration_open")
        .await
        .ok(204);
    other.services.clock.advance(4);
    other
        .anonymous()
        .post(register, &wish("late"))
        .await
        .ok(201);
}

#[tokio::test]
async fn stored_values_come_before_the_environment_and_secrets_stay_secret() {
    let app = TestApp::with(routes(), setup()).await;
    let other = app.sibling(routes(), &setup());
    let (_, admin) = admin_of(&app).await;
    let oauth = "/api/admin/system-config/oauth";
    let item = |list: &Value, key: &str| {
        let items = list.as_array().expect("a list").iter();
        let mut found = items.filter(|item| item["key"] == key);
        found.next().cloned().expect("the setting")
    };
    let before = admin.get(oauth).await.ok(200);
    let id = item(&before, "github_client_id");
    assert_eq!(
        (&id["source"], &id["value"]),
        (&json!("env"), &json!("from the environment"))
    );
    let secret = "system-config/oauth/github_client_secret";
    let kept = put(&admin, secret, json!({"value": "***"})).await;
    assert_eq!(kept.refused(400), "config_secret_missing");
    put(&admin, secret, json!({"value": "hush-hush"}))
        .await
        .ok(200);
    put(&admin, secret, json!({"value": "***"})).await.ok(200);
    let id = put(
        &admin,
        "system-config/oauth/github_client_id",
        json!({"value": "stored"}),
    );
    assert_eq!(id.await.ok(200)["source"], "db");
    let after = admin.get(oauth).await;
    assert!(!after.text().contains("hush"));
    let shown = item(&after.json(), "github_client_secret");
    assert_eq!(
        (&shown["value"], &shown["encrypted"]),
        (&json!("***"), &json!(true))
    );
    let stored = app
        .services
        .store
        .settings()
        .await
        .expect("read")
        .expect("set");
    assert!(!format!("{stored:?}").contains("hush"), "sealed at rest");
    assert!(
        !app.audit()
            .await
            .iter()
            .any(|row| row.to_string().contains("hush"))
    );
    other.services.clock.advance(4);
    let settings = other.services.settings().await.expect("settings");
    let client = settings.github.as_ref().expect("set up");
    assert_eq!(
        (client.id.as_str(), client.secret.as_str()),
        ("stored", "hush-hush")
    );
    let offered = other.get("/api/auth/oauth/config").send().await.ok(200);
    assert_eq!(offered["github"], true);
}

#[tokio::test]
async fn what_is_no_setting_is_refused() {
    let app = TestApp::with(routes(), setup()).await;
    let (_, admin) = admin_of(&app).await;
    let value = || json!({"value": true});
    let key = put(&admin, "feature-flags/a-b", value()).await;
    assert_eq!(key.refused(400), "config_key_invalid");
    let group = put(&admin, "system-config/jwt/x", value()).await;
    assert_eq!(group.refused(404), "config_group_unknown");
    let kind = put(&admin, "system-config/smtp/port", value()).await;
    assert_eq!(kind.refused(422), "config_value_invalid");
    let none = admin.delete("/api/admin/system-config/smtp/port").await;
    assert_eq!(none.refused(404), "config_key_unknown");
    // Flags the server does not know are somebody's own.
    put(&admin, "feature-flags/mine", json!({"value": [1, null]}))
        .await
        .ok(200);
    let flags = admin.get("/api/admin/feature-flags").await.ok(200);
    let known = ["email_verification_required", "mine", "registration_open"];
    for (flag, key) in flags.as_array().expect("a list").iter().zip(known) {
        assert_eq!(flag["key"], key);
    }
    assert_eq!(flags[1]["value"], json!([1, null]));
}

#[tokio::test]
async fn logins_may_need_a_confirmed_address() {
    let app = TestApp::with(routes(), setup()).await;
    let (_, admin) = admin_of(&app).await;
    let alice = app.user("alice", false).await;
    let login = async |name: &str| {
        let body = json!({"username_or_email": name, "password": "correct-horse-7"});
        app.anonymous().post("/api/auth/login", &body).await
    };
    login("alice").await.ok(200);
    let flag = "feature-flags/email_verification_required";
    put(&admin, flag, json!({"value": true})).await.ok(200);
    assert_eq!(login("alice").await.refused(403), "email_unverified");
    login("root").await.ok(200);
    let confirm = |user: &mut domain::account::User| user.email_verified = true;
    let store = &app.services.store;
    store.update_user(alice.id, confirm).await.expect("updated");
    login("alice").await.ok(200);
}

#[tokio::test]
async fn two_administrators_do_not_undo_each_other() {
    let app = TestApp::with(routes(), setup()).await;
    let (_, admin) = admin_of(&app).await;
    let all: Vec<_> = (0..8)
        .map(|i| {
            let admin = admin.clone();
            tokio::spawn(async move {
                let path = format!("feature-flags/flag_{i}");
                put(&admin, &path, json!({"value": i}))
                    .await
                    .status
                    .as_u16()
            })
        })
        .collect();
    let mut stored = 0;
    for one in all {
        let status = one.await.expect("joined");
        // Whoever keeps losing is told to try again.
        assert!(status == 200 || status == 503, "{status}");
        stored += usize::from(status == 200);
    }
    let flags = app
        .services
        .store
        .settings()
        .await
        .expect("read")
        .expect("set");
    assert_eq!(flags.value.values.len(), stored);
}

//! Accounts and sessions through the real router.

mod addresses;
mod identity;
mod limits;
mod lockout;
mod oauth;
mod passwords;
mod places;
mod registration;
mod sessions;
mod verification;

use serde_json::{Value, json};
use test_kit::app::Setup;
use test_kit::{Actor, TestApp};

fn wish(name: &str) -> Value {
    json!({"username": name, "email": format!("{name}@example.com"), "password": "correct-horse-7"})
}

async fn login(app: &TestApp, name: &str) -> Actor {
    let body = json!({"username_or_email": name, "password": "correct-horse-7"});
    let reply = app.anonymous().post("/api/auth/login", &body).await.ok(200);
    app.bearer(reply["access_token"].as_str().expect("a session"))
}

/// Routes of accounts with those of their owners' things.
async fn server(setup: Setup) -> TestApp {
    let app = TestApp::with(api_auth::routes(), setup).await;
    app.anonymous()
        .post("/api/auth/register", &wish("alice"))
        .await
        .ok(201);
    app
}

fn by_hand() -> Setup {
    Setup {
        manual_clock: true,
        ..Setup::default()
    }
}

/// The secret in the newest mail to `to`.
async fn mailed(app: &TestApp, to: &str, page: &str) -> String {
    let mails = app.services.store.waiting_mails(100).await.expect("outbox");
    let mail = mails
        .iter()
        .rev()
        .find(|mail| mail.to == to && mail.text.contains(page));
    let mail = mail.unwrap_or_else(|| panic!("a mail to {to} with {page}"));
    let link = mail.text.split_whitespace().find(|w| w.starts_with("http"));
    let (address, secret) = link.and_then(|l| l.rsplit_once("?token=")).expect("a link");
    assert_eq!(address, format!("http://argus.example/{page}"));
    secret.to_owned()
}

/// Audit words of this month, newest first.
async fn audited(app: &TestApp) -> Vec<String> {
    let month = &app.services.clock.now().to_text()[..7];
    let rows = app
        .services
        .store
        .audit_rows(month, 200)
        .await
        .expect("audit");
    rows.into_iter().map(|row| row.action).collect()
}

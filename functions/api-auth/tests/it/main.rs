//! Accounts and sessions through the real router.

mod lockout;
mod registration;
mod sessions;
mod verification;

use serde_json::{Value, json};
use test_kit::{Actor, TestApp};

fn wish(name: &str) -> Value {
    json!({"username": name, "email": format!("{name}@example.com"), "password": "correct-horse-7"})
}

async fn login(app: &TestApp, name: &str) -> Actor {
    let body = json!({"username_or_email": name, "password": "correct-horse-7"});
    let reply = app.anonymous().post("/api/auth/login", &body).await.ok(200);
    app.bearer(reply["access_token"].as_str().expect("a session"))
}

//! Sessions end when they should, everywhere.

use crate::{login, wish};
use serde_json::{Value, json};
use test_kit::TestApp;
use test_kit::app::Setup;

async fn server(setup: Setup) -> TestApp {
    let app = TestApp::with(api_auth::routes(), setup).await;
    app.anonymous()
        .post("/api/auth/register", &wish("alice"))
        .await
        .ok(201);
    app
}

#[tokio::test]
async fn logout_and_refresh_end_the_old_token() {
    let app = server(Setup::default()).await;
    let session = login(&app, "alice").await;
    let fresh = session
        .post("/api/auth/refresh", &Value::Null)
        .await
        .ok(200);
    assert_eq!(
        session.get("/api/auth/me").await.refused(401),
        "auth_required"
    );
    let fresh = app.bearer(fresh["access_token"].as_str().expect("a session"));
    fresh.get("/api/auth/me").await.ok(200);
    assert_eq!(
        fresh.post("/api/auth/logout", &Value::Null).await.ok(200)["detail"],
        "logged-out"
    );
    fresh.get("/api/auth/me").await.ok(401);
    fresh.post("/api/auth/logout", &Value::Null).await.ok(401);
}

#[tokio::test]
async fn a_revoked_session_is_refused_at_once_and_only_by_its_owner() {
    let app = server(Setup::default()).await;
    app.anonymous()
        .post("/api/auth/register", &wish("bob"))
        .await
        .ok(201);
    let (phone, laptop, bob) = (
        login(&app, "alice").await,
        login(&app, "alice").await,
        login(&app, "bob").await,
    );
    let sessions = laptop.get("/api/auth/sessions").await.ok(200);
    let rows = sessions.as_array().expect("list");
    assert_eq!(rows.len(), 2);
    assert_eq!(rows.iter().filter(|s| s["is_current"] == true).count(), 1);
    let other = rows
        .iter()
        .find(|s| s["is_current"] == false)
        .expect("the phone");
    let path = format!(
        "/api/auth/sessions/{}/revoke",
        other["jti"].as_str().expect("jti")
    );
    assert_eq!(
        bob.post(&path, &json!({})).await.refused(404),
        "session_not_found"
    );
    phone.get("/api/auth/me").await.ok(200);
    assert_eq!(
        laptop.post(&path, &json!({})).await.ok(200)["detail"],
        "revoked"
    );
    laptop.post(&path, &json!({})).await.ok(200);
    phone.get("/api/auth/me").await.ok(401);
    laptop.get("/api/auth/me").await.ok(200);
}

#[tokio::test]
async fn another_instance_hears_of_a_logout_within_seconds() {
    let setup = || Setup {
        shared: true,
        manual_clock: true,
        ..Setup::default()
    };
    let app = server(setup()).await;
    let session = login(&app, "alice").await;
    let other = app.sibling(api_auth::routes(), &setup());
    let elsewhere = other.bearer(session.secret());
    elsewhere.get("/api/auth/me").await.ok(200);
    session.post("/api/auth/logout", &Value::Null).await.ok(200);
    other.services.clock.advance(3);
    elsewhere.get("/api/auth/me").await.ok(401);
}

#[tokio::test]
async fn a_token_ends_when_it_says() {
    let app = server(Setup {
        manual_clock: true,
        ..Setup::default()
    })
    .await;
    let session = login(&app, "alice").await;
    session.get("/api/auth/me").await.ok(200);
    app.services.clock.advance(86_399);
    session.get("/api/auth/me").await.ok(200);
    app.services.clock.advance(1);
    session.get("/api/auth/me").await.ok(401);
    for bad in ["", "x", "em_live_000000000000000000000000000", "ag_live_x"] {
        assert_eq!(
            app.bearer(bad).get("/api/auth/me").await.status,
            401,
            "{bad}"
        );
    }
}

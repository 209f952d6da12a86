//! What people keep for themselves, through the real router.

mod closing;
mod marks;
mod notifications;
mod preferences;
mod setup;

use domain::account::TokenScope;
use serde_json::{Value, json};
use test_kit::app::Setup;
use test_kit::{Actor, TestApp};

fn routes() -> web::Routes {
    web::Routes::new()
        .merge(api_account::routes())
        .merge(api_batches::routes())
}

async fn server() -> (TestApp, Actor) {
    let app = TestApp::with(
        routes(),
        Setup {
            manual_clock: true,
            ..Setup::default()
        },
    )
    .await;
    let user = app.user("alice", false).await;
    let session = app.session(&user).await;
    (app, session)
}

async fn create(session: &Actor, wish: Value) -> Value {
    session.post("/api/tokens", &wish).await.ok(201)
}

#[tokio::test]
async fn a_token_is_shown_once_works_and_ends_when_revoked() {
    let (app, session) = server().await;
    let made = create(&session, json!({"name": "laptop", "scope": "reporter"})).await;
    let text = made["token"].as_str().expect("its text");
    assert_eq!((text.len(), &text[..8]), (35, "em_live_"));
    assert_eq!(
        (&made["prefix"], &made["display_hint"]),
        (&json!("em_live_"), &json!("em_live_"))
    );
    let reporter = app.bearer(text);
    reporter.get("/api/batches").await.ok(200);
    let listed = session.get("/api/tokens").await;
    assert!(
        !String::from_utf8_lossy(&listed.body).contains(&text[8..]),
        "never shown again"
    );
    let path = format!("/api/tokens/{}", made["id"]);
    assert_eq!(session.delete(&path).await.ok(200)["detail"], "revoked");
    assert_eq!(
        session.delete(&path).await.ok(200)["detail"],
        "already-revoked"
    );
    assert_eq!(
        reporter.get("/api/batches").await.refused(401),
        "token_invalid"
    );
    assert_eq!(session.get("/api/tokens").await.ok(200), json!([]));
    let all = session
        .get("/api/tokens?include_revoked=true")
        .await
        .ok(200);
    assert_eq!(all[0]["revoked"], true);
    assert_eq!(
        session.delete("/api/tokens/12").await.refused(404),
        "token_not_found"
    );
    assert_eq!(
        session.delete("/api/tokens/x").await.refused(422),
        "validation"
    );
}

#[tokio::test]
async fn an_expired_token_is_refused_and_nonsense_dates_are_not_taken() {
    let (app, session) = server().await;
    let ends = domain::time::Timestamp(test_kit::app::START.0 + 60_000).to_text();
    let made = create(
        &session,
        json!({"name": "short", "scope": "viewer", "expires_at": ends}),
    )
    .await;
    let viewer = app.bearer(made["token"].as_str().expect("its text"));
    viewer.get("/api/batches").await.ok(200);
    app.services.clock.advance(61);
    assert_eq!(
        viewer.get("/api/batches").await.refused(401),
        "token_invalid"
    );
    create(
        &session,
        json!({"name": "blank", "scope": "viewer", "expires_at": " "}),
    )
    .await;
    for (wish, field) in [
        (
            json!({"name": "x", "scope": "viewer", "expires_at": "soon"}),
            "expires_at",
        ),
        (json!({"name": "", "scope": "viewer"}), "name"),
        (json!({"name": "x".repeat(65), "scope": "viewer"}), "name"),
        (json!({"name": "x", "scope": "owner"}), "scope"),
    ] {
        let body = session.post("/api/tokens", &wish).await.ok(422);
        assert_eq!(body["detail"][0]["loc"], json!(["body", field]), "{wish}");
    }
}

#[tokio::test]
async fn the_fifty_first_is_refused_even_when_all_come_at_once() {
    let (_app, session) = server().await;
    let sends: Vec<_> = (0..60)
        .map(|i| {
            let session = session.clone();
            tokio::spawn(async move {
                let wish = json!({"name": format!("t{i}"), "scope": "reporter"});
                session.post("/api/tokens", &wish).await.status.as_u16()
            })
        })
        .collect();
    let mut made = 0;
    for send in sends {
        match send.await.expect("joined") {
            201 => made += 1,
            409 | 503 => {}
            other => panic!("{other}"),
        }
    }
    assert!(made <= 50, "{made}");
    let mut refused = session
        .post("/api/tokens", &json!({"name": "one", "scope": "reporter"}))
        .await;
    while refused.status == 201 {
        refused = session
            .post("/api/tokens", &json!({"name": "one", "scope": "reporter"}))
            .await;
    }
    assert_eq!(refused.refused(409), "token_cap");
    assert!(
        refused.json()["detail"]
            .as_str()
            .is_some_and(|d| d.contains("50"))
    );
    assert_eq!(
        session
            .get("/api/tokens")
            .await
            .ok(200)
            .as_array()
            .map(Vec::len),
        Some(50)
    );
}

#[tokio::test]
async fn tokens_do_not_make_tokens() {
    let (app, _) = server().await;
    let user = app.user("bob", false).await;
    let reporter = app.token(&user, TokenScope::Reporter).await;
    let wish = json!({"name": "x", "scope": "reporter"});
    assert_eq!(
        reporter.post("/api/tokens", &wish).await.refused(403),
        "session_required"
    );
}

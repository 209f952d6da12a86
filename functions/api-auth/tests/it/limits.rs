//! Limits that hold across instances, and do not keep an owner out.

use crate::{by_hand, login, server, wish};
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use serde_json::{Value, json};
use test_kit::app::Setup;
use test_kit::{Reply, TestApp};
use web::caller::PeerIp;

/// As the server's acceptor does: tells where a request comes from, here by a header of the test.
fn routes() -> web::Routes {
    api_auth::routes().layer(from_fn(async |mut request: Request, next: Next| {
        let from = request.headers().get("x-test-peer").cloned();
        if let Some(Ok(ip)) = from.as_ref().map(|v| v.to_str()) {
            let ip = PeerIp(ip.to_owned());
            request.extensions_mut().insert(ip);
        }
        next.run(request).await
    }))
}

async fn lab() -> TestApp {
    let setup = Setup {
        shared: true,
        ..by_hand()
    };
    let app = TestApp::with(routes(), setup).await;
    app.anonymous()
        .post("/api/auth/register", &wish("alice"))
        .await
        .ok(201);
    app
}

async fn attempt(app: &TestApp, from: &str, name: &str, password: &str) -> Reply {
    let body = json!({"username_or_email": name, "password": password});
    let call = app.post("/api/auth/login").header("x-test-peer", from);
    call.json(&body).send().await
}

#[tokio::test]
async fn whoever_guesses_locks_themselves_out_and_nobody_else() {
    let app = lab().await;
    for _ in 0..5 {
        attempt(&app, "10.0.0.66", "alice", "wrong-horse-1")
            .await
            .ok(401);
    }
    let guesser = attempt(&app, "10.0.0.66", "alice", "correct-horse-7").await;
    assert_eq!(guesser.refused(423), "login_locked");
    attempt(&app, "10.0.0.1", "alice", "correct-horse-7")
        .await
        .ok(200);
    let guesser = attempt(&app, "10.0.0.66", "alice", "correct-horse-7").await;
    assert_eq!(
        guesser.refused(423),
        "login_locked",
        "not unlocked by the owner"
    );
}

#[tokio::test]
async fn names_nobody_has_lock_the_same_way() {
    let app = lab().await;
    for _ in 0..5 {
        attempt(&app, "10.0.0.66", "nobody", "wrong-horse-1")
            .await
            .ok(401);
    }
    let locked = attempt(&app, "10.0.0.66", "nobody", "wrong-horse-1").await;
    assert_eq!(locked.refused(423), "login_locked");
}

#[tokio::test]
async fn many_addresses_share_a_limit_which_the_owner_passes_by() {
    let app = lab().await;
    attempt(&app, "10.0.0.1", "alice", "correct-horse-7")
        .await
        .ok(200);
    let mut limited = 0;
    for i in 0..40 {
        let from = format!("10.1.0.{i}");
        let reply = attempt(&app, &from, "alice", "wrong-horse-1").await;
        if reply.status == 429 {
            limited += 1;
            assert!(reply.headers.contains_key("retry-after"));
        }
    }
    // The owner's first login came from somewhere new, too.
    assert_eq!(limited, 11);
    attempt(&app, "10.0.0.1", "alice", "correct-horse-7")
        .await
        .ok(200);
}

#[tokio::test]
async fn a_site_of_ipv6_counts_as_one_address() {
    let app = lab().await;
    for i in 0..5 {
        let from = format!("2001:db8:1:2::{i}");
        attempt(&app, &from, "alice", "wrong-horse-1").await.ok(401);
    }
    let next = attempt(&app, "2001:db8:1:2:ffff::1", "alice", "correct-horse-7").await;
    assert_eq!(next.refused(423), "login_locked");
    attempt(&app, "2001:db8:1:3::1", "alice", "correct-horse-7")
        .await
        .ok(200);
}

#[tokio::test]
async fn instances_count_together_and_many_at_once_get_exactly_the_limit() {
    let app = lab().await;
    let setup = Setup {
        shared: true,
        ..by_hand()
    };
    let other = app.sibling(routes(), &setup);
    let session = login(&app, "alice").await;
    let sends: Vec<_> = (0..12)
        .map(|i| {
            let bearer = session.secret().to_owned();
            let actor = if i % 2 == 0 { &app } else { &other }.bearer(&bearer);
            tokio::spawn(async move {
                let body =
                    json!({"current_password": "wrong-horse-1", "new_password": "better-horse-8"});
                let reply = actor.post("/api/auth/change-password", &body).await;
                reply.status.as_u16()
            })
        })
        .collect();
    let mut passed = 0;
    for send in sends {
        match send.await.expect("joined") {
            401 => passed += 1,
            429 => {}
            status => panic!("{status}"),
        }
    }
    assert_eq!(passed, 5);
}

#[tokio::test]
async fn registrations_from_one_address_run_dry_and_come_back() {
    let app = server(by_hand()).await;
    let mut last = 201;
    for i in 0..80 {
        let body = wish(&format!("user-{i}"));
        let mut taken: Value = body.clone();
        taken["username"] = json!("alice");
        let reply = app.anonymous().post("/api/auth/register", &taken).await;
        last = reply.status.as_u16();
        if last == 429 {
            break;
        }
    }
    assert_eq!(last, 429);
    app.services.clock.advance(60);
    app.anonymous()
        .post("/api/auth/register", &wish("late"))
        .await
        .ok(201);
}

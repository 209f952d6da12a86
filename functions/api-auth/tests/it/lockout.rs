//! Wrong passwords.

use crate::wish;
use serde_json::{Value, json};
use test_kit::app::Setup;
use test_kit::{Reply, TestApp};

async fn server() -> TestApp {
    let setup = Setup {
        manual_clock: true,
        ..Setup::default()
    };
    let app = TestApp::with(api_auth::routes(), setup).await;
    app.anonymous()
        .post("/api/auth/register", &wish("alice"))
        .await
        .ok(201);
    app
}

async fn attempt(app: &TestApp, name: &str, password: &str) -> Reply {
    let body = json!({"username_or_email": name, "password": password});
    app.anonymous().post("/api/auth/login", &body).await
}

#[tokio::test]
async fn the_fifth_wrong_password_locks_for_ten_minutes() {
    let app = server().await;
    for _ in 0..5 {
        assert_eq!(
            attempt(&app, "alice", "wrong-password-1")
                .await
                .refused(401),
            "bad_login"
        );
    }
    let locked = attempt(&app, "alice", "correct-horse-7").await;
    assert_eq!(locked.refused(423), "login_locked");
    assert_eq!(locked.headers["retry-after"], "600");
    assert!(
        locked.json()["detail"]
            .as_str()
            .is_some_and(|d| d.contains("10"))
    );
    app.services.clock.advance(601);
    attempt(&app, "alice", "correct-horse-7").await.ok(200);
}

#[tokio::test]
async fn success_forgets_earlier_failures() {
    let app = server().await;
    for _ in 0..3 {
        for _ in 0..4 {
            attempt(&app, "alice", "wrong-password-1").await.ok(401);
        }
        attempt(&app, "alice@EXAMPLE.com", "correct-horse-7")
            .await
            .ok(200);
    }
}

#[tokio::test]
async fn unknown_users_and_wrong_passwords_look_the_same() {
    let app = server().await;
    let mut unknown = attempt(&app, "nobody", "wrong-password-1").await.ok(401);
    let mut wrong = attempt(&app, "alice", "wrong-password-1").await.ok(401);
    unknown["request_id"] = Value::Null;
    wrong["request_id"] = Value::Null;
    assert_eq!(unknown, wrong);
    attempt(&app, "ALICE", "correct-horse-7").await.ok(401);
}

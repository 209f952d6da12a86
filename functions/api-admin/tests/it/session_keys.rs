//! A rotation logs nobody out, and old keys end after their grace.

use serde_json::{Value, json};
use test_kit::app::Setup;
use test_kit::{Actor, TestApp};

const ROTATE: &str = "/api/admin/security/jwt/rotate";
const STATUS: &str = "/api/admin/security/jwt/status";

fn routes() -> web::Routes {
    web::Routes::new()
        .merge(api_auth::routes())
        .merge(api_admin::routes())
}

fn setup(config_key: &str) -> Setup {
    Setup {
        shared: true,
        manual_clock: true,
        variables: vec![
            ("ARGUS_CONFIG_KEY", config_key.to_owned()),
            ("ARGUS_JWT_TTL_SECONDS", "172800".to_owned()),
        ],
        ..Setup::default()
    }
}

async fn server() -> (TestApp, Actor) {
    let app = TestApp::with(routes(), setup("the key that seals")).await;
    let root = app.user("root", true).await;
    let admin = app.session(&root).await;
    (app, admin)
}

async fn login(app: &TestApp) -> Actor {
    let body = json!({"username_or_email": "root", "password": "correct-horse-7"});
    let reply = app.anonymous().post("/api/auth/login", &body).await.ok(200);
    app.bearer(reply["access_token"].as_str().expect("a session"))
}

#[tokio::test]
async fn sessions_of_before_during_and_after_hold_on_every_instance() {
    let (app, admin) = server().await;
    let other = app.sibling(routes(), &setup("the key that seals"));
    other
        .bearer(admin.secret())
        .get("/api/auth/me")
        .await
        .ok(200);
    let during: Vec<_> = (0..6)
        .map(|i| {
            let actor = if i % 2 == 0 { &app } else { &other }.anonymous();
            tokio::spawn(async move {
                let body = json!({"username_or_email": "root", "password": "correct-horse-7"});
                actor.post("/api/auth/login", &body).await.ok(200)
            })
        })
        .collect();
    let rotated = admin.post(ROTATE, &Value::Null).await.ok(200);
    assert_eq!(
        rotated["grace_seconds"], 172_800,
        "no shorter than a session"
    );
    let mut tokens = vec![admin.secret().to_owned()];
    for reply in during {
        let reply = reply.await.expect("joined");
        tokens.push(
            reply["access_token"]
                .as_str()
                .expect("a session")
                .to_owned(),
        );
    }
    // Signed by the new key here, and by the old one where nobody has looked yet.
    tokens.push(login(&app).await.secret().to_owned());
    tokens.push(login(&other).await.secret().to_owned());
    for token in &tokens {
        for instance in [&app, &other] {
            instance.bearer(token).get("/api/auth/me").await.ok(200);
        }
    }
    let newcomer = app.sibling(routes(), &setup("the key that seals"));
    for token in &tokens {
        newcomer.bearer(token).get("/api/auth/me").await.ok(200);
    }
}

#[tokio::test]
async fn an_old_key_ends_with_its_grace_and_other_instances_learn_of_it() {
    let (app, admin) = server().await;
    let other = app.sibling(routes(), &setup("the key that seals"));
    let old_ring = other
        .services
        .credentials
        .keys
        .ring(&app.services.store, other.services.clock.now());
    let old_ring = old_ring.await.expect("keys");
    admin
        .post("/api/admin/jwt/rotate", &Value::Null)
        .await
        .ok(200);
    let now = app.services.clock.now();
    // A token that outlives the grace, as nobody issues it: only its key ends it.
    let root = app
        .services
        .store
        .user_by_name("root")
        .await
        .expect("read")
        .expect("exists");
    let long = old_ring.sign(root.value.id, "long", now, now.plus_secs(1_000_000));
    let actor = app.bearer(&long);
    actor.get("/api/auth/me").await.ok(200);
    app.services.clock.advance(172_800 + 60);
    actor.get("/api/auth/me").await.ok(401);
    other.services.clock.advance(4);
    let ring = other
        .services
        .credentials
        .keys
        .ring(&app.services.store, other.services.clock.now());
    assert!(
        ring.await
            .expect("keys")
            .verify(&long, app.services.clock.now())
            .is_none()
    );
    let fresh = login(&app).await;
    let status = fresh.get(STATUS).await.ok(200);
    assert_eq!(status["has_previous"], false);
}

#[tokio::test]
async fn rotations_wait_a_minute_are_audited_and_sealed() {
    let (app, admin) = server().await;
    let before = admin.get(STATUS).await.ok(200);
    assert_eq!(
        before,
        json!({"rotated_at": null, "has_previous": false, "previous_expires_at": null, "grace_seconds": 172_800})
    );
    admin.post(ROTATE, &Value::Null).await.ok(200);
    let early = admin.post(ROTATE, &Value::Null).await;
    assert_eq!(early.refused(429), "rate_limited");
    assert_eq!(early.json()["detail"], json!({"retry_after": 60}));
    assert_eq!(early.headers["retry-after"], "60");
    assert_eq!(admin.get(STATUS).await.ok(200)["has_previous"], true);
    app.services.clock.advance(60);
    admin.post(ROTATE, &Value::Null).await.ok(200);
    admin.get("/api/auth/me").await.ok(200);
    let store = &app.services.store;
    let month = &app.services.clock.now().to_text()[..7];
    let rows = store.audit_rows(month, 50).await.expect("audit");
    let rotations = rows.iter().filter(|r| r.action == "jwt_rotate");
    assert_eq!(rotations.count(), 2);
    let stored = store
        .session_keys()
        .await
        .expect("read")
        .expect("rotated")
        .value;
    assert_eq!(stored.keys.len(), 3);
    assert!(stored.keys[0].sealed.is_some() && stored.keys[2].sealed.is_none());
    // Another key of the installation does not open them; people log in anew, but they can.
    let stranger = app.sibling(routes(), &setup("another key"));
    let fresh = login(&stranger).await;
    fresh.get("/api/auth/me").await.ok(200);
}

#[tokio::test]
async fn of_two_rotations_at_once_one_waits() {
    let (_app, admin) = server().await;
    let (a, b) = tokio::join!(
        admin.post(ROTATE, &Value::Null),
        admin.post(ROTATE, &Value::Null)
    );
    let mut statuses = [a.status.as_u16(), b.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 429]);
}

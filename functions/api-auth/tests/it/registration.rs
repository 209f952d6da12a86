//! Who gets in, who becomes administrator, and what is refused.

use crate::{login, wish};
use serde_json::{Value, json};
use test_kit::TestApp;
use test_kit::app::Setup;

#[tokio::test]
async fn of_twenty_first_registrations_exactly_one_is_administrator() {
    let app = TestApp::new(api_auth::routes()).await;
    let sends: Vec<_> = (0..20)
        .map(|i| {
            let anonymous = app.anonymous();
            tokio::spawn(async move {
                anonymous
                    .post("/api/auth/register", &wish(&format!("user-{i}")))
                    .await
                    .ok(201)
            })
        })
        .collect();
    for send in sends {
        assert_eq!(send.await.expect("joined")["require_verify"], true);
    }
    let mut admins = 0;
    for i in 0..20 {
        let me = login(&app, &format!("user-{i}"))
            .await
            .get("/api/auth/me")
            .await
            .ok(200);
        admins += usize::from(me["is_admin"] == true);
    }
    assert_eq!(admins, 1);
}

#[tokio::test]
async fn of_many_with_one_name_exactly_one_gets_it() {
    let app = TestApp::new(api_auth::routes()).await;
    let sends: Vec<_> = (0..10)
        .map(|i| {
            let anonymous = app.anonymous();
            tokio::spawn(async move {
                let mut body = wish("Same");
                body["email"] = json!(format!("{i}@example.com"));
                anonymous
                    .post("/api/auth/register", &body)
                    .await
                    .status
                    .as_u16()
            })
        })
        .collect();
    let mut made = 0;
    for send in sends {
        let status = send.await.expect("joined");
        assert!(status == 201 || status == 409, "{status}");
        made += usize::from(status == 201);
    }
    assert_eq!(made, 1);
    let anonymous = app.anonymous();
    let other_case = anonymous.post("/api/auth/register", &wish("sAME")).await;
    assert_eq!(other_case.refused(409), "username_taken");
    let mut email = wish("other");
    email["email"] = json!("SAME@example.com");
    anonymous
        .post("/api/auth/register", &wish("same2"))
        .await
        .ok(201);
    email["email"] = json!("SAME2@example.com");
    assert_eq!(
        anonymous
            .post("/api/auth/register", &email)
            .await
            .refused(409),
        "email_taken"
    );
}

#[tokio::test]
async fn bad_input_names_every_field_and_never_repeats_the_password() {
    let app = TestApp::new(api_auth::routes()).await;
    let bad = json!({"username": "a b", "email": "a@b.local", "password": "short1"});
    let reply = app.anonymous().post("/api/auth/register", &bad).await;
    let body = reply.ok(422);
    let fields: Vec<&Value> = body["detail"]
        .as_array()
        .expect("list")
        .iter()
        .map(|p| &p["loc"][1])
        .collect();
    assert_eq!(
        fields,
        [&json!("username"), &json!("email"), &json!("password")]
    );
    assert!(!String::from_utf8_lossy(&reply.body).contains("short1"));
    let extra =
        json!({"username": "abc", "email": "a@b.co", "password": "correct-horse-7", "x": 1});
    let body = app
        .anonymous()
        .post("/api/auth/register", &extra)
        .await
        .ok(422);
    assert_eq!(body["detail"][0]["type"], "extra_forbidden");
    assert_eq!(body["detail"][0]["loc"], json!(["body", "x"]));
    let missing = app
        .anonymous()
        .post("/api/auth/register", &json!({"username": "abc"}))
        .await;
    assert_eq!(missing.ok(422)["detail"][0]["type"], "missing");
}

#[tokio::test]
async fn closed_registration_still_lets_the_first_in() {
    let variables = vec![("ARGUS_REGISTRATION_OPEN", "false".to_owned())];
    let app = TestApp::with(
        api_auth::routes(),
        Setup {
            variables,
            ..Setup::default()
        },
    )
    .await;
    let anonymous = app.anonymous();
    anonymous
        .post("/api/auth/register", &wish("first"))
        .await
        .ok(201);
    let second = anonymous.post("/api/auth/register", &wish("second")).await;
    assert_eq!(second.refused(403), "registration_closed");
}

#[tokio::test]
async fn where_a_setup_token_is_set_only_it_makes_an_administrator() {
    let variables = vec![("ARGUS_SETUP_TOKEN", "the setup token".to_owned())];
    let setup = Setup {
        variables,
        ..Setup::default()
    };
    let app = TestApp::with(api_auth::routes(), setup).await;
    let anonymous = app.anonymous();
    let with = |name: &str, token: &str| {
        let mut body = wish(name);
        body["setup_token"] = json!(token);
        body
    };
    let path = "/api/auth/register";
    let early = anonymous.post(path, &wish("stranger")).await;
    assert_eq!(early.refused(403), "setup_token_required");
    let wrong = anonymous.post(path, &with("guesser", "a guess")).await;
    assert_eq!(wrong.refused(403), "setup_token_wrong");
    for name in ["owner", "second"] {
        let body = with(name, "the setup token");
        anonymous.post(path, &body).await.ok(201);
    }
    anonymous.post(path, &wish("stranger")).await.ok(201);
    for (name, is_admin) in [("stranger", false), ("owner", true), ("second", false)] {
        let me = login(&app, name).await.get("/api/auth/me").await.ok(200);
        assert_eq!(me["is_admin"], is_admin, "{name}");
    }
}

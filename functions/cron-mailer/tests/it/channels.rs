//! Channels, from the wish to the receiver.

use crate::receiver::Receiver;
use crate::setup::round;
use cron_mailer::{Mailer, Transport};
use domain::channel::ChannelOwner;
use domain::notice::{Notice, NoticeKind, Words};
use notify::sign;
use serde_json::{Value, json};
use store::channels::post_write;
use test_kit::app::Setup;
use test_kit::{Actor, TestApp};

/// A server whose channels may reach the loopback, and somebody with a session.
async fn server(private: bool) -> (TestApp, Actor, u64) {
    let app = TestApp::with(
        api_account::routes(),
        Setup {
            manual_clock: true,
            variables: vec![("ARGUS_CHANNELS_ALLOW_PRIVATE", private.to_string())],
            ..Setup::default()
        },
    )
    .await;
    let user = app.user("alice", false).await;
    let session = app.session(&user).await;
    // Forget the mail that greets her.
    round(&app.services, &Mailer::new(&app.services, Transport::Log)).await;
    (app, session, user.id)
}

fn failed(app: &TestApp) -> Notice {
    let word = |k: &str, v: &str| (k.to_owned(), v.to_owned());
    Notice {
        kind: NoticeKind::BatchFailed,
        at: app.services.clock.now(),
        project: "p".into(),
        batch_id: Some("b".into()),
        words: Words::from([
            word("batch.name", "b"),
            word("batch.error", "out of memory"),
            word("link.batch_url", "https://argus.example/batches/b"),
        ]),
    }
}

async fn tell(app: &TestApp, user: u64, channel: &Value, id: u64) {
    let now = app.services.clock.now();
    let channel = channel["id"].as_u64().expect("an id");
    let to = (&ChannelOwner::User(user), channel);
    let write = post_write(id, to, Some(failed(app)), now, now).expect("encodes");
    app.services.store.table.write(write).await.expect("queued");
}

async fn only(session: &Actor) -> Value {
    session.get("/api/me/channels").await.ok(200)[0].clone()
}

#[tokio::test]
async fn a_webhook_is_signed_tried_again_under_its_id_and_never_shows_its_address() {
    let (app, session, user) = server(true).await;
    let receiver = Receiver::start().await;
    let url = format!("http://{}/in?token=hush", receiver.address);
    let wish = json!({"kind": "webhook", "name": "ci", "url": url});
    let made = session.post("/api/me/channels", &wish).await.ok(201);
    let secret = made["secret"].as_str().expect("made here").to_owned();
    let key = sign::webhook_key(&secret).expect("a key");
    tell(&app, user, &made, 77).await;
    receiver.answer_next("503 Busy", "", "");
    let mailer = Mailer::new(&app.services, Transport::Log);
    assert_eq!(round(&app.services, &mailer).await.waiting, 1);
    let shown = only(&session).await;
    assert_eq!(shown["last_error"], "the receiver answered 503");
    app.services.clock.advance(10);
    assert_eq!(round(&app.services, &mailer).await.sent, 1);
    let shown = only(&session).await;
    assert_eq!(
        (&shown["last_error"], &shown["host"]),
        (&Value::Null, &json!("127.0.0.1"))
    );
    let all = shown.to_string();
    assert!(!all.contains("hush") && !all.contains(&secret), "{all}");

    let requests = receiver.requests();
    assert_eq!(requests.len(), 2);
    for request in &requests {
        assert_eq!(request.target, "/in?token=hush");
        assert_eq!(request.headers["webhook-id"], "msg_77");
        let secs = request.headers["webhook-timestamp"]
            .parse()
            .expect("seconds");
        let expected = sign::webhook(&key, "msg_77", secs, &request.body);
        assert_eq!(request.headers["webhook-signature"], expected);
    }
    assert_ne!(
        requests[0].headers["webhook-timestamp"],
        requests[1].headers["webhook-timestamp"]
    );
    let body: Value = serde_json::from_str(&requests[1].body).expect("JSON");
    assert_eq!(
        (&body["type"], &body["data"]["title"]),
        (&json!("batch_failed"), &json!("Batch b failed"))
    );
    assert!(
        body["data"]["text"]
            .as_str()
            .is_some_and(|t| t.contains("out of memory"))
    );
}

#[tokio::test]
async fn redirects_floods_and_the_gone_are_not_followed() {
    let (app, session, user) = server(true).await;
    let receiver = Receiver::start().await;
    let url = format!("http://{}/hook", receiver.address);
    let wish = json!({"kind": "slack", "name": "lab", "url": url});
    let made = session.post("/api/me/channels", &wish).await.ok(201);
    let mailer = Mailer::new(&app.services, Transport::Log);
    let location = format!("location: http://{}/other\r\n", receiver.address);
    for (id, status, headers, body, error) in [
        (
            1,
            "302 Found",
            location.as_str(),
            String::new(),
            "redirects are not followed",
        ),
        (
            2,
            "200 OK",
            "",
            "x".repeat(70_000),
            "the answer is too large",
        ),
        (3, "410 Gone", "", String::new(), "answered 410"),
    ] {
        tell(&app, user, &made, id).await;
        receiver.answer_next(status, headers, &body);
        let report = round(&app.services, &mailer).await;
        assert_eq!(report.dead, usize::from(id == 3), "{status}: {report:?}");
        let shown = only(&session).await;
        let told = shown["last_error"].as_str().unwrap_or_default();
        assert!(told.contains(error), "{status}: {told}");
    }
    assert!(
        receiver
            .requests()
            .iter()
            .all(|request| request.target == "/hook")
    );
}

#[tokio::test]
async fn private_addresses_are_out_of_reach_by_name_and_by_number() {
    let (app, session, user) = server(false).await;
    let refused = json!({"kind": "slack", "name": "x", "url": "https://127.0.0.1/secret-path"});
    let answer = session.post("/api/me/channels", &refused).await;
    assert_eq!(answer.refused(422), "validation");
    assert!(!answer.text().contains("secret-path"), "{}", answer.text());
    // What a name leads to is only seen when it is called.
    let wish = json!({"kind": "slack", "name": "x", "url": "https://localhost/secret-path"});
    let made = session.post("/api/me/channels", &wish).await.ok(201);
    tell(&app, user, &made, 1).await;
    let mailer = Mailer::new(&app.services, Transport::Log);
    assert_eq!(round(&app.services, &mailer).await.waiting, 1);
    let shown = only(&session).await;
    assert_eq!(shown["last_error"], "the address is not a public one");
}

#[tokio::test]
async fn the_test_button_works_once_in_a_while_and_what_is_off_or_gone_is_silent() {
    let (app, session, user) = server(true).await;
    let receiver = Receiver::start().await;
    let mailer = Mailer::new(&app.services, Transport::Log);
    let url = format!("http://{}", receiver.address);
    let wish = json!({"kind": "telegram", "name": "t", "url": url, "secret": "1:x", "chat": "@lab",
        "events": ["job_failed", "job_failed"],
        "quiet_hours": {"from": "22:00", "to": "07:00", "time_zone": "Europe/Berlin"}});
    let made = session.post("/api/me/channels", &wish).await.ok(201);
    assert!(made["secret"].is_null());
    assert_eq!(made["events"], json!(["job_failed"]));
    assert_eq!(made["quiet_hours"]["time_zone"], "Europe/Berlin");
    let path = format!("/api/me/channels/{}", made["id"]);
    let test = format!("{path}/test");
    session.post(&test, &Value::Null).await.ok(202);
    let again = session.post(&test, &Value::Null).await;
    assert_eq!(again.refused(429), "rate_limited");
    assert_eq!(round(&app.services, &mailer).await.sent, 1);
    assert_eq!(receiver.requests()[0].target, "/bot1:x/sendMessage");

    let off = json!({"enabled": false, "quiet_hours": null, "events": []});
    let changed = session.patch(&path, &off).await.ok(200);
    assert_eq!(
        (&changed["enabled"], &changed["quiet_hours"]),
        (&json!(false), &Value::Null)
    );
    tell(&app, user, &made, 5).await;
    round(&app.services, &mailer).await;
    session.delete(&path).await.ok(204);
    tell(&app, user, &made, 6).await;
    assert_eq!(
        round(&app.services, &mailer).await.sent,
        1,
        "counts as said"
    );
    assert_eq!(receiver.requests().len(), 1);
    for reply in [
        session.delete(&path).await,
        session.patch(&path, &off).await,
    ] {
        assert_eq!(reply.refused(404), "channel_not_found");
    }
}

#[tokio::test]
async fn channels_are_checked_counted_and_private_to_their_owner() {
    let (app, session, _) = server(false).await;
    for (wish, field) in [
        (
            json!({"kind": "slack", "name": "", "url": "https://a.example/x"}),
            "name",
        ),
        (
            json!({"kind": "slack", "name": "x", "url": "http://a.example/x"}),
            "url",
        ),
        (
            json!({"kind": "webhook", "name": "x", "url": "https://a.example", "secret": "s"}),
            "secret",
        ),
        (
            json!({"kind": "telegram", "name": "x", "secret": "1:x"}),
            "chat",
        ),
        (
            json!({"kind": "slack", "name": "x", "url": "https://a.example/x",
            "quiet_hours": {"from": "9", "to": "10:00", "time_zone": "UTC"}}),
            "quiet_hours",
        ),
    ] {
        let body = session.post("/api/me/channels", &wish).await.ok(422);
        assert_eq!(body["detail"][0]["loc"], json!(["body", field]), "{wish}");
    }
    let wish = json!({"kind": "slack", "name": "x", "url": "https://a.example/x"});
    let mut made = Value::Null;
    for _ in 0..20 {
        made = session.post("/api/me/channels", &wish).await.ok(201);
    }
    assert_eq!(
        session.post("/api/me/channels", &wish).await.refused(409),
        "channel_cap"
    );
    let bob = app.user("bob", false).await;
    let bob = app.session(&bob).await;
    assert_eq!(bob.get("/api/me/channels").await.ok(200), json!([]));
    let path = format!("/api/me/channels/{}", made["id"]);
    assert_eq!(bob.delete(&path).await.refused(404), "channel_not_found");
}

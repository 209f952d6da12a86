//! What streams say about notifications.

use crate::frames::{Frames, routes, server};
use domain::notice::{Notification, Severity};
use serde_json::json;
use store::notifications::notification_write;
use test_kit::TestApp;
use test_kit::app::Setup;
use test_kit::build::batch_start;

async fn show(app: &TestApp, user: u64, id: u64) {
    let shown = Notification {
        id,
        batch_id: Some("b".into()),
        rule_id: "batch_failed".into(),
        severity: Severity::Error,
        title: format!("title {id}"),
        body: "body".into(),
        created_at: app.services.clock.now(),
        read_at: None,
    };
    let store = &app.services.store;
    let write = notification_write(user, &shown).expect("encodes");
    store.table.write(write).await.expect("stored");
    store.hub.notified(user);
}

async fn id_of(app: &TestApp, name: &str) -> u64 {
    let user = app.services.store.user_named(name).await.expect("read");
    user.expect("there").value.id
}

#[tokio::test]
async fn a_stream_tells_its_person_how_many_are_unread() {
    let (app, reporter) = server(Setup::default()).await;
    let alice = id_of(&app, "alice").await;
    let bob = app.user("bob", false).await;
    let begin = batch_start("b");
    reporter.post("/api/events", &begin).await.ok(200);
    let mut stream = Frames::open(&reporter, "batch:b", None).await;
    stream.expect("hello").await;
    show(&app, bob.id, 1).await;
    show(&app, alice, 2).await;
    let frame = stream.expect("notification").await;
    assert_eq!(frame.id, None, "it is no place to resume from");
    assert_eq!(frame.data["unread"], 1);
    assert_eq!(frame.data["newest"]["title"], "title 2");
    let (store, now) = (&app.services.store, app.services.clock.now());
    store
        .ack_all_notifications(alice, now)
        .await
        .expect("acked");
    assert_eq!(stream.expect("notification").await.data["unread"], 0);

    let mut late = Frames::open(&reporter, "batch:b", None).await;
    late.expect("hello").await;
    let frame = late.expect("notification").await;
    assert_eq!(frame.data["unread"], 0);
    assert_eq!(frame.data["newest"]["id"], json!(2));
}

#[tokio::test]
async fn across_instances_the_newest_is_polled() {
    let setup = || Setup {
        shared: true,
        variables: vec![("ARGUS_FEED_POLL_MS", "20".to_owned())],
        ..Setup::default()
    };
    let (app, reporter) = server(setup()).await;
    let begin = batch_start("b");
    reporter.post("/api/events", &begin).await.ok(200);
    let elsewhere = app.sibling(routes(), &setup());
    let viewer = elsewhere.bearer(reporter.secret());
    let mut stream = Frames::open(&viewer, "batch:b", None).await;
    stream.expect("hello").await;
    show(&app, id_of(&app, "alice").await, 1).await;
    let frame = stream.expect("notification").await;
    assert_eq!(frame.data["unread"], 1);
}

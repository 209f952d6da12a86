//! What viewers are told while it happens.

use crate::frames::{Frames, routes, server};
use engine_dynamodb::{Fault, Faults};
use serde_json::json;
use test_kit::app::Setup;
use test_kit::build::{batch_start, epoch, event};

#[tokio::test]
async fn an_event_arrives_on_each_matching_channel_once() {
    let (_app, reporter) = server(Setup::default()).await;
    let events =
        json!({"events": [batch_start("b"), event("job_start", "b", Some("j"), json!({}))]});
    reporter.post("/api/events/batch", &events).await.ok(200);
    let mut stream = Frames::open(&reporter, "batch:b,job:b:j,batches", None).await;
    let hello = stream.expect("hello").await;
    assert_eq!(
        hello.data["channels"],
        json!(["batch:b", "job:b:j", "batches"])
    );
    assert!(hello.id.is_some());
    reporter
        .post("/api/events", &epoch("b", "j", 0, 0.5))
        .await
        .ok(200);
    for channel in ["batch:b", "job:b:j", "batches"] {
        let frame = stream.expect("job_epoch").await;
        assert_eq!(frame.data["channel"], channel);
        assert_eq!(frame.data["data"]["val_loss"], 0.5);
        assert_eq!(frame.data["source"]["commit"], json!(null));
    }
    reporter
        .post(
            "/api/events",
            &event("log_line", "b", None, json!({"line": "x"})),
        )
        .await
        .ok(200);
    assert_eq!(stream.expect("log_line").await.data["channel"], "batch:b");
    assert_eq!(stream.expect("log_line").await.data["channel"], "batches");
}

#[tokio::test]
async fn a_repeat_is_told_once_and_a_stop_is_told() {
    let (_app, reporter) = server(Setup::default()).await;
    reporter
        .post("/api/events", &batch_start("b"))
        .await
        .ok(200);
    let mut stream = Frames::open(&reporter, "batch:b", None).await;
    stream.expect("hello").await;
    let sent = epoch("b", "j", 0, f64::from(1));
    reporter.post("/api/events", &sent).await.ok(200);
    reporter.post("/api/events", &sent).await.ok(200);
    reporter
        .post("/api/batches/b/stop", &json!({}))
        .await
        .ok(200);
    stream.expect("job_epoch").await;
    let stop = stream.expect("batch_stop_requested").await;
    assert_eq!(stop.data["data"]["requested_by"], "alice");
}

#[tokio::test]
async fn the_many_hear_of_new_batches_and_strangers_do_not() {
    let (app, reporter) = server(Setup::default()).await;
    let root = app.user("root", true).await;
    let root = app.session(&root).await;
    let bob = app.user("bob", false).await;
    let bob = app.token(&bob, domain::account::TokenScope::Reporter).await;
    let mut dashboard = Frames::open(&root, "dashboard", None).await;
    let mut mine = Frames::open(&reporter, "batches", None).await;
    let mut bobs = Frames::open(&bob, "batches", None).await;
    for stream in [&mut dashboard, &mut mine, &mut bobs] {
        stream.expect("hello").await;
    }
    reporter
        .post("/api/events", &batch_start("b"))
        .await
        .ok(200);
    bob.post("/api/events", &batch_start("bobs")).await.ok(200);
    assert_eq!(dashboard.expect("batch_start").await.data["batch_id"], "b");
    assert_eq!(
        dashboard.expect("batch_start").await.data["batch_id"],
        "bobs"
    );
    assert_eq!(mine.expect("batch_start").await.data["batch_id"], "b");
    assert_eq!(bobs.expect("batch_start").await.data["batch_id"], "bobs");
}

#[tokio::test]
async fn across_instances_streams_follow_the_feed_by_polling() {
    let setup = || Setup {
        shared: true,
        variables: vec![("ARGUS_FEED_POLL_MS", "20".to_owned())],
        ..Setup::default()
    };
    let (app, reporter) = server(setup()).await;
    reporter
        .post("/api/events", &batch_start("b"))
        .await
        .ok(200);
    let elsewhere = app.sibling(routes(), &setup());
    let viewer = elsewhere.bearer(reporter.secret());
    let mut stream = Frames::open(&viewer, "batch:b,batches", None).await;
    stream.expect("hello").await;
    for number in 0..3 {
        reporter
            .post("/api/events", &epoch("b", "j", number, 0.5))
            .await
            .ok(200);
        assert_eq!(stream.expect("job_epoch").await.data["channel"], "batch:b");
        assert_eq!(
            stream.expect("job_epoch").await.data["data"]["epoch"],
            number
        );
    }
    reporter
        .post("/api/events", &batch_start("new"))
        .await
        .ok(200);
    assert_eq!(stream.expect("batch_start").await.data["batch_id"], "new");
}

#[tokio::test]
async fn an_orderly_end_says_when_to_come_back() {
    let (app, reporter) = server(Setup::default()).await;
    reporter
        .post("/api/events", &batch_start("b"))
        .await
        .ok(200);
    let mut stream = Frames::open(&reporter, "batch:b", None).await;
    stream.expect("hello").await;
    app.services.shutdown.send_replace(true);
    assert_eq!(
        stream.next().await.expect("a last word").retry.as_deref(),
        Some("1000")
    );
    assert_eq!(stream.next().await, None);
}

#[tokio::test]
async fn a_stream_without_news_may_end_itself() {
    let variables = vec![("ARGUS_STREAM_MAX_S", "1".to_owned())];
    let (_app, reporter) = server(Setup {
        variables,
        ..Setup::default()
    })
    .await;
    reporter
        .post("/api/events", &batch_start("b"))
        .await
        .ok(200);
    let mut stream = Frames::open(&reporter, "batch:b", None).await;
    stream.expect("hello").await;
    assert_eq!(
        stream.next().await.expect("a last word").retry.as_deref(),
        Some("1000")
    );
    assert_eq!(stream.next().await, None);
}

/// Slows the write of the state down, which comes after the append to the feed.
async fn with_slow_state() -> (test_kit::TestApp, test_kit::Actor, Faults) {
    let faults = Faults::default();
    let (app, reporter) = server(Setup {
        faults: Some(faults.clone()),
        ..Setup::default()
    })
    .await;
    (app, reporter, faults)
}

#[tokio::test]
async fn who_hears_of_a_batch_can_read_it() {
    let (_app, reporter, faults) = with_slow_state().await;
    let mut stream = Frames::open(&reporter, "batches", None).await;
    stream.expect("hello").await;
    faults.push_times("TransactWriteItems", Fault::Throttle, 2);
    let (start, posted) = (batch_start("b"), reporter.clone());
    let posted = tokio::spawn(async move { posted.post("/api/events", &start).await.ok(200) });
    assert_eq!(stream.expect("batch_start").await.data["batch_id"], "b");
    reporter.get("/api/batches/b").await.ok(200);
    posted.await.expect("posted");
}

#[tokio::test]
async fn a_stream_that_opens_between_feed_and_state_misses_nothing() {
    let (app, reporter, faults) = with_slow_state().await;
    let begin = batch_start("b");
    reporter.post("/api/events", &begin).await.ok(200);
    let head = app.services.store.feed_head("b").await.expect("a head");
    faults.push_times("TransactWriteItems", Fault::Throttle, 2);
    let (done, posted) = (event("batch_done", "b", None, json!({})), reporter.clone());
    let posted = tokio::spawn(async move { posted.post("/api/events", &done).await.ok(200) });
    while app.services.store.feed_head("b").await.expect("a head") == head {
        tokio::task::yield_now().await;
    }
    let mut stream = Frames::open(&reporter, "batch:b", None).await;
    stream.expect("hello").await;
    stream.expect("batch_done").await;
    posted.await.expect("posted");
}

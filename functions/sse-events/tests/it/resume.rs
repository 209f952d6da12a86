//! Coming back with the last id.

use crate::frames::{Frames, server};
use serde_json::{Value, json};
use test_kit::Actor;
use test_kit::app::Setup;
use test_kit::build::{batch_start, epoch};

fn id_of(event: &Value) -> String {
    event["event_id"].as_str().expect("an id").to_owned()
}

async fn post(reporter: &Actor, events: &[Value]) {
    reporter
        .post("/api/events/batch", &json!({"events": events}))
        .await
        .ok(200);
}

#[tokio::test]
async fn exactly_what_was_missed_is_replayed_even_from_within_a_request() {
    let (_app, reporter) = server(Setup::default()).await;
    post(&reporter, &[batch_start("b")]).await;
    let mut stream = Frames::open(&reporter, "batch:b", None).await;
    stream.expect("hello").await;
    let first: Vec<Value> = (0..5).map(|i| epoch("b", "j", i, 0.5)).collect();
    let second: Vec<Value> = (5..8).map(|i| epoch("b", "j", i, 0.5)).collect();
    post(&reporter, &first).await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(stream.expect("job_epoch").await.id.expect("an id"));
    }
    drop(stream);
    post(&reporter, &second).await;
    for (told, id) in ids.iter().enumerate() {
        let mut again = Frames::open(&reporter, "batch:b", Some(id)).await;
        again.expect("hello").await;
        let missed: Vec<String> = first[told + 1..].iter().chain(&second).map(id_of).collect();
        assert_eq!(again.ids(missed.len()).await, missed, "after {told}");
    }
}

#[tokio::test]
async fn the_hello_of_an_idle_stream_is_a_place_to_come_back_to() {
    let (_app, reporter) = server(Setup::default()).await;
    post(&reporter, &[batch_start("b")]).await;
    let mut stream = Frames::open(&reporter, "batch:b,batches", None).await;
    let hello = stream.expect("hello").await.id.expect("an id");
    drop(stream);
    let missed = epoch("b", "j", 0, 0.5);
    let new = batch_start("new");
    post(&reporter, &[missed.clone(), new.clone()]).await;
    let mut again = Frames::open(&reporter, "batch:b,batches", Some(&hello)).await;
    again.expect("hello").await;
    let told: std::collections::BTreeSet<String> = again.ids(3).await.into_iter().collect();
    assert_eq!(told, [id_of(&missed), id_of(&new)].into());
}

#[tokio::test]
async fn how_a_batch_ended_is_told_to_who_was_away() {
    let (_app, reporter) = server(Setup::default()).await;
    post(&reporter, &[batch_start("b")]).await;
    let mut stream = Frames::open(&reporter, "batches", None).await;
    let hello = stream.expect("hello").await.id.expect("an id");
    drop(stream);
    let done = test_kit::build::event("batch_done", "b", None, json!({}));
    post(&reporter, std::slice::from_ref(&done)).await;
    let mut again = Frames::open(&reporter, "batches", Some(&hello)).await;
    again.expect("hello").await;
    assert_eq!(again.ids(1).await, [id_of(&done)]);
}

#[tokio::test]
async fn a_cursor_that_says_nothing_or_is_too_old_gets_a_resync() {
    let (_app, reporter) = server(Setup::default()).await;
    post(&reporter, &[batch_start("b")]).await;
    let mut stream = Frames::open(&reporter, "batch:b", Some("nonsense")).await;
    stream.expect("hello").await;
    let resync = stream.expect("resync").await;
    assert_eq!(resync.data["channels"], json!(["batch:b"]));
    let id = resync.id.expect("an id");
    drop(stream);
    // The resync itself is a good place to come back to.
    let missed = epoch("b", "j", 0, 0.5);
    post(&reporter, std::slice::from_ref(&missed)).await;
    let mut again = Frames::open(&reporter, "batch:b", Some(&id)).await;
    again.expect("hello").await;
    assert_eq!(again.ids(1).await, [id_of(&missed)]);
}

#[tokio::test]
async fn a_feed_that_expired_under_a_cursor_is_a_resync() {
    let (app, reporter) = server(Setup {
        manual_clock: true,
        ..Setup::default()
    })
    .await;
    post(&reporter, &[batch_start("b")]).await;
    let mut stream = Frames::open(&reporter, "batch:b", None).await;
    let old = stream.expect("hello").await.id.expect("an id");
    drop(stream);
    app.services.clock.advance(3 * 24 * 3600);
    post(&reporter, &[epoch("b", "j", 0, 0.5)]).await;
    let mut again = Frames::open(&reporter, "batch:b", Some(&old)).await;
    again.expect("hello").await;
    again.expect("resync").await;
}

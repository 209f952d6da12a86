//! Replays that die, race or are cut short.

use crate::setup::{Server, events, gzip, lines, zstd};
use domain::spill::State;
use s3_spill::{Outcome, notice, replay};
use serde_json::json;
use store::spills::object_key;

#[tokio::test]
async fn a_replay_goes_on_after_its_last_group() {
    let content = lines(&events(2600));
    for (name, file) in [
        ("a.jsonl", content.clone()),
        ("a.gz", gzip(&content)),
        ("a.zst", zstd(&content)),
    ] {
        let server = Server::new().await;
        let id = server.uploaded(name, &file).await;
        assert_eq!(server.replay_a_group(id).await, Outcome::Unfinished);
        let progress = server.progress(id).await;
        assert_eq!(
            (&progress["state"], &progress["lines_done"]),
            (&json!("replaying"), &json!(1000))
        );
        let unfinished = server.app.services.store.unfinished_spills(None).await;
        assert_eq!(unfinished.expect("read"), [id]);
        assert_eq!(server.replay(id).await, Outcome::Done);
        let progress = server.progress(id).await;
        assert_eq!(
            (&progress["accepted"], &progress["duplicate"]),
            (&json!(2601), &json!(0))
        );
        assert_eq!(progress["bytes_done"], content.len());
        assert_eq!(server.epochs().await, 2600);
        let unfinished = server.app.services.store.unfinished_spills(None).await;
        assert!(unfinished.expect("read").is_empty());
    }
}

#[tokio::test]
async fn a_group_whose_progress_was_lost_is_a_repeat() {
    let server = Server::new().await;
    let id = server.uploaded("a.jsonl", &lines(&events(1500))).await;
    let store = &server.app.services.store;
    let before = store.spill(id).await.expect("read").expect("there");
    server.replay_a_group(id).await;
    // As if the process had died after the events and before the progress.
    let mut after = store.spill(id).await.expect("read").expect("there");
    after.value = before.value;
    store.save_spill(&after).await.expect("saved");
    assert_eq!(server.replay(id).await, Outcome::Done);
    let progress = server.progress(id).await;
    assert_eq!(
        (&progress["accepted"], &progress["duplicate"]),
        (&json!(501), &json!(1000))
    );
    assert_eq!(server.epochs().await, 1500);
}

#[tokio::test]
async fn a_replay_that_is_dropped_anywhere_can_be_repeated() {
    let server = Server::new().await;
    let id = server.uploaded("a.gz", &gzip(&lines(&events(2500)))).await;
    for turns in [3, 30, 100, 300] {
        let work = replay(&server.app.services, &server.intake, id, None);
        let mut work = std::pin::pin!(work);
        for _ in 0..turns {
            let step = std::future::poll_fn(|context| {
                std::task::Poll::Ready(work.as_mut().poll(context).is_ready())
            });
            if step.await {
                break;
            }
            tokio::task::yield_now().await;
        }
    }
    assert_eq!(server.replay(id).await, Outcome::Done);
    assert_eq!(server.epochs().await, 2500);
}

#[tokio::test]
async fn two_at_once_store_nothing_twice() {
    let server = Server::new().await;
    let id = server.uploaded("a.jsonl", &lines(&events(2500))).await;
    let (one, two) = tokio::join!(server.replay(id), server.replay(id));
    assert!([one, two].contains(&Outcome::Done), "{one:?} {two:?}");
    assert_eq!(server.epochs().await, 2500);
}

#[tokio::test]
async fn another_upload_under_the_same_ticket_starts_over() {
    let server = Server::new().await;
    let content = lines(&events(5));
    let ticket = server.ticket("a.jsonl", &content).await;
    let id = ticket["id"].as_u64().expect("an id");
    let garbage = vec![b'z'; content.len()];
    assert_eq!(server.app.upload(&ticket, &garbage).await, 200);
    assert_eq!(server.replay(id).await, Outcome::Done);
    assert_eq!(server.progress(id).await["rejected"], 1);
    assert_eq!(server.app.upload(&ticket, &content).await, 200);
    let spill = server
        .app
        .services
        .store
        .spill(id)
        .await
        .expect("read")
        .expect("there")
        .value;
    assert_eq!(spill.state, State::Done);
    let told = json!({"detail": {"object": {"key": object_key(&spill)}}});
    for id in notice::spills(&told) {
        assert_eq!(server.replay(id).await, Outcome::Done);
    }
    let progress = server.progress(id).await;
    assert_eq!(
        (&progress["accepted"], &progress["rejected"]),
        (&json!(6), &json!(0))
    );
}

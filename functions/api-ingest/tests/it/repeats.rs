//! Exactly once: repeats within a request, across requests, and at the same instant.

use crate::setup::{epochs, post, server};
use serde_json::{Value, json};
use test_kit::build::{batch_start, epoch, event};

#[tokio::test]
async fn a_repeat_is_answered_with_the_first_row_and_does_nothing() {
    let (_app, reporter) = server().await;
    for sent in [
        batch_start("b"),
        epoch("b", "j", 0, 0.1),
        event("log_line", "b", None, json!({"line": "x"})),
    ] {
        let first = reporter.post("/api/events", &sent).await.ok(200);
        let again = reporter.post("/api/events", &sent).await.ok(200);
        assert_eq!(first["deduplicated"], false);
        assert_eq!(again["deduplicated"], true);
        assert_eq!(first["event_id"], again["event_id"]);
    }
    assert_eq!(epochs(&reporter, "b", "j").await, [0]);
}

#[tokio::test]
async fn a_repeat_with_a_broken_payload_is_still_a_repeat() {
    let (_app, reporter) = server().await;
    let mut sent = epoch("b", "j", 0, 0.1);
    reporter.post("/api/events", &sent).await.ok(200);
    sent["data"] = json!({"epoch": "nonsense"});
    assert_eq!(
        reporter.post("/api/events", &sent).await.ok(200)["deduplicated"],
        true
    );
}

#[tokio::test]
async fn the_same_events_from_many_senders_at_once_are_stored_once() {
    let (_app, reporter) = server().await;
    let mut events = vec![
        batch_start("b"),
        event("job_start", "b", Some("j"), json!({})),
    ];
    events.extend((0..50).map(|i| epoch("b", "j", i, 0.5)));
    events.push(event("job_done", "b", Some("j"), json!({})));
    let sends = (0..12).map(|_| {
        let (reporter, events) = (reporter.clone(), events.clone());
        tokio::spawn(async move { post(&reporter, &events).await.ok(200) })
    });
    let mut accepted = 0;
    for send in sends.collect::<Vec<_>>() {
        let body = send.await.expect("joined");
        assert_eq!(body["rejected"], 0);
        let rows = body["results"].as_array().expect("rows").clone();
        accepted += rows.iter().filter(|r| r["status"] == "accepted").count();
    }
    assert_eq!(accepted, events.len());
    assert_eq!(
        epochs(&reporter, "b", "j").await,
        (0..50).collect::<Vec<_>>()
    );
    assert_eq!(reporter.get("/api/batches/b").await.ok(200)["n_done"], 1);
}

#[tokio::test]
async fn concurrent_requests_for_one_batch_all_arrive() {
    let (_app, reporter) = server().await;
    let sends: Vec<_> = (0..64)
        .map(|i| {
            let reporter = reporter.clone();
            tokio::spawn(async move {
                let job = format!("j{}", i % 4);
                let events: Vec<Value> = (0..10)
                    .map(|e| epoch("b", &job, (i / 4) * 10 + e, 0.5))
                    .collect();
                post(&reporter, &events).await.ok(200)["accepted"].as_u64()
            })
        })
        .collect();
    for send in sends {
        assert_eq!(send.await.expect("joined"), Some(10));
    }
    for job in ["j0", "j1", "j2", "j3"] {
        let mut all = epochs(&reporter, "b", job).await;
        all.sort_unstable();
        assert_eq!(all, (0..160).collect::<Vec<_>>(), "{job}");
    }
}

//! What AWS does to a request: throttling, conflicts, lost replies, a full disk.

use crate::setup::{epochs, post, server_with};
use engine_dynamodb::{Fault, Faults};
use serde_json::{Value, json};
use test_kit::Actor;
use test_kit::app::Setup;
use test_kit::build::{batch_start, epoch, event};

fn run() -> Vec<Value> {
    let mut events = vec![
        batch_start("b"),
        event("job_start", "b", Some("j"), json!({})),
    ];
    events.extend((0..20).map(|i| epoch("b", "j", i, 0.5)));
    events.push(event("job_done", "b", Some("j"), json!({})));
    events
}

async fn server() -> (test_kit::TestApp, Actor, Faults) {
    let faults = Faults::default();
    let (app, reporter) = server_with(Setup {
        faults: Some(faults.clone()),
        ..Setup::default()
    })
    .await;
    (app, reporter, faults)
}

async fn assert_whole(reporter: &Actor) {
    assert_eq!(
        epochs(reporter, "b", "j").await,
        (0..20).collect::<Vec<i64>>()
    );
    let batch = reporter.get("/api/batches/b").await.ok(200);
    assert_eq!(
        (&batch["n_done"], &batch["status"]),
        (&json!(1), &json!("running"))
    );
}

#[tokio::test]
async fn passing_faults_are_not_noticed() {
    for (operation, fault) in [
        ("PutItem", Fault::Throttle),
        ("TransactWriteItems", Fault::Throttle),
        ("PutItem", Fault::LostReply),
        ("TransactWriteItems", Fault::LostReply),
    ] {
        let (_app, reporter, faults) = server().await;
        faults.push(operation, fault.clone());
        post(&reporter, &run()).await.ok(200);
        assert_eq!(faults.pending(), 0, "{operation} {fault:?}");
        assert_whole(&reporter).await;
    }
}

#[tokio::test]
async fn lasting_faults_answer_503_and_a_repeat_completes_the_work() {
    for (operation, fault, skip, code) in [
        ("PutItem", Fault::Throttle, 0, "storage_busy"),
        ("PutItem", Fault::DiskFull, 0, "storage_full"),
        ("PutItem", Fault::DiskFull, 1, "storage_full"),
        ("TransactWriteItems", Fault::DiskFull, 0, "storage_full"),
        (
            "TransactWriteItems",
            Fault::Conflict { position: 0 },
            0,
            "storage_busy",
        ),
        ("GetItem", Fault::Throttle, 0, "storage_busy"),
    ] {
        let (_app, reporter, faults) = server().await;
        let events = run();
        // The credential is looked up once, before the fault.
        reporter.get("/api/batches").await.ok(200);
        faults.push_times(operation, Fault::Pass, skip);
        faults.push_times(operation, fault.clone(), 1000);
        let refused = post(&reporter, &events).await;
        assert_eq!(refused.refused(503), code, "{operation} {fault:?}");
        assert!(refused.headers.contains_key("retry-after"));
        faults.clear();
        let body = post(&reporter, &events).await.ok(200);
        assert_eq!(body["rejected"], 0, "{operation} {fault:?}");
        assert_whole(&reporter).await;
    }
}

#[tokio::test]
async fn unprocessed_keys_and_short_pages_are_followed() {
    let (_app, reporter, faults) = server().await;
    post(&reporter, &run()).await.ok(200);
    faults.push_times("BatchGetItem", Fault::Unprocessed { processed: 0 }, 2);
    faults.push_times("Query", Fault::ShortPage(1), 200);
    let more: Vec<Value> = (0..3).map(|i| epoch("b", "other", i, 0.1)).collect();
    post(&reporter, &more).await.ok(200);
    assert_eq!(epochs(&reporter, "b", "other").await, [0, 1, 2]);
    assert_eq!(
        reporter
            .get("/api/batches")
            .await
            .ok(200)
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    assert_whole(&reporter).await;
}

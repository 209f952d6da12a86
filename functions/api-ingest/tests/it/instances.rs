//! Several instances on one table, as Lambda runs them: no shared memory, only conditions.

use crate::setup::{epochs, post, routes, server_with};
use serde_json::{Value, json};
use test_kit::app::Setup;
use test_kit::build::{batch_start, epoch, event};

fn shared() -> Setup {
    Setup {
        shared: true,
        ..Setup::default()
    }
}

#[tokio::test]
async fn a_repeat_at_another_instance_is_recognised() {
    let (app, reporter) = server_with(shared()).await;
    let other = app.sibling(routes(), &shared()).bearer(reporter.secret());
    for sent in [batch_start("b"), epoch("b", "j", 0, 0.1)] {
        let first = reporter.post("/api/events", &sent).await.ok(200);
        let again = other.post("/api/events", &sent).await.ok(200);
        assert_eq!(
            (&again["deduplicated"], &again["event_id"]),
            (&json!(true), &first["event_id"])
        );
    }
}

#[tokio::test]
async fn racing_instances_lose_nothing_and_count_right() {
    let (app, reporter) = server_with(shared()).await;
    reporter
        .post("/api/events", &batch_start("b"))
        .await
        .ok(200);
    let mut sends = Vec::new();
    for i in 0..6 {
        let actor = app.sibling(routes(), &shared()).bearer(reporter.secret());
        sends.push(tokio::spawn(async move {
            let job = format!("j{i}");
            let mut events = vec![event("job_start", "b", Some(&job), json!({}))];
            events.extend((0..20).map(|e| epoch("b", &job, e, 0.5)));
            events.push(event("job_done", "b", Some(&job), json!({})));
            for part in events.chunks(5) {
                // What a client does on 503: the same request again.
                let mut reply = post(&actor, part).await;
                for _ in 0..20 {
                    if reply.status != 503 {
                        break;
                    }
                    reply = post(&actor, part).await;
                }
                assert_eq!(reply.ok(200)["rejected"], 0);
            }
        }));
    }
    for send in sends {
        send.await.expect("joined");
    }
    assert_eq!(reporter.get("/api/batches/b").await.ok(200)["n_done"], 6);
    for i in 0..6 {
        assert_eq!(
            epochs(&reporter, "b", &format!("j{i}")).await,
            (0..20).collect::<Vec<i64>>()
        );
    }
    let feed = app
        .services
        .store
        .read_feed("b", 0, 1000)
        .await
        .expect("feed");
    assert!(
        feed.windows(2).all(|w| w[1].seq == w[0].seq + 1),
        "the feed has no gap"
    );
    let told: std::collections::HashSet<Value> = feed
        .iter()
        .flat_map(|item| &item.events)
        .filter_map(|e| e.event_id.clone().map(Value::from))
        .collect();
    assert_eq!(told.len(), 1 + 6 * 22);
}

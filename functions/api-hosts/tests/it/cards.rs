//! How hosts are doing right now.

use crate::setup::{admin, cursor, post, reporter, server, snapshot, start};
use serde_json::{Value, json};
use test_kit::app::START;
use test_kit::build::event;

fn names(cards: &Value) -> Vec<String> {
    let cards = cards.as_array().expect("a list");
    let name = |card: &Value| card["host"].as_str().expect("a name").to_owned();
    cards.iter().map(name).collect()
}

#[tokio::test]
async fn a_card_shows_the_newest_gauges_and_what_runs() {
    let app = server().await;
    let alice = reporter(&app, "alice").await;
    let gpus = json!([{"index": 0, "util_pct": 40, "temp_c": 60}, {"index": 1, "util_pct": 60}]);
    let old = snapshot("a", "vm", START, json!({"cpu_util_pct": 1}));
    let new = snapshot("a", "vm", START, json!({"cpu_util_pct": 2, "gpus": gpus}));
    let events = [
        start("a", "vm"),
        start("b", "vm"),
        start("c", "vm"),
        old,
        new,
    ];
    for event in events {
        alice.post("/api/events", &event).await.ok(200);
    }
    let mut done = event("batch_done", "b", None, json!({}));
    done["source"]["host"] = json!("vm");
    alice.post("/api/events", &done).await.ok(200);
    let cards = alice.get("/api/hosts").await.ok(200);
    let card = &cards[0];
    assert_eq!(names(&cards), ["vm"]);
    assert_eq!(card["last_seen"], START.to_text());
    assert_eq!(card["online"], true);
    assert_eq!(card["cpu_util_pct"], 2.0);
    assert_eq!(card["gpu_util_pct"], 50.0);
    assert_eq!(card["gpu_temp_c"], 60.0);
    assert_eq!(card["ram_mb"], Value::Null);
    assert_eq!(card["gpus"][1]["index"], 1);
    let running = |batch| json!({"batch_id": batch, "project": "proj", "status": "running"});
    assert_eq!(card["active_batches"], json!([running("a"), running("c")]));
}

#[tokio::test]
async fn a_silent_host_goes_offline_and_comes_back() {
    let app = server().await;
    let alice = reporter(&app, "alice").await;
    post(&alice, &[snapshot("a", "vm", START, json!({}))]).await;
    let online = async || alice.get("/api/hosts").await.ok(200)[0]["online"].clone();
    app.services.clock.advance(300);
    assert_eq!(online().await, true);
    app.services.clock.advance(1);
    assert_eq!(online().await, false);
    post(&alice, &[snapshot("a", "vm", START, json!({}))]).await;
    assert_eq!(online().await, true);
}

#[tokio::test]
async fn cards_are_paged_by_name() {
    let app = server().await;
    let alice = reporter(&app, "alice").await;
    let hosts = ["c", "a#1", "b", "a"];
    let events: Vec<Value> = hosts
        .iter()
        .map(|host| snapshot("x", host, START, json!({})))
        .collect();
    post(&alice, &events).await;
    let first = alice.get("/api/hosts?limit=3").await;
    assert_eq!(names(&first.ok(200)), ["a", "a#1", "b"]);
    let next = cursor(&first).expect("there is more");
    let second = alice
        .get(&format!("/api/hosts?limit=3&cursor={next}"))
        .await;
    assert_eq!(names(&second.ok(200)), ["c"]);
    assert_eq!(cursor(&second), None);
    assert_eq!(cursor(&alice.get("/api/hosts?limit=4").await), None);
    for query in ["limit=0", "limit=501", "cursor=!"] {
        let reply = alice.get(&format!("/api/hosts?{query}")).await;
        assert_eq!(reply.status, 422, "{query}");
    }
}

#[tokio::test]
async fn a_host_of_two_people_is_one_card_for_administrators() {
    let app = server().await;
    let alice = reporter(&app, "alice").await;
    let bob = reporter(&app, "bob").await;
    let root = admin(&app).await;
    let gauge = |value| json!({"cpu_util_pct": value});
    post(
        &alice,
        &[start("a", "vm"), snapshot("a", "vm", START, gauge(1))],
    )
    .await;
    app.services.clock.advance(5);
    post(
        &bob,
        &[start("b", "vm"), snapshot("b", "vm", START, gauge(2))],
    )
    .await;
    let card = async |who: &test_kit::Actor| {
        let cards = who.get("/api/hosts").await.ok(200);
        assert_eq!(names(&cards), ["vm"]);
        let batches = cards[0]["active_batches"].as_array().map(Vec::len);
        (cards[0]["cpu_util_pct"].as_f64(), batches)
    };
    assert_eq!(card(&alice).await, (Some(1.0), Some(1)));
    assert_eq!(card(&bob).await, (Some(2.0), Some(1)));
    assert_eq!(card(&root).await, (Some(2.0), Some(2)));
}

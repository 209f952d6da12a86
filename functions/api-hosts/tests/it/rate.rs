//! What an hour of a host costs, and what the batches on it come to.

use crate::setup::{admin, post, reporter, server, snapshot, start};
use axum::http::Method;
use serde_json::{Value, json};
use test_kit::app::START;
use test_kit::build::event;
use test_kit::{Actor, Reply, TestApp};

async fn set(actor: &Actor, host: &str, body: &Value) -> Reply {
    let call = actor.call(Method::PUT, &format!("/api/hosts/{host}/rate"));
    call.json(body).send().await
}

/// A batch of two hours on `vm`, whose GPUs were read four times, once in use.
async fn ran(app: &TestApp, reporter: &Actor, batch: &str) {
    let gpus = |first, second| json!({"gpus": [{"index": 0, "util_pct": first}, {"index": 1, "util_pct": second}]});
    let mut done = event("batch_done", batch, None, json!({}));
    let mut begin = start(batch, "vm");
    begin["timestamp"] = json!(START.to_text());
    done["timestamp"] = json!(START.plus_secs(7200).to_text());
    let events = [
        begin,
        snapshot(batch, "vm", START, gpus(0, 1)),
        snapshot(batch, "vm", START.plus_secs(30), gpus(95, 2)),
        done,
    ];
    post(reporter, &events).await;
    app.services.clock.advance(1);
}

#[tokio::test]
async fn a_batch_costs_what_its_host_costs_an_hour() {
    let app = server().await;
    let alice = reporter(&app, "alice").await;
    ran(&app, &alice, "a").await;
    let usage = alice.get("/api/batches/a/usage").await.ok(200);
    assert_eq!(
        (
            &usage["host_hours"],
            &usage["gpu_cost_usd"],
            &usage["gpu_idle_share"]
        ),
        (&json!(2.0), &Value::Null, &json!(0.75))
    );
    let told = set(&alice, "vm", &json!({"hourly_usd": 1.5})).await.ok(200);
    assert_eq!(told, json!({"host": "vm", "hourly_usd": 1.5}));
    let usage = alice.get("/api/batches/a/usage").await.ok(200);
    assert_eq!(usage["gpu_cost_usd"], 3.0);
    // Snapshots that come again are no new readings.
    let again = snapshot("a", "vm", START, json!({"gpu_util_pct": 50}));
    for _ in 0..2 {
        post(&alice, std::slice::from_ref(&again)).await;
    }
    app.services.clock.advance(60);
    post(&alice, &[event("batch_done", "a", None, json!({}))]).await;
    let usage = alice.get("/api/batches/a/usage").await.ok(200);
    assert_eq!(usage["gpu_idle_share"], 0.6);
}

#[tokio::test]
async fn an_administrator_says_for_everybody_who_said_nothing() {
    let app = server().await;
    let (alice, bob) = (reporter(&app, "alice").await, reporter(&app, "bob").await);
    let admin = admin(&app).await;
    ran(&app, &alice, "a").await;
    ran(&app, &bob, "b").await;
    set(&alice, "vm", &json!({"hourly_usd": 1.0})).await.ok(200);
    let all = json!({"hourly_usd": 4.0, "everybody": true});
    set(&bob, "vm", &all).await.ok(403);
    set(&admin, "vm", &all).await.ok(200);
    let cost = async |who: &Actor, batch: &str| {
        let usage = who
            .get(&format!("/api/batches/{batch}/usage"))
            .await
            .ok(200);
        usage["gpu_cost_usd"].clone()
    };
    assert_eq!(
        (cost(&alice, "a").await, cost(&bob, "b").await),
        (json!(2.0), json!(8.0))
    );
    set(&alice, "vm", &json!({"hourly_usd": null}))
        .await
        .ok(200);
    assert_eq!(cost(&alice, "a").await, 8.0);
    let shown = alice.get("/api/hosts/vm/rate").await.ok(200);
    assert_eq!(shown["hourly_usd"], 4.0);
}

#[tokio::test]
async fn rates_are_numbers_of_known_hosts() {
    let app = server().await;
    let alice = reporter(&app, "alice").await;
    ran(&app, &alice, "a").await;
    for bad in [
        json!({"hourly_usd": -1}),
        json!({"hourly_usd": 10_001}),
        json!({"hourly": 1}),
    ] {
        set(&alice, "vm", &bad).await.ok(422);
    }
    set(&alice, "other", &json!({"hourly_usd": 1}))
        .await
        .ok(404);
    let bob = reporter(&app, "bob").await;
    bob.get("/api/hosts/vm/rate").await.ok(404);
}

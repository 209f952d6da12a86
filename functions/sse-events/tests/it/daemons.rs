//! What streams say about agents and watchdogs.

use crate::frames::{Frames, routes, server};
use axum::http::StatusCode;
use domain::account::TokenScope;
use serde_json::{Value, json};
use test_kit::app::Setup;
use test_kit::build::{batch_start, event};
use test_kit::{Actor, TestApp};

async fn register(app: &TestApp, owner: &Actor, body: &Value) -> (String, Actor) {
    let made = owner.post("/api/agents/register", body).await.ok(201);
    let token = made["agent_token"].as_str().expect("a token");
    let id = made["agent_id"].as_str().expect("an id").to_owned();
    (id, app.bearer(token))
}

fn holding(state: &str) -> Value {
    json!({"runs": [{"cmd_id": "c", "batch_id": "b", "pid": 7, "state": state}]})
}

#[tokio::test]
async fn owners_hear_of_their_agents_and_nobody_else() {
    let (app, alice) = server(Setup::default()).await;
    let bob = app.user("bob", false).await;
    let bob = app.token(&bob, TokenScope::Reporter).await;
    let mut own = Frames::open(&alice, "agents", None).await;
    own.expect("hello").await;
    let mut foreign = Frames::open(&bob, "agents", None).await;
    foreign.expect("hello").await;

    let (id, agent) = register(&app, &alice, &json!({"hostname": "vm"})).await;
    let frame = own.expect("agents_changed").await;
    assert_eq!((frame.id, &frame.data["channel"]), (None, &json!("agents")));
    let beat = format!("/api/agents/{id}/heartbeat");
    agent.post(&beat, &holding("running")).await.ok(204);
    own.expect("agents_changed").await;
    // The same again is no news; the next word is.
    agent.post(&beat, &holding("running")).await.ok(204);
    agent.post(&beat, &holding("stopping")).await.ok(204);
    own.expect("agents_changed").await;
    let revoked = alice.call(axum::http::Method::DELETE, &format!("/api/agents/{id}"));
    assert_eq!(revoked.send().await.status, StatusCode::NO_CONTENT);
    own.expect("agents_changed").await;

    // Of all that bob heard nothing: the first he hears of is his own.
    register(&app, &bob, &json!({"hostname": "vm"})).await;
    foreign.expect("agents_changed").await;
}

#[tokio::test]
async fn going_silent_is_news_although_nobody_brings_it() {
    let setup = || Setup {
        shared: true,
        manual_clock: true,
        variables: vec![("ARGUS_FEED_POLL_MS", "20".to_owned())],
        ..Setup::default()
    };
    let (app, alice) = server(setup()).await;
    register(&app, &alice, &json!({"hostname": "vm"})).await;
    let elsewhere = app.sibling(routes(), &setup());
    let mut stream = Frames::open(&elsewhere.bearer(alice.secret()), "agents", None).await;
    stream.expect("hello").await;
    elsewhere.services.clock.advance(600);
    stream.expect("agents_changed").await;
}

#[tokio::test]
async fn a_host_is_followed_by_those_who_know_it() {
    let (app, alice) = server(Setup::default()).await;
    let mut begin = batch_start("b");
    begin["source"]["host"] = json!("vm");
    alice.post("/api/events", &begin).await.ok(200);
    let mut seen = event("resource_snapshot", "b", None, json!({"cpu_util_pct": 1.0}));
    seen["source"]["host"] = json!("vm");
    alice.post("/api/events", &seen).await.ok(200);
    let bob = app.user("bob", false).await;
    let bob = app.token(&bob, TokenScope::Reporter).await;
    let refused = bob.get("/api/sse?channels=host:vm").await;
    assert_eq!(refused.refused(404), "host_not_found");

    let mut stream = Frames::open(&alice, "host:vm", None).await;
    stream.expect("hello").await;
    let place = json!({"hostname": "vm", "instance": "dog", "capabilities": ["watchdog"]});
    let life = json!({"host": "vm", "version": "1", "cycle": {}, "mode": "live"});
    // Bob's watchdog claims her host: she does not believe it, so it is no news.
    let (_, liar) = register(&app, &bob, &place).await;
    liar.post("/api/watchdog/heartbeat", &life).await.ok(204);
    let (_, dog) = register(&app, &alice, &place).await;
    dog.post("/api/watchdog/heartbeat", &life).await.ok(204);
    assert_eq!(
        stream.expect("host_changed").await.data["channel"],
        "host:vm"
    );
    let list = alice.get("/api/hosts/vm/watchdog").await.ok(200);
    assert_eq!(list["items"].as_array().map(Vec::len), Some(1));
}

//! Names and snapshots of hosts.

use crate::setup::{admin, cursor, ids, post, reporter, server, snapshot, start};
use domain::account::TokenScope;
use serde_json::{Value, json};
use test_kit::TestApp;
use test_kit::app::START;

#[tokio::test]
async fn snapshots_come_newest_first_with_all_gauges() {
    let app = server().await;
    let alice = reporter(&app, "alice").await;
    let data = json!({
        "gpu_util_pct": "50", "gpu_mem_mb": 1, "gpu_mem_total_mb": 2, "gpu_temp_c": 3,
        "cpu_util_pct": 4, "ram_mb": 5, "ram_total_mb": 6, "disk_free_mb": 7, "disk_total_mb": "NaN",
    });
    let first = snapshot("b", "vm", START, data);
    let second = snapshot("b", "vm", START.plus_secs(1), json!({}));
    let rows = post(&alice, &[start("b", "vm"), first, second]).await;
    let listed = alice.get("/api/resources").await.ok(200);
    assert_eq!(ids(&listed), [rows[2], rows[1]]);
    let expected = json!({
        "id": rows[1], "host": "vm", "timestamp": START.to_text(),
        "gpu_util_pct": 50.0, "gpu_mem_mb": 1.0, "gpu_mem_total_mb": 2.0, "gpu_temp_c": 3.0,
        "cpu_util_pct": 4.0, "ram_mb": 5.0, "ram_total_mb": 6.0, "disk_free_mb": 7.0,
        "disk_total_mb": null, "gpus": [],
    });
    assert_eq!(listed[1], expected);
    assert_eq!(listed[0]["gpu_util_pct"], Value::Null);
}

#[tokio::test]
async fn hosts_of_one_request_are_told_apart_and_repeats_are_known() {
    let app = server().await;
    let alice = reporter(&app, "alice").await;
    let mut events: Vec<Value> = ["x", "y", "x", "y#1"]
        .iter()
        .map(|host| snapshot("b", host, START, json!({})))
        .collect();
    // The payload's host counts where the envelope has none.
    events.push(snapshot("b", "", START, json!({"host": "z"})));
    events.push(snapshot("b", "", START, json!({"host": 1})));
    let rows = post(&alice, &events).await;
    let names = alice.get("/api/resources/hosts").await.ok(200);
    assert_eq!(names, json!(["unknown", "x", "y", "y#1", "z"]));
    let of = async |host: &str| {
        let path = format!("/api/resources?host={host}");
        ids(&alice.get(&path).await.ok(200))
    };
    assert_eq!(of("x").await, [rows[2], rows[0]]);
    assert_eq!(of("y").await, [rows[1]]);
    assert_eq!(of("y%231").await, [rows[3]]);
    assert_eq!(of("z").await, [rows[4]]);
    assert_eq!(of("unknown").await, [rows[5]]);
    assert_eq!(of("nowhere").await, [0; 0]);
    let mut moved = events[0].clone();
    moved["source"]["host"] = json!("elsewhere");
    let again = json!({"events": [events[1], moved]});
    let again = alice.post("/api/events/batch", &again).await.ok(200);
    for (i, row) in [(0, rows[1]), (1, rows[0])] {
        assert_eq!(again["results"][i]["status"], "deduplicated", "{again}");
        assert_eq!(again["results"][i]["db_id"], row);
    }
}

/// Snapshots of twenty hosts; their row ids, newest first.
async fn many_hosts(app: &TestApp, posts: usize) -> Vec<u64> {
    let alice = reporter(app, "alice").await;
    let mut rows = vec![];
    for round in 0..posts {
        // Each round leaves other hosts out, so that sources end and lag at different places.
        let hosts = (0..20).filter(|host| host % (round + 1) == 0);
        let one = |host: usize| {
            let at = app.services.clock.now();
            let name = format!("host-{host}");
            [0, 1].map(|_| snapshot("b", &name, at, json!({})))
        };
        let events: Vec<Value> = hosts.flat_map(one).collect();
        rows.extend(post(&alice, &events).await);
        app.services.clock.advance(60);
    }
    rows.sort_by_key(|id| std::cmp::Reverse(*id));
    rows
}

#[tokio::test]
async fn pages_of_many_hosts_make_one_list() {
    let app = server().await;
    let rows = many_hosts(&app, 6).await;
    let alice = app.services.store.user_by_name("alice").await;
    let alice = alice.expect("read").expect("exists").value;
    let alice = app.token(&alice, TokenScope::Viewer).await;
    for limit in [1, 7, rows.len() - 1, rows.len(), 5000] {
        let mut found = vec![];
        let mut path = format!("/api/resources?limit={limit}");
        loop {
            let reply = alice.get(&path).await;
            let page = ids(&reply.ok(200));
            assert!(page.len() <= limit);
            found.extend(page);
            let Some(cursor) = cursor(&reply) else { break };
            path = format!("/api/resources?limit={limit}&cursor={cursor}");
        }
        assert_eq!(found, rows, "limit {limit}");
    }
    // Posts are a minute apart; the last but one starts here.
    let since = START.plus_secs(4 * 60).to_text();
    let recent = alice.get(&format!("/api/resources?since={since}")).await;
    assert_eq!(ids(&recent.ok(200)), rows[..16]);
}

#[tokio::test]
async fn since_compares_instants_of_the_client() {
    let app = server().await;
    let alice = reporter(&app, "alice").await;
    let at = |secs| snapshot("b", "vm", START.plus_secs(secs), json!({}));
    // The last one is what an offline reporter catches up with.
    let rows = post(&alice, &[at(0), at(10), at(20), at(-5000)]).await;
    let get = async |since: &str| {
        let path = format!("/api/resources?host=vm&since={since}");
        ids(&alice.get(&path).await.ok(200))
    };
    let text = START.plus_secs(10).to_text();
    assert_eq!(get(&text).await, [rows[2], rows[1]]);
    let shifted = text.replace('Z', "%2B00:00");
    assert_eq!(get(&shifted).await, [rows[2], rows[1]]);
    assert_eq!(get("").await.len(), 4);
    assert_eq!(get("2999-01-01T00:00:00Z").await, [0; 0]);
    assert_eq!(get("1970-01-01T00:00:00Z").await.len(), 4);
}

#[tokio::test]
async fn bad_parameters_are_refused() {
    let app = server().await;
    let alice = reporter(&app, "alice").await;
    for (query, code) in [
        ("limit=0", "validation"),
        ("limit=5001", "validation"),
        ("limit=x", "validation"),
        ("since=yesterday", "validation"),
        ("cursor=!", "cursor_invalid"),
        ("cursor=eA", "cursor_invalid"),
    ] {
        let reply = alice.get(&format!("/api/resources?{query}")).await;
        assert_eq!(reply.refused(422), code, "{query}");
    }
    let anonymous = app.anonymous();
    for path in ["/api/resources", "/api/resources/hosts", "/api/hosts"] {
        assert_eq!(anonymous.get(path).await.refused(401), "auth_required");
    }
}

#[tokio::test]
async fn strangers_see_nothing_and_administrators_everything() {
    let app = server().await;
    let alice = reporter(&app, "alice").await;
    let bob = reporter(&app, "bob").await;
    let root = admin(&app).await;
    let hers = post(
        &alice,
        &[start("a", "vm"), snapshot("a", "vm", START, json!({}))],
    )
    .await;
    let his = post(
        &bob,
        &[start("b", "vm"), snapshot("b", "vm", START, json!({}))],
    )
    .await;
    // Whoever reports into a batch does so for its owner.
    let helped = post(&root, &[snapshot("a", "big", START, json!({}))]).await;
    let list = async |who: &test_kit::Actor| {
        let names = who.get("/api/resources/hosts").await.ok(200);
        let rows = ids(&who.get("/api/resources").await.ok(200));
        (names, rows)
    };
    let expected = (json!(["big", "vm"]), vec![helped[0], hers[1]]);
    assert_eq!(list(&alice).await, expected);
    assert_eq!(list(&bob).await, (json!(["vm"]), vec![his[1]]));
    let all = vec![helped[0], his[1], hers[1]];
    assert_eq!(list(&root).await, (json!(["big", "vm"]), all));
    let carol = reporter(&app, "carol").await;
    assert_eq!(list(&carol).await, (json!([]), vec![]));
    let path = "/api/resources?host=vm";
    assert_eq!(carol.get(path).await.ok(200), json!([]));
    assert_eq!(ids(&root.get(path).await.ok(200)), [his[1], hers[1]]);
}

#[tokio::test]
async fn endless_host_names_are_cut() {
    let app = server().await;
    let alice = reporter(&app, "alice").await;
    let name = "\u{1F600}".repeat(150_000);
    let rows = post(&alice, &[snapshot("b", &name, START, json!({}))]).await;
    let names = alice.get("/api/resources/hosts").await.ok(200);
    assert_eq!(names, json!(["\u{1F600}".repeat(256)]));
    let listed = alice.get("/api/resources").await.ok(200);
    assert_eq!(ids(&listed), rows);
}

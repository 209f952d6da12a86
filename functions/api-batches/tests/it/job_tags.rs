//! Labels of jobs.

use crate::sample::{post, server};
use serde_json::{Value, json};
use test_kit::build::{batch_start, event};

fn start(job: &str, tags: Value) -> Value {
    event(
        "job_start",
        "b",
        Some(job),
        json!({"model": "m", "tags": tags}),
    )
}

#[tokio::test]
async fn jobs_keep_their_labels_and_are_found_by_them() {
    let (_app, owner) = server().await;
    let events = [
        batch_start("b"),
        start("x", json!([" fast", "small", "fast"])),
        start("y", json!(["small"])),
        start("z", json!(null)),
    ];
    post(&owner, &events).await;
    let tags = json!({"tags": ["paper"]});
    owner.patch("/api/batches/b", &tags).await.ok(200);
    let job = async |id: &str| owner.get(&format!("/api/jobs/b/{id}")).await.ok(200);
    assert_eq!(job("x").await["tags"], json!(["fast", "small"]));
    assert_eq!(job("x").await["extra"], json!({}));
    assert_eq!(job("z").await["tags"], json!([]));
    for (query, expected) in [
        ("tags=small", vec!["x", "y"]),
        ("tags=small,fast", vec!["x"]),
        ("tags=paper,small", vec!["x", "y"]),
        ("tags=paper", vec!["x", "y", "z"]),
        ("tags=slow", vec![]),
        ("q=tag:fast", vec!["x"]),
        ("q=tag:small+-tag:fast", vec!["y"]),
        ("q=tag:paper+tag:fast", vec!["x"]),
        ("text=FAST", vec!["x"]),
    ] {
        let listed = owner.get(&format!("/api/jobs?{query}")).await.ok(200);
        let items = listed["items"].as_array().expect("items").iter();
        let mut ids: Vec<&str> = items
            .filter_map(|item| item["job"]["id"].as_str())
            .collect();
        ids.sort_unstable();
        assert_eq!(ids, expected, "{query}");
    }
    // Batches are found by their own labels only.
    for (query, found) in [("tag=paper", 1), ("tag=fast", 0), ("q=tag:fast", 0)] {
        let listed = owner.get(&format!("/api/batches?{query}")).await.ok(200);
        assert_eq!(listed.as_array().map(Vec::len), Some(found), "{query}");
    }
}

#[tokio::test]
async fn a_relaunch_replaces_labels_only_when_it_names_some() {
    let (_app, owner) = server().await;
    post(&owner, &[batch_start("b"), start("x", json!(["a"]))]).await;
    for (tags, expected) in [
        (json!([]), json!(["a"])),
        (json!(null), json!(["a"])),
        (json!(["b", "c"]), json!(["b", "c"])),
    ] {
        post(&owner, &[start("x", tags)]).await;
        let job = owner.get("/api/jobs/b/x").await.ok(200);
        assert_eq!(job["tags"], expected);
    }
}

#[tokio::test]
async fn labels_are_bounded() {
    let (_app, owner) = server().await;
    let many: Vec<String> = (0..33).map(|i| i.to_string()).collect();
    for tags in [
        json!("a"),
        json!([1]),
        json!(["a,b"]),
        json!(["x".repeat(65)]),
        json!(many),
    ] {
        let refused = owner.post("/api/events", &start("x", tags)).await;
        assert_eq!(refused.refused(422), "event_invalid");
    }
}

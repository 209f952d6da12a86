//! Filters, the query language, cursors, and the list of all jobs.

use crate::sample::{at, done_job, ids, post, server};
use serde_json::{Value, json};
use test_kit::build::{batch_start, event};
use test_kit::{Actor, TestApp};

/// `a` (demo, gpu-1) has jobs patchtst 0.3 and dlinear 0.5, `b` (demo, cpu) failed, `c` is other's.
async fn three() -> (TestApp, Actor) {
    let (app, reporter) = server().await;
    let mut events = vec![
        at(0, batch_start("a"), "demo", "gpu-1"),
        at(60, batch_start("b"), "demo", "cpu"),
        at(120, batch_start("c"), "other", "gpu-2"),
        at(
            130,
            event("batch_failed", "b", None, json!({"error": "boom"})),
            "demo",
            "cpu",
        ),
    ];
    events.extend(done_job("a", "patchtst", 1, 10, 0.3));
    events.extend(done_job("a", "dlinear", 2, 20, 0.5));
    events.push(at(
        5,
        event("batch_done", "a", None, json!({})),
        "demo",
        "gpu-1",
    ));
    for group in ["a", "b", "c"] {
        let of: Vec<Value> = events
            .iter()
            .filter(|e| e["batch_id"] == group)
            .cloned()
            .collect();
        post(&reporter, &of).await;
    }
    (app, reporter)
}

#[tokio::test]
async fn filters_and_queries_narrow_the_list() {
    let (_app, reporter) = three().await;
    reporter
        .patch(
            "/api/batches/a",
            &json!({"tags": ["x", "y"], "name": "Alpha"}),
        )
        .await
        .ok(200);
    for (query, expected) in [
        ("", vec!["c", "b", "a"]),
        ("project=demo", vec!["b", "a"]),
        ("status=failed", vec!["b"]),
        ("host=gpu-1", vec!["a"]),
        ("owner=alice&project=other", vec!["c"]),
        ("owner=nobody", vec![]),
        ("tag=x,y", vec!["a"]),
        ("tag=x,z", vec![]),
        ("text=ALPHA", vec!["a"]),
        (
            "since=2026-11-20T10:01:00Z&until=2026-11-20T10:02:00Z",
            vec!["b"],
        ),
        ("q=status:failed+OR+val%3C1", vec!["b"]),
        ("q=mse%3C0.4", vec!["a"]),
        ("q=mse%3C0.4+model:dlinear", vec![]),
        ("q=(model:patchtst+OR+model:dlinear)+MSE%3C0.6", vec!["a"]),
        ("q=host~gpu+-project:demo", vec!["c"]),
        ("q=owner:alice+name:al*", vec!["a"]),
    ] {
        assert_eq!(
            ids(&reporter, &format!("/api/batches?{query}")).await,
            expected,
            "{query}"
        );
    }
    let refused = reporter.get("/api/batches?q=status:").await;
    assert_eq!(refused.status, 422);
    assert_eq!(refused.refused(422), "query_invalid");
    assert!(
        refused.json()["detail"]
            .as_str()
            .expect("text")
            .contains("character 8")
    );
    assert_eq!(
        reporter.get("/api/batches?since=soon").await.refused(422),
        "validation"
    );
}

#[tokio::test]
async fn pages_join_without_gap_or_repeat() {
    let (_app, reporter) = three().await;
    for filter in ["", "&project=demo", "&q=-status:running"] {
        let whole = ids(&reporter, &format!("/api/batches?limit=10{filter}")).await;
        let mut joined = Vec::new();
        let mut path = format!("/api/batches?limit=1{filter}");
        loop {
            let page = reporter.get(&path).await;
            let next = page.header("x-next-cursor");
            joined.extend(
                page.ok(200)
                    .as_array()
                    .expect("list")
                    .iter()
                    .map(|b| b["id"].clone()),
            );
            let Some(next) = next else { break };
            path = format!("/api/batches?limit=1{filter}&cursor={next}");
        }
        assert_eq!(json!(joined), json!(whole), "{filter}");
    }
    assert_eq!(
        reporter.get("/api/batches?cursor=%ff").await.refused(422),
        "cursor_invalid"
    );
}

#[tokio::test]
async fn all_jobs_are_listed_newest_first_with_a_total() {
    let (app, reporter) = three().await;
    let all = reporter.get("/api/jobs").await.ok(200);
    assert_eq!((&all["total"], &all["page"]), (&json!(2), &json!(1)));
    let items = all["items"].as_array().expect("items");
    assert_eq!(items[0]["job"]["id"], "dlinear");
    assert_eq!(items[0]["project"], "demo");
    assert_eq!(items[1]["host"], "gpu-1");
    let first = reporter.get("/api/jobs?page_size=1").await;
    let next = first.header("x-next-cursor").expect("more");
    let second = reporter
        .get(&format!("/api/jobs?page_size=1&cursor={next}"))
        .await;
    assert_eq!(second.header("x-next-cursor"), None);
    assert_eq!(second.ok(200)["items"][0]["job"]["id"], "patchtst");
    for (query, total) in [
        ("status=DONE", 2),
        ("status=failed", 0),
        ("project=other", 0),
        ("batch_id=a&q=mse%3E0.4", 1),
        ("batch_id=unknown", 0),
        ("q=status:done+dataset:etth1", 2),
        ("page=2&page_size=1", 2),
    ] {
        let listed = reporter.get(&format!("/api/jobs?{query}")).await.ok(200);
        assert_eq!(listed["total"], total, "{query}");
    }
    let bob = app.user("bob", false).await;
    let bob = app.session(&bob).await;
    assert_eq!(bob.get("/api/jobs").await.ok(200)["total"], 0);
}

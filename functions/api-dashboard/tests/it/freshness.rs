//! Answers that did not change are not sent again.

use crate::setup::{at, job, post, reporter, server, start};
use http::Method;
use test_kit::build::event;
use test_kit::{Actor, Reply};

async fn ask(who: &Actor, path: &str, tag: &str) -> Reply {
    let call = who.call(Method::GET, path);
    call.header("if-none-match", tag).send().await
}

#[tokio::test]
async fn an_answer_the_caller_has_is_not_sent_again() {
    let app = server().await;
    let alice = reporter(&app, "alice").await;
    post(
        &alice,
        &[
            at(0, "demo", "vm", start("a", 1)),
            at(0, "demo", "vm", start("b", 1)),
        ],
    )
    .await;
    let path = "/api/batches?limit=1";
    let first = alice.get(path).await;
    let tag = first.header("etag").expect("a tag");
    assert!(tag.starts_with("W/\""), "{tag}");
    assert_eq!(
        first.header("cache-control").as_deref(),
        Some("private, no-cache")
    );
    let strong = tag.trim_start_matches("W/").to_owned();
    for known in [tag.clone(), strong, format!("\"x\", {tag}"), "*".to_owned()] {
        let same = ask(&alice, path, &known).await;
        assert_eq!(same.status, 304, "{known}");
        assert!(same.body.is_empty());
        assert_eq!(same.header("etag").as_ref(), Some(&tag));
        assert_eq!(
            same.header("cache-control").as_deref(),
            Some("private, no-cache")
        );
        assert!(same.header("x-request-id").is_some());
        assert_eq!(
            same.header("x-content-type-options").as_deref(),
            Some("nosniff")
        );
        let next = first.header("x-next-cursor");
        assert!(next.is_some());
        assert_eq!(same.header("x-next-cursor"), next);
    }
    let other = ask(&alice, path, "W/\"0123\"").await;
    assert_eq!(other.status, 200);
    post(&alice, &[at(1, "demo", "vm", job("a", "j"))]).await;
    let renamed = serde_json::json!({"name": "new"});
    alice.patch("/api/batches/b", &renamed).await.ok(200);
    let changed = ask(&alice, path, &tag).await;
    assert_eq!(changed.status, 200);
    assert_ne!(changed.header("etag"), Some(tag));
}

#[tokio::test]
async fn permission_is_judged_before_anything_is_the_same() {
    let app = server().await;
    let alice = reporter(&app, "alice").await;
    let bob = reporter(&app, "bob").await;
    post(&alice, &[at(0, "demo", "vm", start("a", 1))]).await;
    for tag in ["*", "W/\"x\""] {
        assert_eq!(ask(&bob, "/api/batches/a", tag).await.status, 404);
        assert_eq!(
            ask(&app.anonymous(), "/api/batches/a", tag).await.status,
            401
        );
    }
    let refused = bob.get("/api/batches/a").await;
    assert_eq!(refused.header("etag"), None);
    assert_eq!(refused.header("cache-control").as_deref(), Some("no-store"));
}

#[tokio::test]
async fn only_whole_json_answers_to_get_are_tagged() {
    let app = server().await;
    let alice = reporter(&app, "alice").await;
    post(&alice, &[at(0, "demo", "vm", start("a", 1))]).await;
    let table = ask(&alice, "/api/batches/a/export.csv", "*").await;
    assert_eq!((table.status.as_u16(), table.header("etag")), (200, None));
    let star = serde_json::json!({"target_type": "project", "target_id": "demo"});
    let call = alice.call(Method::POST, "/api/stars").json(&star);
    let made = call.header("if-none-match", "*").send().await;
    assert!(made.status.is_success());
    assert_eq!(made.header("etag"), None);
    assert_eq!(made.header("cache-control").as_deref(), Some("no-store"));
}

#[tokio::test]
async fn a_page_that_became_the_last_one_is_sent_again() {
    let app = server().await;
    let alice = reporter(&app, "alice").await;
    let root = reporter(&app, "root").await;
    let snapshot = || event("resource_snapshot", "a", None, serde_json::json!({}));
    let hosts = ["one", "two"].map(|host| at(0, "demo", host, snapshot()));
    post(&alice, &hosts).await;
    app.services.clock.advance(601);
    let path = "/api/hosts?limit=1";
    let first = alice.get(path).await;
    assert!(first.header("x-next-cursor").is_some());
    root.delete("/api/hosts/two").await.ok(200);
    let tag = first.header("etag").expect("a tag");
    let last = ask(&alice, path, &tag).await;
    assert_eq!((last.status.as_u16(), &last.body), (200, &first.body));
    assert_eq!(last.header("x-next-cursor"), None);
}

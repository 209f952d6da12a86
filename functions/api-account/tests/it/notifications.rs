//! Notifications, wishes for mails, and the link that ends them.

use crate::setup::{person, server};
use domain::notice::{NoticeKind, Notification, Severity};
use http::Method;
use serde_json::{Value, json};
use store::notifications::notification_write;
use store::unsubscribe::unsubscribe_write;
use test_kit::{Actor, Reply, TestApp};

async fn put(actor: &Actor, path: &str, body: &Value) -> Reply {
    actor.call(Method::PUT, path).json(body).send().await
}

async fn show(app: &TestApp, user: u64, id: u64) {
    let shown = Notification {
        id,
        batch_id: Some("b".into()),
        rule_id: "batch_failed".into(),
        severity: Severity::Error,
        title: format!("title {id}"),
        body: "body".into(),
        created_at: app.services.clock.now(),
        read_at: None,
    };
    let write = notification_write(user, &shown).expect("encodes");
    app.services.store.table.write(write).await.expect("stored");
}

fn ids(list: &Value) -> Vec<u64> {
    let list = list.as_array().expect("a list");
    list.iter()
        .map(|n| n["id"].as_u64().expect("an id"))
        .collect()
}

#[tokio::test]
async fn notifications_are_read_once_and_only_by_their_owner() {
    let app = server().await;
    let (user, alice) = person(&app, "alice", &[]).await;
    let (_, bob) = person(&app, "bob", &[]).await;
    for id in 1..=3 {
        show(&app, user.id, id).await;
    }
    let reply = alice.get("/api/notifications").await;
    assert_eq!(reply.header("x-unread-count").as_deref(), Some("3"));
    let list = reply.ok(200);
    assert_eq!(ids(&list), [3, 2, 1]);
    assert_eq!(
        (&list[0]["severity"], &list[0]["read_at"]),
        (&json!("error"), &Value::Null)
    );
    assert_eq!(
        ids(&alice.get("/api/notifications?limit=1").await.ok(200)),
        [3]
    );
    assert_eq!(bob.get("/api/notifications").await.ok(200), json!([]));
    let foreign = bob.post("/api/notifications/2/ack", &Value::Null).await;
    assert_eq!(foreign.refused(404), "notification_not_found");

    alice
        .post("/api/notifications/2/ack", &Value::Null)
        .await
        .ok(204);
    let read_at = alice.get("/api/notifications").await.ok(200)[1]["read_at"].clone();
    app.services.clock.advance(60);
    alice
        .post("/api/notifications/2/ack", &Value::Null)
        .await
        .ok(204);
    let again = alice.get("/api/notifications").await.ok(200)[1]["read_at"].clone();
    assert!(read_at.is_string() && read_at == again, "{read_at} {again}");
    let unread = "/api/notifications?unread_only=true";
    assert_eq!(ids(&alice.get(unread).await.ok(200)), [3, 1]);
    alice
        .post("/api/notifications/mark_all_read", &Value::Null)
        .await
        .ok(204);
    assert_eq!(alice.get(unread).await.ok(200), json!([]));
    alice.delete("/api/notifications/3").await.ok(204);
    let gone = alice.delete("/api/notifications/3").await;
    assert_eq!(gone.refused(404), "notification_not_found");
    assert_eq!(ids(&alice.get("/api/notifications").await.ok(200)), [2, 1]);
}

#[tokio::test]
async fn switches_and_rows_are_two_views_of_one_thing() {
    let app = server().await;
    let (_, alice) = person(&app, "alice", &[]).await;
    let prefs = "/api/me/notification_prefs";
    let mut wish = alice.get(prefs).await.ok(200);
    assert_eq!(
        (&wish["notify_batch_done"], &wish["notify_job_idle"]),
        (&json!(true), &json!(false))
    );
    wish["notify_job_failed"] = json!(false);
    assert_eq!(put(&alice, prefs, &wish).await.ok(200), wish);
    let rows = alice.get("/api/me/subscriptions").await.ok(200);
    let row = json!({"project": null, "event_type": "job_failed", "enabled": false});
    assert!(
        rows.as_array().is_some_and(|rows| rows.contains(&row)),
        "{rows}"
    );
    let change = json!({"subscriptions": [
        {"event_type": "job_failed", "enabled": true},
        {"project": "p", "event_type": "job_failed", "enabled": false},
    ]});
    let rows = alice.patch("/api/me/subscriptions", &change).await.ok(200);
    assert_eq!(rows.as_array().map(Vec::len), Some(6));
    assert_eq!(alice.get(prefs).await.ok(200)["notify_job_failed"], true);
    let wrong = json!({"subscriptions": [
        {"event_type": "job_failed", "enabled": false}, {"event_type": "nonsense", "enabled": true},
    ]});
    let refused = alice.patch("/api/me/subscriptions", &wrong).await;
    assert_eq!(refused.refused(400), "event_kinds_invalid");
    assert_eq!(
        alice.get(prefs).await.ok(200)["notify_job_failed"],
        true,
        "nothing was stored"
    );
    for wish in [json!({}), json!({"notify_batch_done": 1})] {
        assert_eq!(put(&alice, prefs, &wish).await.refused(422), "validation");
    }
}

#[tokio::test]
async fn a_batch_has_wishes_of_its_own_for_its_owner() {
    let app = server().await;
    let (_, alice) = person(&app, "alice", &["b"]).await;
    let (_, bob) = person(&app, "bob", &[]).await;
    let path = "/api/batches/b/email-subscription";
    assert_eq!(alice.get(path).await.refused(404), "subscription_not_found");
    let made = put(&alice, path, &json!({})).await.ok(200);
    assert_eq!(
        (&made["event_kinds"], &made["enabled"]),
        (&json!([]), &json!(true))
    );
    app.services.clock.advance(60);
    let wish = json!({"event_kinds": ["job_failed", "batch_done", "job_failed"], "enabled": false});
    let set = put(&alice, path, &wish).await.ok(200);
    assert_eq!(set["event_kinds"], json!(["job_failed", "batch_done"]));
    assert_eq!(set["created_at"], made["created_at"]);
    assert_ne!(set["updated_at"], made["updated_at"]);
    assert_eq!(alice.get(path).await.ok(200), set);
    let wrong = put(&alice, path, &json!({"event_kinds": ["x"]})).await;
    assert_eq!(wrong.refused(400), "event_kinds_invalid");
    assert_eq!(bob.get(path).await.refused(403), "owner_required");
    let absent = alice.get("/api/batches/none/email-subscription").await;
    assert_eq!(absent.refused(404), "batch_not_found");
    alice.delete(path).await.ok(204);
    alice.delete(path).await.ok(204);
    assert_eq!(alice.get(path).await.refused(404), "subscription_not_found");
}

#[tokio::test]
async fn a_link_ends_its_mails_once_without_an_account() {
    let app = server().await;
    let (user, alice) = person(&app, "alice", &[]).await;
    let now = app.services.clock.now();
    for (token, kind) in [
        ("first-token", Some(NoticeKind::JobFailed)),
        ("second-token", None),
    ] {
        let digest = auth::secret::digest(token);
        let write = unsubscribe_write(&digest, user.id, kind, now).expect("encodes");
        app.services.store.table.write(write).await.expect("stored");
    }
    let rows =
        json!({"subscriptions": [{"project": "p", "event_type": "job_failed", "enabled": true}]});
    alice.patch("/api/me/subscriptions", &rows).await.ok(200);
    let nobody = app.anonymous();
    let link = "/api/unsubscribe?token=first-token";
    let answer = nobody.get(link).await;
    assert_eq!(answer.status, 200);
    assert!(
        answer
            .header("content-type")
            .is_some_and(|t| t.starts_with("text/plain"))
    );
    let prefs = alice.get("/api/me/notification_prefs").await.ok(200);
    assert_eq!(
        (&prefs["notify_job_failed"], &prefs["notify_batch_done"]),
        (&json!(false), &json!(true))
    );
    let rows = alice.get("/api/me/subscriptions").await.ok(200);
    assert_eq!(rows[0]["enabled"], false, "for the project too: {rows}");
    assert_eq!(nobody.get(link).await.refused(410), "unsubscribe_used");
    assert_eq!(
        nobody.post(link, &Value::Null).await.status,
        200,
        "a button may ask again"
    );

    let form = nobody.call(Method::POST, "/api/unsubscribe?token=second-token");
    let kind = "application/x-www-form-urlencoded";
    let one_click = form.text(kind, "List-Unsubscribe=One-Click").send().await;
    assert_eq!(one_click.status, 200, "{}", one_click.text());
    let prefs = alice.get("/api/me/notification_prefs").await.ok(200);
    assert_eq!(prefs["notify_batch_done"], false);
    let unknown = nobody.get("/api/unsubscribe?token=third-token").await;
    assert_eq!(unknown.refused(404), "unsubscribe_unknown");
    for link in ["/api/unsubscribe", "/api/unsubscribe?token=short"] {
        assert_eq!(nobody.get(link).await.refused(422), "validation");
    }
}

//! Public links: what they show, what not, and how they end.

use crate::{batch, person, server};
use serde_json::json;

#[tokio::test]
async fn a_link_shows_one_batch_to_whoever_has_it() {
    let app = server().await;
    let (alice, alice_id) = person(&app, "alice").await;
    batch(&alice, "p", "a").await;
    batch(&alice, "p", "other").await;
    let link = alice
        .post("/api/batches/a/public-share", &json!({}))
        .await
        .ok(201);
    let slug = link["slug"].as_str().expect("a slug").to_owned();
    assert!(
        link["url"]
            .as_str()
            .is_some_and(|url| url.ends_with(&format!("/public/{slug}")))
    );
    let nobody = app.anonymous();
    let shown = nobody.get(&format!("/api/public/{slug}")).await.ok(200);
    assert_eq!(
        (&shown["id"], &shown["owner_label"]),
        (&json!("a"), &json!(format!("Shared by user#{alice_id}")))
    );
    assert!(shown.get("owner_id").is_none() && !shown.to_string().contains("alice"));
    let jobs = nobody
        .get(&format!("/api/public/{slug}/jobs"))
        .await
        .ok(200);
    assert_eq!(jobs[0]["id"], "j");
    let epochs = nobody
        .get(&format!("/api/public/{slug}/jobs/j/epochs"))
        .await
        .ok(200);
    assert_eq!(epochs[0]["val_loss"], 0.5);
    let lines = nobody
        .get(&format!("/api/public/{slug}/log-lines"))
        .await
        .ok(200);
    assert_eq!(lines[0]["line"], "hello");
    let gauges = nobody
        .get(&format!("/api/public/{slug}/resources"))
        .await
        .ok(200);
    assert_eq!(gauges["snapshots"][0]["cpu_util"], 12.0);
    let env = nobody.get(&format!("/api/public/{slug}/env")).await.ok(200);
    assert_eq!(env["python"], "3.12");
    let latest = nobody
        .get(&format!("/api/public/{slug}/epochs/latest"))
        .await
        .ok(200);
    assert_eq!(latest["jobs"].as_array().map(Vec::len), Some(1));
    // Nothing else opens with it.
    assert_eq!(
        nobody.get("/api/batches/a").await.refused(401),
        "auth_required"
    );
    assert_eq!(
        nobody
            .get(&format!("/api/public/{slug}/jobs/nope"))
            .await
            .refused(404),
        "job_not_found"
    );
    let listed = alice.get("/api/batches/a/public-shares").await.ok(200);
    assert_eq!(listed[0]["view_count"], 8);
    assert!(listed[0]["last_viewed"].is_string());
    assert_eq!(alice.get("/api/public-shares/mine").await.ok(200), listed);
}

#[tokio::test]
async fn links_end_by_date_by_revocation_and_with_their_batch() {
    let app = server().await;
    let (alice, _) = person(&app, "alice").await;
    let (bob, _) = person(&app, "bob").await;
    batch(&alice, "p", "a").await;
    let path = "/api/batches/a/public-share";
    let end = app.services.clock.now().plus_secs(3600).to_text();
    let dated = alice.post(path, &json!({"expires_at": end})).await.ok(201);
    let plain = alice.post(path, &json!({})).await.ok(201);
    let public = |link: &serde_json::Value| {
        format!("/api/public/{}", link["slug"].as_str().expect("a slug"))
    };
    let nobody = app.anonymous();
    nobody.get(&public(&dated)).await.ok(200);
    app.services.clock.advance(3600);
    assert_eq!(
        nobody.get(&public(&dated)).await.refused(410),
        "link_expired"
    );
    nobody.get(&public(&plain)).await.ok(200);
    let revoke = format!("{path}/{}", plain["slug"].as_str().expect("a slug"));
    assert_eq!(bob.delete(&revoke).await.refused(403), "owner_required");
    alice.delete(&revoke).await.ok(200);
    assert_eq!(
        nobody.get(&public(&plain)).await.refused(404),
        "link_not_found"
    );
    assert_eq!(alice.delete(&revoke).await.refused(404), "link_not_found");
    for bad in ["soon", "2001-01-01T00:00:00Z"] {
        let wish = json!({"expires_at": bad});
        assert_eq!(
            alice.post(path, &wish).await.refused(422),
            "validation",
            "{bad}"
        );
    }
    let last = alice.post(path, &json!({})).await.ok(201);
    alice.post("/api/batches/a/stop", &json!({})).await.ok(200);
    let done = test_kit::build::event("batch_done", "a", None, json!({}));
    alice.post("/api/events", &done).await.ok(200);
    alice.delete("/api/batches/a").await.ok(200);
    assert_eq!(
        nobody.get(&public(&last)).await.refused(404),
        "link_not_found"
    );
}

#[tokio::test]
async fn strangers_read_at_a_measured_pace() {
    let app = server().await;
    let (alice, _) = person(&app, "alice").await;
    batch(&alice, "p", "a").await;
    alice
        .patch("/api/projects/p", &json!({"visibility": "public"}))
        .await
        .ok(200);
    let nobody = app.anonymous();
    for _ in 0..30 {
        nobody.get("/api/public/projects/p").await.ok(200);
    }
    let refused = nobody.get("/api/public/projects").await;
    assert_eq!(refused.header("retry-after").as_deref(), Some("1"));
    assert_eq!(refused.refused(429), "rate_limited");
    app.services.clock.advance(1);
    let listed = nobody.get("/api/public/projects").await.ok(200);
    assert_eq!(
        (&listed[0]["project"], &listed[0]["n_batches"]),
        (&json!("p"), &json!(1))
    );
}

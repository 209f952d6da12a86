//! Deleted batches: restored while there is time, gone without a trace afterwards.

use crate::stage::{DAY, Stage, is_history};
use cron_retention::{Wish, sweep};
use serde_json::json;
use tokio::time::Instant;

#[tokio::test]
async fn nothing_is_left_of_a_deleted_batch_and_nothing_else_is_touched() {
    let stage = Stage::new().await;
    for batch in ["gone-for-good", "stays-here"] {
        stage.start(batch).await;
        stage.end(batch).await;
        stage.decorate(batch).await;
    }
    let objects = stage.objects().await.len();
    stage
        .alice
        .delete("/api/batches/gone-for-good")
        .await
        .ok(200);
    stage.sweep().await;
    assert!(
        !stage.naming("gone-for-good").await.is_empty(),
        "there is time"
    );
    let before = stage.rows().await;
    stage.advance(7 * DAY + 1);
    let outcome = stage.whole(false).await;
    assert_eq!(outcome.tally.of("batches"), 1, "{outcome:?}");
    assert_eq!(outcome.tally.of("objects"), 2, "{outcome:?}");
    let mut left = stage.naming("gone-for-good").await;
    left.retain(|key| !is_history(key));
    assert_eq!(left, [], "rows of the batch");
    assert_eq!(stage.objects().await.len(), objects - 2);
    let after = stage.rows().await;
    let missing: Vec<_> = before
        .keys()
        .filter(|key| key.0.contains("stays-here") || key.1.contains("stays-here"))
        .filter(|key| !after.contains_key(*key))
        // Its host gauges are a week old by now, and its feed two days.
        .filter(|(pk, _)| !pk.starts_with("R#") && !pk.starts_with('F'))
        .collect();
    assert_eq!(
        missing,
        Vec::<&(String, String)>::new(),
        "rows of the other"
    );
    // Again: nothing to do.
    assert_eq!(stage.whole(false).await.tally.of("batches"), 0);
}

#[tokio::test]
async fn a_deleted_batch_comes_back_until_it_is_removed() {
    let stage = Stage::new().await;
    stage.start("b").await;
    stage.end("b").await;
    stage.decorate("b").await;
    let seen = stage.alice.get("/api/batches/b").await.ok(200);
    let restore = "/api/batches/b/restore";
    let refused = stage.alice.post(restore, &json!({})).await;
    assert_eq!(refused.refused(409), "batch_not_deleted");
    stage.alice.delete("/api/batches/b").await.ok(200);
    let stranger = stage.app.user("carol", false).await;
    let stranger = stage.session(&stranger).await;
    let refused = stranger.post(restore, &json!({})).await;
    assert_eq!(refused.refused(404), "batch_not_found");
    let refused = stage.bob.post(restore, &json!({})).await;
    assert_eq!(refused.refused(403), "owner_required");
    let events = stage.app.services.store.feed_head("b").await.expect("read");
    stage.alice.post(restore, &json!({})).await.ok(200);
    assert_eq!(stage.alice.get("/api/batches/b").await.ok(200), seen);
    let head = stage.app.services.store.feed_head("b").await.expect("read");
    assert!(head > events, "viewers are told");
    let jobs = stage.alice.get("/api/jobs").await.ok(200);
    assert_eq!(jobs["total"], 1);
    let listed = stage.alice.get("/api/batches").await.ok(200);
    assert_eq!(listed[0]["id"], "b");
    assert_eq!(listed[0]["n_done"], 1);
    let shared = stage.bob.get("/api/batches/b").await;
    assert_eq!(shared.status, 200, "the share holds");
    let audit = stage.app.audit().await;
    let done = audit.iter().filter(|row| row["action"] == "batch_restored");
    assert_eq!(done.count(), 1);
    // Deleted once more, and too late.
    stage.alice.delete("/api/batches/b").await.ok(200);
    stage.advance(7 * DAY + 1);
    stage.sweep().await;
    let alice = stage.session(&stage.user).await;
    let refused = alice.post(restore, &json!({})).await;
    assert_eq!(refused.refused(404), "batch_not_found");
}

#[tokio::test]
async fn a_batch_that_is_being_removed_is_not_restored() {
    let stage = Stage::new().await;
    stage.start("b").await;
    stage.end("b").await;
    stage.alice.delete("/api/batches/b").await.ok(200);
    stage.advance(7 * DAY + 1);
    // The sweep dies right after it marked the batch.
    stage.refusals.after(2);
    let (_, done) = Box::pin(sweep(&stage.app.services, Wish::default())).await;
    assert!(done.is_err());
    stage.refusals.lift();
    let alice = stage.session(&stage.user).await;
    let refused = alice.post("/api/batches/b/restore", &json!({})).await;
    assert_eq!(refused.refused(410), "batch_purged");
    stage.sweep().await;
    let refused = alice.post("/api/batches/b/restore", &json!({})).await;
    assert_eq!(refused.refused(404), "batch_not_found");
}

#[tokio::test]
async fn a_project_comes_back_with_its_batches() {
    let stage = Stage::new().await;
    for batch in ["a", "b"] {
        stage.start(batch).await;
        stage.end(batch).await;
    }
    let member = json!({"username": "bob", "role": "viewer"});
    let members = "/api/projects/proj/members";
    stage.alice.post(members, &member).await.ok(201);
    let before = stage.alice.get(members).await.ok(200);
    stage.alice.delete("/api/projects/proj").await.ok(200);
    let restore = "/api/projects/proj/restore";
    let refused = stage.bob.post(restore, &json!({})).await;
    assert_eq!(refused.refused(404), "project_not_found");
    let out = stage.alice.post(restore, &json!({})).await.ok(200);
    assert_eq!(out["batches"], 2);
    let shown = stage.alice.get("/api/projects/proj").await;
    assert_eq!(shown.status, 200, "{}", shown.text());
    assert_eq!(stage.alice.get(members).await.ok(200), before);
    let refused = stage.alice.post(restore, &json!({})).await;
    assert_eq!(refused.refused(404), "project_not_found");
    // Deleted for good, and used anew by somebody else: they are alone there.
    stage.alice.delete("/api/projects/proj").await.ok(200);
    stage.advance(8 * DAY);
    let outcome = stage.sweep().await;
    assert_eq!(outcome.tally.of("projects"), 1, "{outcome:?}");
    let alice = stage.session(&stage.user).await;
    let refused = alice.post(restore, &json!({})).await;
    assert_eq!(refused.refused(404), "project_not_found");
    let mut left = stage.naming("proj").await;
    left.retain(|key| !is_history(key));
    assert_eq!(left, []);
}

#[tokio::test]
async fn a_sweep_without_time_goes_on_the_next_time() {
    let stage = Stage::new().await;
    for n in 0..5 {
        let batch = format!("old-{n}");
        stage.start(&batch).await;
        stage.end(&batch).await;
        stage
            .alice
            .delete(&format!("/api/batches/{batch}"))
            .await
            .ok(200);
    }
    stage.advance(7 * DAY + 1);
    let mut rounds = 0;
    loop {
        let wish = Wish {
            deadline: Some(Instant::now()),
            ..Wish::default()
        };
        let (outcome, done) = Box::pin(sweep(&stage.app.services, wish)).await;
        done.expect("sweeps");
        assert!(!outcome.complete);
        rounds += 1;
        // Time that was over before it began is no time at all; the rest is done at once.
        if rounds == 2 {
            break;
        }
    }
    assert_eq!(stage.sweep().await.tally.of("batches"), 5);
    assert_eq!(
        stage
            .naming("old-")
            .await
            .iter()
            .filter(|key| !is_history(key))
            .count(),
        0
    );
}

#[tokio::test]
async fn a_look_tells_what_the_sweep_then_removes() {
    let stage = Stage::new().await;
    for batch in ["one", "two", "kept"] {
        stage.start(batch).await;
        stage.end(batch).await;
        stage.decorate(batch).await;
    }
    for batch in ["one", "two"] {
        stage
            .alice
            .delete(&format!("/api/batches/{batch}"))
            .await
            .ok(200);
    }
    stage.advance(8 * DAY);
    let rows = stage.rows().await;
    let seen = stage.whole(true).await;
    assert_eq!(stage.rows().await, rows, "a look changes nothing");
    let done = stage.whole(false).await;
    assert_eq!(seen, done);
    assert!(done.tally.bytes > 0 && done.tally.oldest.is_some());
    // Two at once end as one does.
    let services = &stage.app.services;
    let both = tokio::join!(
        Box::pin(sweep(services, Wish::default())),
        Box::pin(sweep(services, Wish::default()))
    );
    both.0.1.expect("sweeps");
    both.1.1.expect("sweeps");
}

//! Days of detail: counted from arrival, put off while a batch runs, changed by administrators.

use crate::stage::{DAY, Stage};
use domain::event::Detail;
use serde_json::{Value, json};
use store::keys;
use test_kit::build::epoch;

/// Beginning of the partitions of one kind of detail of a batch.
fn of(kind: Detail, batch: &str) -> String {
    keys::chunk_partition(kind, batch, "")
}

/// Ends of the rows of epochs of a batch, in seconds.
async fn epochs(stage: &Stage, batch: &str) -> Vec<Option<i64>> {
    ends(stage, &of(Detail::Epochs, batch)).await
}

/// Ends of rows of partitions, in seconds.
async fn ends(stage: &Stage, prefix: &str) -> Vec<Option<i64>> {
    let rows = stage.rows().await.into_iter();
    let of = rows.filter(|((pk, _), _)| pk.starts_with(prefix));
    let end = |item: &store::item::Item| item.get("ttl")?.as_n().ok()?.parse().ok();
    of.map(|(_, item)| end(&item)).collect()
}

async fn count(stage: &Stage, path: &str) -> usize {
    let alice = stage.session(&stage.user).await;
    alice.get(path).await.ok(200).as_array().map_or(0, Vec::len)
}

async fn set(stage: &Stage, key: &str, days: u64) {
    let admin = stage
        .app
        .services
        .store
        .user_named("root")
        .await
        .expect("read");
    let admin = stage.session(&admin.expect("there").value).await;
    let path = format!("/api/admin/system-config/retention/{key}");
    let put = admin.call(http::Method::PUT, &path);
    put.json(&json!({"value": days})).send().await.ok(200);
}

#[tokio::test]
async fn detail_says_when_it_ends_and_readers_do_not_show_what_is_over() {
    let stage = Stage::new().await;
    let now = stage.app.services.clock.now().secs();
    stage.start("b").await;
    stage.end("b").await;
    let most = |days| Some(now + days * DAY);
    assert!(epochs(&stage, "b").await.iter().all(|end| *end == most(30)));
    assert_eq!(ends(&stage, &of(Detail::Logs, "b")).await, [most(14); 3]);
    assert_eq!(ends(&stage, &of(Detail::Snapshots, "b")).await, [most(7)]);
    assert_eq!(count(&stage, "/api/batches/b/log-lines").await, 3);
    stage.advance(15 * DAY);
    // No engine removed anything so far.
    assert_eq!(ends(&stage, &of(Detail::Logs, "b")).await.len(), 3);
    assert_eq!(count(&stage, "/api/batches/b/log-lines").await, 0);
    assert_eq!(count(&stage, "/api/jobs/b/j/log-lines").await, 0);
    assert_eq!(count(&stage, "/api/jobs/b/j/epochs").await, 2);
    stage.advance(16 * DAY);
    assert_eq!(count(&stage, "/api/jobs/b/j/epochs").await, 0);
    assert_eq!(
        count(&stage, "/api/batches/b/jobs").await,
        1,
        "summaries stay"
    );
}

#[tokio::test]
async fn nothing_of_a_running_batch_ends() {
    let stage = Stage::new().await;
    stage.start("b").await;
    for day in 1..100 {
        stage.advance(DAY);
        stage.sweep().await;
        let soon = stage.app.services.clock.now().secs() + DAY;
        let details = [Detail::Epochs, Detail::Logs, Detail::Snapshots];
        let details = details.map(|kind| of(kind, "b")).into_iter();
        for prefix in details.chain([keys::batch_partition("b")]) {
            let ends = ends(&stage, &prefix).await;
            assert!(
                ends.iter().all(|end| end.is_none_or(|end| end > soon)),
                "day {day}, {prefix}: {ends:?}"
            );
        }
        if day % 9 == 0 {
            stage.report(vec![epoch("b", "j", 2 + day, 0.1)]).await;
        }
    }
    assert_eq!(count(&stage, "/api/jobs/b/j/epochs").await, 13);
    assert_eq!(count(&stage, "/api/batches/b/log-lines").await, 3);
    stage.end("b").await;
    // When it ends there is half of the time to look at it.
    stage.advance(14 * DAY);
    stage.sweep().await;
    assert_eq!(count(&stage, "/api/jobs/b/j/epochs").await, 13);
    stage.advance(17 * DAY);
    stage.sweep().await;
    assert_eq!(count(&stage, "/api/jobs/b/j/epochs").await, 0);
}

#[tokio::test]
async fn a_script_that_died_is_not_kept_for_ever() {
    let stage = Stage::new().await;
    stage.start("b").await;
    for _ in 0..80 {
        stage.advance(DAY);
        stage.sweep().await;
    }
    assert_eq!(count(&stage, "/api/jobs/b/j/epochs").await, 0);
}

#[tokio::test]
async fn changed_days_reach_what_is_stored() {
    let stage = Stage::new().await;
    stage.start("ended").await;
    stage.end("ended").await;
    stage.start("running").await;
    stage.sweep().await;
    let began = stage.app.services.clock.now().secs();
    stage.advance(3 * DAY);
    set(&stage, "job_epoch_days", 60).await;
    stage.sweep().await;
    assert_eq!(epochs(&stage, "ended").await, [Some(began + 60 * DAY)]);
    set(&stage, "job_epoch_days", 0).await;
    stage.sweep().await;
    assert_eq!(epochs(&stage, "ended").await, [None], "for ever");
    assert_eq!(epochs(&stage, "running").await, [None], "for ever");
    assert_eq!(stage.sweep().await.tally.of("retimed"), 0, "once is enough");
    set(&stage, "job_epoch_days", 2).await;
    let seen = stage.whole(true).await;
    assert_eq!(seen.tally.of("event.job_epoch"), 2, "{seen:?}");
    let done = stage.whole(false).await;
    assert_eq!(done, seen);
    assert_eq!(epochs(&stage, "ended").await, [], "over for two days");
    let now = stage.app.services.clock.now().secs();
    assert_eq!(epochs(&stage, "running").await, [Some(now + 2 * DAY)]);
    // What arrives now is kept by the new days.
    stage.report(vec![epoch("running", "j", 9, 0.1)]).await;
    assert!(
        epochs(&stage, "running")
            .await
            .contains(&Some(now + 2 * DAY))
    );
}

#[tokio::test]
async fn administrators_look_sweep_and_see_what_was_done() {
    let stage = Stage::new().await;
    stage.start("b").await;
    stage.end("b").await;
    stage.alice.delete("/api/batches/b").await.ok(200);
    stage.advance(8 * DAY);
    let admin = stage
        .app
        .services
        .store
        .user_named("root")
        .await
        .expect("read");
    let admin = stage.session(&admin.expect("there").value).await;
    let seen = admin.get("/api/admin/retention/preview").await.ok(200);
    assert_eq!(seen["stats"]["batches"], 1, "{seen}");
    let done = admin
        .post("/api/admin/retention/sweep", &json!({}))
        .await
        .ok(200);
    assert_eq!(done["stats"], seen["stats"]);
    assert_eq!(done["bytes"], seen["bytes"]);
    assert_eq!(done["complete"], true);
    let status = admin.get("/api/admin/retention/status").await.ok(200);
    assert_eq!(status["last_run_stats"]["batches"], 1, "{status}");
    assert_eq!(status["settled"], true);
    assert_eq!(status["last_error"], Value::Null);
    let audit = stage.app.audit().await;
    let manual = audit
        .iter()
        .find(|row| row["action"] == "retention_sweep_manual");
    assert_eq!(manual.expect("a row")["metadata"]["batches"], "1");
}

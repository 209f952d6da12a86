//! Walks over many batches: at once, and in several goes.

use crate::stage::{Stage, routes, setup};
use cron_guardrails::{Guard, tick};
use serde_json::{Value, json};
use test_kit::app::Setup;
use test_kit::build::batch_start;
use tokio::time::Instant;

async fn many(stage: &Stage, count: usize) {
    let all: Vec<Value> = (0..count)
        .map(|i| batch_start(&format!("m{i:04}")))
        .collect();
    for events in all.chunks(100) {
        let body = json!({"events": events});
        stage
            .reporter
            .post("/api/events/batch", &body)
            .await
            .ok(200);
    }
}

#[tokio::test]
async fn two_walks_at_once_change_nothing_twice() {
    let shared = || Setup {
        shared: true,
        ..setup()
    };
    let stage = Stage::with(shared()).await;
    let other = stage.app.sibling(routes(), &shared());
    stage.report(batch_start("b")).await;
    many(&stage, 30).await;
    for services in [&stage.app.services, &other.services] {
        services.clock.advance(16 * 60);
    }
    let guard = Guard::new(&other.services);
    let (one, two) = tokio::join!(
        tick(&stage.app.services, &stage.guard, None),
        tick(&other.services, &guard, None),
    );
    let (one, two) = (one.expect("storage works"), two.expect("storage works"));
    assert_eq!(one.found + two.found, 31, "{one:?} {two:?}");
    assert_eq!((one.failed, two.failed), (0, 0));
    assert_eq!(stage.notices().await.len(), 31);
    assert_eq!(stage.frames("batch_stalled").await.len(), 1);
    assert_eq!(stage.found().await, 0);
}

#[tokio::test]
async fn a_walk_that_comes_to_the_end_of_its_time_goes_on_there() {
    let stage = Stage::with(setup()).await;
    many(&stage, 250).await;
    stage.advance(16);
    let store = &stage.app.services.store;
    let walk = |deadline| tick(&stage.app.services, &stage.guard, Some(deadline));
    let mut looked = vec![];
    for _ in 0..10 {
        let report = walk(Instant::now()).await.expect("storage works");
        looked.push(report.looked);
        let run = store.run("cron-guardrails").await.expect("read");
        let run = run.expect("noted");
        assert_eq!(run.cursor.is_some(), report.left == 1);
        if report.left == 0 {
            break;
        }
    }
    assert_eq!(looked, [100, 100, 50]);
    assert_eq!(stage.notices().await.len(), 250);
    // A walk that begins in the middle goes round.
    let (_, middle) = store.active_page(None, 100).await.expect("read");
    let now = stage.app.services.clock.now();
    let noted = store.note_run_until("cron-guardrails", &[], middle, now);
    noted.await.expect("noted");
    assert_eq!(stage.look().await.looked, 250);
    let run = store.run("cron-guardrails").await.expect("read");
    assert_eq!(run.expect("noted").cursor, None);
}

#[tokio::test]
async fn administrators_see_the_last_run() {
    let stage = Stage::new().await;
    stage.advance(16);
    stage.look().await;
    let root = stage.app.user("root", true).await;
    let root = stage.app.session(&root).await;
    let health = root.get("/api/admin/health").await.ok(200);
    let run = &health["runs"][0];
    assert_eq!(run["name"], "cron-guardrails");
    let counts = ["looked", "found", "told", "failed", "left"];
    let counts = counts.map(|name| run["report"][name].as_u64().expect("a count"));
    assert_eq!(counts, [1, 1, 1, 0, 0]);
}

//! A sweep that dies at any of its writes is finished by the next one.

use crate::stage::{DAY, Stage, is_history};
use cron_retention::{Wish, sweep};

async fn scene() -> Stage {
    let stage = Stage::new().await;
    for batch in ["gone-for-good", "stays-here"] {
        stage.start(batch).await;
        stage.end(batch).await;
        stage.decorate(batch).await;
    }
    stage.sweep().await;
    stage
        .alice
        .delete("/api/batches/gone-for-good")
        .await
        .ok(200);
    stage.advance(7 * DAY + 1);
    stage
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dying_at_any_write_leaves_what_the_next_sweep_removes() {
    let stage = scene().await;
    let before = stage.refusals.seen();
    stage.whole(false).await;
    let writes = stage.refusals.seen() - before;
    let clean = stage.rows().await.len();
    let objects = stage.objects().await.len();
    assert!(writes > 20, "{writes}");
    for allowed in 0..writes {
        let stage = scene().await;
        stage.refusals.after(allowed);
        let wish = Wish {
            tidy: true,
            ..Wish::default()
        };
        let (_, done) = Box::pin(sweep(&stage.app.services, wish)).await;
        assert!(done.is_err(), "write {allowed} was refused");
        stage.refusals.lift();
        stage.whole(false).await;
        let mut left = stage.naming("gone-for-good").await;
        left.retain(|key| !is_history(key));
        assert_eq!(left, [], "died at write {allowed}");
        assert_eq!(stage.rows().await.len(), clean, "died at write {allowed}");
        assert_eq!(
            stage.objects().await.len(),
            objects,
            "died at write {allowed}"
        );
    }
}

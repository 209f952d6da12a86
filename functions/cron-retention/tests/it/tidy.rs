//! What nothing points at goes, and what is still needed stays.

use crate::stage::{DAY, Stage};
use bytes::Bytes;
use sha2::{Digest, Sha256};

async fn put(stage: &Stage, key: &str) {
    let body = Bytes::from_static(b"left behind");
    let digest = Sha256::digest(&body);
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let blobs = &stage.app.services.store.blobs;
    blobs.put(key, body, &digest).await.expect("stored");
}

#[tokio::test]
async fn objects_without_a_row_and_expired_rows_go() {
    let stage = Stage::new().await;
    stage.start("b").await;
    stage.end("b").await;
    stage.decorate("b").await;
    let kept = stage.objects().await;
    let orphan = store::artifacts::object_key(7, "0123");
    put(&stage, &orphan).await;
    put(&stage, "spill/0000000000000007.jsonl.gz").await;
    put(&stage, "artifacts/of-an-older-version").await;
    assert_eq!(stage.whole(false).await.tally.of("orphans"), 0, "too young");
    stage.advance(30 * DAY);
    let seen = stage.whole(true).await;
    let done = stage.whole(false).await;
    assert_eq!(seen, done);
    assert_eq!(done.tally.of("orphans"), 2, "{done:?}");
    assert!(done.tally.of("expired") >= 2, "sessions: {done:?}");
    let mut left = stage.objects().await;
    left.retain(|key| key != "artifacts/of-an-older-version");
    assert_eq!(left, kept);
}

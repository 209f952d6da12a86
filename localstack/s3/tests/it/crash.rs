//! Killed in the middle of concurrent writes: what was acknowledged is there, whole.

use std::collections::BTreeSet;

use aws_sdk_s3::Client;

use crate::place::{self, blobs, get, keys, put};
use test_kit::child;

const WRITERS: usize = 8;
/// Acknowledged writes after which the child is killed.
const ENOUGH: usize = 120;
/// Bytes of an object.
const SIZE: usize = 30_000;

fn body(key: &str) -> Vec<u8> {
    key.bytes().cycle().take(SIZE).collect()
}

async fn write_for_ever(client: Client, writer: usize) {
    for number in 0.. {
        let key = format!("{writer}/{number}");
        put(&client, &key, body(&key)).await;
        child::acknowledge(&key);
        // Everybody overwrites the same object as well.
        put(&client, "shared", body(&key)).await;
    }
}

/// The child: writes until it is killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn endless_writers() {
    let Some(directory) = child::directory() else {
        return;
    };
    let (_engine, client) = place::on_disk(&directory).await;
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| tokio::spawn(write_for_ever(client.clone(), writer)))
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
}

#[tokio::test]
async fn no_acknowledged_object_is_lost_when_the_process_is_killed() {
    let dir = tempfile::tempdir().unwrap();
    let acknowledged = child::killed_after(ENOUGH, "crash::endless_writers", dir.path());
    assert!(acknowledged.len() >= ENOUGH - 1);
    let (engine, client) = place::on_disk(dir.path()).await;
    for key in &acknowledged {
        assert!(
            get(&client, key).await == body(key),
            "{key} is not what was acknowledged"
        );
    }
    let shared = get(&client, "shared").await;
    let writers: BTreeSet<Vec<u8>> = keys(&client).await.iter().map(|key| body(key)).collect();
    assert!(writers.contains(&shared), "an overwritten object is torn");
    let objects = keys(&client).await.len();
    engine.close();
    // Closing waits for the sweep.
    assert_eq!(
        blobs(dir.path()).len(),
        objects,
        "blobs without an object are left"
    );
}

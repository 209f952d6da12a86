//! Killed in the middle of concurrent writes: what was acknowledged is there, whole.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;

use aws_sdk_s3::Client;

use crate::child;
use crate::place::{self, blobs, get, keys, put};

const WRITERS: usize = 8;
/// Acknowledged writes after which the child is killed.
const ENOUGH: usize = 120;
/// Bytes of an object.
const SIZE: usize = 30_000;

fn body(key: &str) -> Vec<u8> {
    key.bytes().cycle().take(SIZE).collect()
}

fn acknowledge(key: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\nack {key}").expect("the parent reads");
}

async fn write_for_ever(client: Client, writer: usize) {
    for number in 0.. {
        let key = format!("{writer}/{number}");
        put(&client, &key, body(&key)).await;
        acknowledge(&key);
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

/// What the child acknowledged before it died.
fn killed_child(directory: &Path) -> Vec<String> {
    let mut child = child::command("crash::endless_writers", directory)
        .spawn()
        .expect("the child starts");
    let out = BufReader::new(child.stdout.take().expect("piped"));
    let mut acknowledged = Vec::new();
    for line in out.lines() {
        let Ok(line) = line else { break };
        if let Some(name) = line.strip_prefix("ack ") {
            acknowledged.push(name.to_owned());
        }
        if acknowledged.len() == ENOUGH {
            child.kill().expect("SIGKILL");
        }
    }
    child.wait().expect("it ended");
    // The last line may be cut in the middle.
    acknowledged.truncate(acknowledged.len() - 1);
    acknowledged
}

#[tokio::test]
async fn no_acknowledged_object_is_lost_when_the_process_is_killed() {
    let dir = tempfile::tempdir().unwrap();
    let acknowledged = killed_child(dir.path());
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

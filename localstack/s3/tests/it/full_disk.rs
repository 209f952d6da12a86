//! A disk that takes no more: an error is answered, nothing stored is lost.

use aws_sdk_s3::error::ProvideErrorMetadata;

use crate::place::{self, BUCKET, blobs, get, keys, put};
use test_kit::child;

/// The child: files may not grow beyond 2 or 4 MB.
#[tokio::test]
async fn writer_on_a_small_disk() {
    let Some(directory) = child::directory() else {
        return;
    };
    let (_engine, client) = place::on_disk(&directory).await;
    put(&client, "small", vec![b's'; 100_000]).await;
    put(&client, "replaced", b"old".to_vec()).await;
    let large = client.put_object().bucket(BUCKET).key("replaced");
    let refused = large.body(vec![b'l'; 9_000_000].into()).send().await;
    let error = refused.expect_err("more than the disk takes");
    println!("\nrefused {}", error.code().unwrap_or("none"));
    put(&client, "after", b"goes on".to_vec()).await;
    println!("\nread {}", get(&client, "replaced").await.len());
}

#[tokio::test]
async fn a_full_disk_is_an_error_and_no_damage() {
    let dir = tempfile::tempdir().unwrap();
    let test = "full_disk::writer_on_a_small_disk";
    let output = child::limited(test, dir.path(), 4096).output().unwrap();
    let output = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.contains("refused InternalError"), "{output}");
    assert!(output.contains("read 3"), "{output}");
    let (engine, client) = place::on_disk(dir.path()).await;
    assert_eq!(keys(&client).await, ["after", "replaced", "small"]);
    assert_eq!(get(&client, "small").await, vec![b's'; 100_000]);
    engine.close();
    assert_eq!(blobs(dir.path()).len(), 3);
}

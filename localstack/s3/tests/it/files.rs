//! What lies in the directory: no rubbish, and no file named after a key.

use crate::place::{self, BUCKET, blobs, get, put};

#[tokio::test]
async fn replaced_deleted_and_aborted_bytes_are_removed() {
    let dir = tempfile::tempdir().unwrap();
    let (engine, client) = place::on_disk(dir.path()).await;
    for body in ["one", "two", "three"] {
        put(&client, "k", body.into()).await;
    }
    put(&client, "gone", b"x".to_vec()).await;
    client
        .delete_object()
        .bucket(BUCKET)
        .key("gone")
        .send()
        .await
        .unwrap();
    let begin = client.create_multipart_upload().bucket(BUCKET).key("m");
    let id = begin.send().await.unwrap().upload_id.unwrap();
    let part = client
        .upload_part()
        .bucket(BUCKET)
        .key("m")
        .upload_id(&id)
        .part_number(1);
    part.body(b"x".to_vec().into()).send().await.unwrap();
    let abort = client
        .abort_multipart_upload()
        .bucket(BUCKET)
        .key("m")
        .upload_id(&id);
    abort.send().await.unwrap();
    let refused = client
        .put_object()
        .bucket(BUCKET)
        .key("k")
        .if_none_match("*");
    refused
        .body(b"never".to_vec().into())
        .send()
        .await
        .unwrap_err();
    engine.close();
    let (engine, client) = place::on_disk(dir.path()).await;
    assert_eq!(get(&client, "k").await, b"three");
    engine.close();
    assert_eq!(blobs(dir.path()).len(), 1);
}

#[tokio::test]
async fn the_sweep_removes_only_what_nobody_refers_to() {
    let dir = tempfile::tempdir().unwrap();
    let (engine, client) = place::on_disk(dir.path()).await;
    put(&client, "k", b"kept".to_vec()).await;
    engine.close();
    let orphan = format!("{:032}", 7);
    std::fs::create_dir_all(dir.path().join("blobs/00")).unwrap();
    std::fs::write(dir.path().join("blobs/00").join(&orphan), "x").unwrap();
    std::fs::write(dir.path().join("blobs/incoming/half"), "x").unwrap();
    let (engine, client) = place::on_disk(dir.path()).await;
    put(&client, "new", b"beside the sweep".to_vec()).await;
    assert_eq!(get(&client, "k").await, b"kept");
    assert_eq!(get(&client, "new").await, b"beside the sweep");
    engine.close();
    let names = blobs(dir.path());
    assert_eq!(names.len(), 2, "{names:?}");
    assert!(!names.contains(&orphan));
}

#[tokio::test]
async fn keys_never_become_paths() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("home");
    let (engine, client) = place::on_disk(&home).await;
    for key in [
        "../escaped",
        "../../escaped",
        "/etc/escaped",
        "blobs/escaped",
    ] {
        put(&client, key, b"x".to_vec()).await;
        assert_eq!(get(&client, key).await, b"x");
    }
    engine.close();
    let entries: Vec<_> = std::fs::read_dir(dir.path()).unwrap().collect();
    assert_eq!(entries.len(), 1);
    assert!(blobs(&home).iter().all(|name| name.len() == 32));
}

//! Shared syncs, reopening, reads racing writes, and clients that outlive their engine.

use argus_engine_s3::{Engine, Location};
use aws_sdk_s3::error::ProvideErrorMetadata;

use crate::place::{self, BUCKET, credentials, get, put};

#[tokio::test]
async fn concurrent_puts_share_syncs_of_the_index_and_survive_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let (engine, client) = place::on_disk(dir.path()).await;
    let before = engine.syncs();
    let names: Vec<String> = (0..64).map(|number| format!("{number}")).collect();
    let puts = names.iter().map(|key| {
        let (client, key) = (client.clone(), key.clone());
        tokio::spawn(async move { put(&client, &key, key.clone().into_bytes()).await })
    });
    for put in puts.collect::<Vec<_>>() {
        put.await.unwrap();
    }
    let syncs = engine.syncs() - before;
    assert!((1..64).contains(&syncs), "{syncs} syncs for 64 objects");
    engine.close();
    let (_engine, client) = place::on_disk(dir.path()).await;
    for key in &names {
        assert_eq!(get(&client, key).await, key.as_bytes());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_racing_overwrites_gets_one_whole_object() {
    let dir = tempfile::tempdir().unwrap();
    let (_engine, client) = place::on_disk(dir.path()).await;
    put(&client, "k", vec![b'a'; 1000]).await;
    let writer = tokio::spawn({
        let client = client.clone();
        async move {
            for number in 0..60_usize {
                let letter = b'a' + u8::try_from(number % 26).unwrap();
                put(&client, "k", vec![letter; 1000 + number]).await;
            }
        }
    });
    let mut reads = 0;
    while !writer.is_finished() {
        let bytes = get(&client, "k").await;
        assert!(
            bytes.iter().all(|byte| *byte == bytes[0]),
            "a mixture was read"
        );
        reads += 1;
    }
    writer.await.unwrap();
    assert!(reads > 10, "only {reads} reads met the writer");
}

#[tokio::test]
async fn a_client_in_memory_keeps_its_engine() {
    let engine = Engine::open(Location::Memory, credentials()).unwrap();
    let client = engine.client("http://files.example");
    drop(engine);
    client.create_bucket().bucket(BUCKET).send().await.unwrap();
    put(&client, "k", b"x".to_vec()).await;
    assert_eq!(get(&client, "k").await, b"x");
}

#[tokio::test]
async fn a_closed_engine_answers_with_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let (engine, client) = place::on_disk(dir.path()).await;
    put(&client, "k", b"x".to_vec()).await;
    engine.close();
    let got = client.get_object().bucket(BUCKET).key("k").send().await;
    assert_eq!(got.unwrap_err().code(), Some("InternalError"));
}

#[tokio::test]
async fn credentials_of_somebody_else_are_refused() {
    let engine = Engine::open(Location::Memory, credentials()).unwrap();
    let client = engine.client("http://files.example");
    client.create_bucket().bucket(BUCKET).send().await.unwrap();
    for (access, secret, code) in [
        ("access", "wrong", "SignatureDoesNotMatch"),
        ("nobody", "secret", "InvalidAccessKeyId"),
    ] {
        let other = aws_sdk_s3::config::Credentials::new(access, secret, None, None, "test");
        let config = client.config().to_builder().credentials_provider(other);
        let other = aws_sdk_s3::Client::from_conf(config.build());
        let refused = other
            .list_objects_v2()
            .bucket(BUCKET)
            .send()
            .await
            .unwrap_err();
        let status = refused.raw_response().map(|raw| raw.status().as_u16());
        assert_eq!(status, Some(403), "{access}");
        assert_eq!(refused.code(), Some(code));
    }
}

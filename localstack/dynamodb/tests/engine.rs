//! The adapter as the SDK sees it: group commit, limits, readers, faults.

use argus_engine_dynamodb::{Engine, Fault, Faults, Location};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType,
    ScalarAttributeType,
};

fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

async fn table(client: &Client) {
    let attribute = |name| {
        AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(ScalarAttributeType::S)
            .build()
            .expect("complete")
    };
    let key = |name, kind| {
        KeySchemaElement::builder()
            .attribute_name(name)
            .key_type(kind)
            .build()
            .expect("complete")
    };
    client
        .create_table()
        .table_name("items")
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(attribute("pk"))
        .attribute_definitions(attribute("sk"))
        .key_schema(key("pk", KeyType::Hash))
        .key_schema(key("sk", KeyType::Range))
        .send()
        .await
        .expect("table is made");
}

async fn put(client: &Client, pk: &str, sk: &str) -> Result<(), String> {
    let put = client
        .put_item()
        .table_name("items")
        .item("pk", s(pk))
        .item("sk", s(sk));
    put.send()
        .await
        .map(|_| ())
        .map_err(|e| e.code().unwrap_or("no code").to_owned())
}

async fn count(client: &Client, pk: &str) -> usize {
    let query = client
        .query()
        .table_name("items")
        .key_condition_expression("pk = :pk")
        .expression_attribute_values(":pk", s(pk))
        .into_paginator()
        .items()
        .send()
        .collect::<Result<Vec<_>, _>>()
        .await;
    query.expect("query").len()
}

#[tokio::test]
async fn many_writers_share_few_syncs_and_all_is_there_after_reopening() {
    let dir = tempfile::tempdir().expect("temp dir");
    let engine = Engine::open(Location::Dir(dir.path().to_owned())).expect("opens");
    let client = engine.client();
    table(&client).await;
    let before = engine.stats();
    let puts = (0..200).map(|i| {
        let client = client.clone();
        tokio::spawn(async move { put(&client, "p", &format!("{i:04}")).await })
    });
    for put in puts.collect::<Vec<_>>() {
        put.await.expect("joined").expect("put");
    }
    let after = engine.stats();
    assert_eq!(after.writes - before.writes, 200);
    assert!(after.syncs - before.syncs < 150, "{after:?}");
    engine.close();
    drop(client);
    let again = Engine::open(Location::Dir(dir.path().to_owned())).expect("opens again");
    assert_eq!(count(&again.client(), "p").await, 200);
}

#[tokio::test]
async fn long_partitions_come_in_pages_and_short_pages_lose_nothing() {
    let engine = Engine::open(Location::Memory).expect("opens");
    let faults = Faults::default();
    let client = engine.client_with_faults(faults.clone());
    table(&client).await;
    for i in 0..50 {
        put(&client, "p", &format!("{i:04}")).await.expect("put");
    }
    faults.script("Query", Fault::ShortPages(7), 100);
    assert_eq!(count(&client, "p").await, 50);
}

#[tokio::test]
async fn scripted_faults_surface_as_on_aws() {
    let engine = Engine::open(Location::Memory).expect("opens");
    let faults = Faults::default();
    let client = engine.client_with_faults(faults.clone());
    table(&client).await;
    faults.script("PutItem", Fault::Throttle, 1);
    put(&client, "p", "a")
        .await
        .expect("the SDK tries a throttled call again");
    assert!(faults.is_spent());
    faults.script("PutItem", Fault::Throttle, 100);
    assert_eq!(
        put(&client, "p", "b").await,
        Err("ProvisionedThroughputExceededException".to_owned())
    );
    faults.clear();
    faults.script("PutItem", Fault::ReplyLost, 1);
    put(&client, "p", "c")
        .await
        .expect("repeated after the lost reply");
    assert_eq!(count(&client, "p").await, 2);
}

#[tokio::test]
async fn a_table_made_later_is_seen_by_readers() {
    let dir = tempfile::tempdir().expect("temp dir");
    let engine = Engine::open(Location::Dir(dir.path().to_owned())).expect("opens");
    let client = engine.client();
    let early = client
        .get_item()
        .table_name("items")
        .key("pk", s("p"))
        .key("sk", s("a"));
    assert!(early.clone().send().await.is_err());
    table(&client).await;
    put(&client, "p", "a").await.expect("put");
    assert!(early.send().await.expect("get").item.is_some());
}

#[tokio::test]
async fn a_backup_is_a_complete_database() {
    let dir = tempfile::tempdir().expect("temp dir");
    let engine = Engine::open(Location::Dir(dir.path().join("live"))).expect("opens");
    let client = engine.client();
    table(&client).await;
    put(&client, "p", "a").await.expect("put");
    let copy = dir.path().join("copy");
    std::fs::create_dir(&copy).expect("directory");
    engine
        .backup_to(&copy.join("dynamodb.sqlite"))
        .expect("backup");
    let restored = Engine::open(Location::Dir(copy)).expect("opens the copy");
    assert_eq!(count(&restored.client(), "p").await, 1);
}

#[test]
fn unusable_directories_are_told_apart() {
    let dir = tempfile::tempdir().expect("temp dir");
    std::fs::write(
        dir.path().join("dynamodb.sqlite"),
        b"this is no database at all, sorry",
    )
    .expect("written");
    let error = Engine::open(Location::Dir(dir.path().to_owned()))
        .err()
        .expect("refused");
    assert!(
        matches!(error, argus_engine_dynamodb::OpenError::Damaged(..)),
        "{error}"
    );
}

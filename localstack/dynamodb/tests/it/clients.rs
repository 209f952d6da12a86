//! Clients of an engine.

use argus_engine_dynamodb::{Engine, Location};
use futures::future::join_all;

use crate::table::{self, TABLE, item, text};

#[tokio::test]
async fn what_is_put_is_read_back_in_memory_and_on_disk() {
    let dir = tempfile::tempdir().unwrap();
    for location in [Location::Memory, Location::Dir(dir.path().join("new/dir"))] {
        let engine = Engine::open(location).unwrap();
        let client = engine.client();
        table::create(&client).await;
        table::put(&client, "a", "1").await;
        let get = client.get_item().table_name(TABLE);
        let found = get.set_key(Some(item("a", "1"))).send().await.unwrap();
        assert_eq!(found.item.unwrap()["sk"], text("1"));
        assert_eq!(table::count(&client, "a").await, 1);
    }
}

#[tokio::test]
async fn a_client_keeps_its_engine() {
    let client = Engine::open(Location::Memory).unwrap().client();
    table::create(&client).await;
    table::put(&client, "p", "s").await;
    assert_eq!(table::count(&client, "p").await, 1);
}

#[tokio::test]
async fn engines_in_memory_share_nothing() {
    let (one, other) = (
        Engine::open(Location::Memory).unwrap().client(),
        Engine::open(Location::Memory).unwrap().client(),
    );
    table::create(&one).await;
    table::create(&other).await;
    table::put(&one, "p", "s").await;
    assert_eq!(table::count(&other, "p").await, 0);
}

#[tokio::test]
async fn more_callers_than_the_queue_holds_are_all_answered() {
    let client = Engine::open(Location::Memory).unwrap().client();
    table::create(&client).await;
    let names: Vec<String> = (0..1500).map(|number| format!("{number}")).collect();
    join_all(names.iter().map(|sk| table::put(&client, "p", sk))).await;
    assert_eq!(table::count(&client, "p").await, 1500);
}

#[tokio::test]
async fn a_query_without_limit_still_meets_all() {
    let client = Engine::open(Location::Memory).unwrap().client();
    table::create(&client).await;
    let names: Vec<String> = (0..2100).map(|number| format!("{number:04}")).collect();
    for chunk in names.chunks(200) {
        join_all(chunk.iter().map(|sk| table::put(&client, "p", sk))).await;
    }
    let query = client
        .query()
        .table_name(TABLE)
        .key_condition_expression("pk = :pk");
    let query = query.expression_attribute_values(":pk", text("p"));
    let first = query.send().await.unwrap();
    assert_eq!(first.count(), 2000, "the page of a query without limit");
    assert!(first.last_evaluated_key.is_some());
    assert_eq!(table::count(&client, "p").await, 2100);
}

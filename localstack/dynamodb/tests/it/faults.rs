//! Scripted faults look to the application as they do on AWS.

use argus_engine_dynamodb::{Engine, Fault, Faults, Location};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    KeysAndAttributes, Put, PutRequest, TransactWriteItem, WriteRequest,
};

use crate::table::{self, TABLE, item};

async fn scripted() -> (Client, Faults) {
    let engine = Engine::open(Location::Memory).expect("opens");
    let faults = Faults::new();
    let client = engine.client_with_faults(faults.clone());
    table::create(&client).await;
    (client, faults)
}

async fn put(client: &Client, sk: &str) -> Result<(), String> {
    let put = client.put_item().table_name(TABLE);
    let put = put.set_item(Some(item("p", sk))).send().await;
    put.map(drop)
        .map_err(|e| e.code().unwrap_or("transport").to_owned())
}

#[tokio::test]
async fn a_throttled_call_is_tried_again_until_it_is_too_much() {
    let (client, faults) = scripted().await;
    faults.push_times("PutItem", Fault::Throttle, 2);
    put(&client, "a").await.unwrap();
    assert_eq!(faults.pending(), 0);
    faults.push_times("PutItem", Fault::Throttle, 4);
    let refused = put(&client, "b").await;
    assert_eq!(
        refused,
        Err("ProvisionedThroughputExceededException".to_owned())
    );
    assert_eq!(table::count(&client, "p").await, 1);
}

#[tokio::test]
async fn a_lost_reply_was_written_and_is_written_again() {
    let (client, faults) = scripted().await;
    faults.push("PutItem", Fault::LostReply);
    put(&client, "a").await.unwrap();
    assert_eq!(faults.pending(), 0);
    // With a condition the repetition meets what the first attempt wrote.
    faults.push("PutItem", Fault::LostReply);
    let guarded = client
        .put_item()
        .table_name(TABLE)
        .set_item(Some(item("p", "b")));
    let guarded = guarded.condition_expression("attribute_not_exists(pk)");
    let refused = guarded.send().await.unwrap_err();
    assert_eq!(refused.code(), Some("ConditionalCheckFailedException"));
    assert_eq!(table::count(&client, "p").await, 2);
}

#[tokio::test]
async fn a_conflict_names_its_position_and_writes_nothing() {
    let (client, faults) = scripted().await;
    faults.push("TransactWriteItems", Fault::Pass);
    faults.push_times("TransactWriteItems", Fault::Conflict { position: 1 }, 4);
    let write = |prefix: &str| {
        let mut write = client.transact_write_items();
        for number in 0..3 {
            let put = Put::builder().table_name(TABLE);
            let put = put.set_item(Some(item("p", &format!("{prefix}{number}"))));
            let put = put.build().unwrap();
            write = write.transact_items(TransactWriteItem::builder().put(put).build());
        }
        write.send()
    };
    write("passes").await.unwrap();
    let error = write("conflicts").await.unwrap_err().into_service_error();
    let TransactWriteItemsError::TransactionCanceledException(canceled) = error else {
        panic!("{error:?}");
    };
    let codes: Vec<_> = canceled
        .cancellation_reasons()
        .iter()
        .map(|r| r.code())
        .collect();
    assert_eq!(
        codes,
        [Some("None"), Some("TransactionConflict"), Some("None")]
    );
    assert_eq!(table::count(&client, "p").await, 3);
}

#[tokio::test]
async fn what_a_batch_leaves_out_is_handed_back() {
    let (client, faults) = scripted().await;
    let put = |sk: String| {
        let put = PutRequest::builder().set_item(Some(item("p", &sk)));
        WriteRequest::builder()
            .put_request(put.build().unwrap())
            .build()
    };
    let all: Vec<_> = (0..10).map(|number| put(format!("{number}"))).collect();
    faults.push("BatchWriteItem", Fault::Unprocessed { processed: 4 });
    let write = client.batch_write_item().request_items(TABLE, all);
    let left = write.send().await.unwrap().unprocessed_items.unwrap();
    assert_eq!(left[TABLE].len(), 6);
    assert_eq!(table::count(&client, "p").await, 4);
    client
        .batch_write_item()
        .set_request_items(Some(left))
        .send()
        .await
        .unwrap();

    let keys = (0..10)
        .map(|number| item("p", &format!("{number}")))
        .collect();
    let keys = KeysAndAttributes::builder()
        .set_keys(Some(keys))
        .build()
        .unwrap();
    faults.push("BatchGetItem", Fault::Unprocessed { processed: 0 });
    faults.push("BatchGetItem", Fault::Unprocessed { processed: 7 });
    let get = client.batch_get_item().request_items(TABLE, keys);
    let none = get.send().await.unwrap();
    assert!(none.responses.is_none_or(|found| found.is_empty()));
    let get = client
        .batch_get_item()
        .set_request_items(none.unprocessed_keys);
    let some = get.send().await.unwrap();
    assert_eq!(some.responses.unwrap()[TABLE].len(), 7);
    assert_eq!(some.unprocessed_keys.unwrap()[TABLE].keys().len(), 3);
}

#[tokio::test]
async fn short_pages_lose_nothing() {
    let (client, faults) = scripted().await;
    for number in 0..20 {
        put(&client, &format!("{number:02}")).await.unwrap();
    }
    faults.push_times("Query", Fault::ShortPage(3), 7);
    assert_eq!(table::count(&client, "p").await, 20);
    assert_eq!(faults.pending(), 0);
}

#[tokio::test]
async fn a_full_disk_is_an_internal_error_and_other_clients_work_on() {
    let engine = Engine::open(Location::Memory).unwrap();
    let faults = Faults::new();
    let faulty = engine.client_with_faults(faults.clone());
    table::create(&faulty).await;
    faults.push_times("PutItem", Fault::DiskFull, 4);
    assert_eq!(
        put(&faulty, "a").await,
        Err("InternalServerError".to_owned())
    );
    faults.push("PutItem", Fault::DiskFull);
    put(&engine.client(), "b").await.unwrap();
    assert_eq!(faults.pending(), 1);
    faults.clear();
    put(&faulty, "c").await.unwrap();
}

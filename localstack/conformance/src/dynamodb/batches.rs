//! Batches: their limits, and what they hand back.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::types::{DeleteRequest, KeysAndAttributes, PutRequest, WriteRequest};

use super::table::{Item, Table, code, item, s, sort_keys, with};
use crate::case::{ensure, ensure_eq};
use crate::{Failure, Outcome};

/// Rounds in which unprocessed entries are sent again.
const ROUNDS: usize = 50;

fn put(sk: &str) -> WriteRequest {
    let put = PutRequest::builder().set_item(Some(item("p", sk)));
    WriteRequest::builder()
        .put_request(put.build().expect("complete"))
        .build()
}

fn requests(table: &Table, writes: Vec<WriteRequest>) -> HashMap<String, Vec<WriteRequest>> {
    HashMap::from([(table.name.clone(), writes)])
}

fn keys(table: &Table, keys: Vec<Item>) -> HashMap<String, KeysAndAttributes> {
    let keys = KeysAndAttributes::builder()
        .set_keys(Some(keys))
        .consistent_read(true);
    HashMap::from([(table.name.clone(), keys.build().expect("complete"))])
}

/// Everything found, with unprocessed keys asked for again.
async fn get_all(table: &Table, wanted: Vec<Item>) -> Result<Vec<Item>, Failure> {
    let mut found = Vec::new();
    let mut left = keys(table, wanted);
    for _ in 0..ROUNDS {
        let get = table.client.batch_get_item().set_request_items(Some(left));
        let mut page = get.send().await?;
        let items = page.responses.as_mut().and_then(|r| r.remove(&table.name));
        found.extend(items.unwrap_or_default());
        left = page.unprocessed_keys.unwrap_or_default();
        if left.is_empty() {
            return Ok(found);
        }
    }
    Err(Failure("keys stay unprocessed".into()))
}

pub(super) async fn a_batch_write_of_25_is_taken_and_26_refused(table: Table) -> Outcome {
    let mut left = requests(&table, (0..25).map(|i| put(&format!("{i:02}"))).collect());
    for _ in 0..ROUNDS {
        if left.is_empty() {
            break;
        }
        let write = table
            .client
            .batch_write_item()
            .set_request_items(Some(left));
        left = write.send().await?.unprocessed_items.unwrap_or_default();
    }
    ensure!(left.is_empty(), "writes stay unprocessed");
    ensure!(
        table.get("p", "24").await?.is_some(),
        "the last item is missing"
    );
    let over = requests(&table, (0..26).map(|i| put(&format!("over{i}"))).collect());
    let refused = table
        .client
        .batch_write_item()
        .set_request_items(Some(over))
        .send()
        .await;
    ensure_eq!(code(&refused), "ValidationException", "26 writes");
    ensure!(
        table.get("p", "over0").await?.is_none(),
        "a refused item was written"
    );
    Ok(())
}

pub(super) async fn a_batch_write_naming_an_item_twice_is_refused(table: Table) -> Outcome {
    let delete = DeleteRequest::builder().set_key(Some(item("p", "a")));
    let delete = delete.build().expect("complete");
    let delete = WriteRequest::builder().delete_request(delete).build();
    let twice = requests(&table, vec![put("a"), delete]);
    let refused = table
        .client
        .batch_write_item()
        .set_request_items(Some(twice))
        .send()
        .await;
    ensure_eq!(code(&refused), "ValidationException", "code");
    Ok(())
}

pub(super) async fn a_batch_get_of_100_is_taken_and_101_refused(table: Table) -> Outcome {
    table.fill("p", 100).await?;
    let wanted = |count| {
        (0..count)
            .map(|i| item("p", &format!("{i:04}")))
            .collect::<Vec<_>>()
    };
    let found = get_all(&table, wanted(100)).await?;
    let found: BTreeSet<String> = sort_keys(&found).into_iter().collect();
    ensure_eq!(found.len(), 100, "items");
    let over = keys(&table, wanted(101));
    let refused = table
        .client
        .batch_get_item()
        .set_request_items(Some(over))
        .send()
        .await;
    ensure_eq!(code(&refused), "ValidationException", "101 keys");
    Ok(())
}

pub(super) async fn a_batch_get_over_16_mb_hands_back_keys(table: Table) -> Outcome {
    let body = s("x".repeat(390_000));
    for number in 0..45 {
        table
            .put(with(item("p", &format!("{number:04}")), "v", body.clone()))
            .await?;
    }
    let wanted: Vec<Item> = (0..45).map(|i| item("p", &format!("{i:04}"))).collect();
    let get = table.client.batch_get_item();
    let page = get
        .set_request_items(Some(keys(&table, wanted.clone())))
        .send()
        .await?;
    let left = page.unprocessed_keys.unwrap_or_default();
    ensure!(!left.is_empty(), "17 MB came in one answer");
    ensure_eq!(
        get_all(&table, wanted).await?.len(),
        45,
        "items over all answers"
    );
    Ok(())
}

pub(super) async fn a_batch_get_leaves_out_what_is_missing(table: Table) -> Outcome {
    table.put(item("p", "a")).await?;
    let found = get_all(&table, vec![item("p", "a"), item("p", "missing")]).await?;
    ensure_eq!(found, [item("p", "a")], "items");
    Ok(())
}

//! The table and items of these tests.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType,
    ScalarAttributeType,
};

pub const TABLE: &str = "things";

/// Creates [`TABLE`] with string keys `pk` and `sk`.
pub async fn create(client: &Client) {
    let attribute = |name: &str| {
        AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(ScalarAttributeType::S)
            .build()
            .expect("complete")
    };
    let key = |name: &str, kind: KeyType| {
        let element = KeySchemaElement::builder().attribute_name(name);
        element.key_type(kind).build().expect("complete")
    };
    client
        .create_table()
        .table_name(TABLE)
        .attribute_definitions(attribute("pk"))
        .attribute_definitions(attribute("sk"))
        .key_schema(key("pk", KeyType::Hash))
        .key_schema(key("sk", KeyType::Range))
        .billing_mode(BillingMode::PayPerRequest)
        .send()
        .await
        .expect("a new table");
}

pub fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub fn item(pk: &str, sk: &str) -> HashMap<String, AttributeValue> {
    HashMap::from([("pk".into(), text(pk)), ("sk".into(), text(sk))])
}

pub async fn put(client: &Client, pk: &str, sk: &str) {
    let put = client.put_item().table_name(TABLE);
    let put = put.set_item(Some(item(pk, sk)));
    put.send().await.expect("written");
}

/// The sort keys of all items of `pk`, over all pages.
pub async fn sort_keys(client: &Client, pk: &str) -> BTreeSet<String> {
    let mut pages = client
        .query()
        .table_name(TABLE)
        .key_condition_expression("pk = :pk")
        .expression_attribute_values(":pk", text(pk))
        .into_paginator()
        .send();
    let mut keys = BTreeSet::new();
    while let Some(page) = pages.next().await {
        for item in page.expect("a page").items() {
            keys.insert(item["sk"].as_s().expect("text").clone());
        }
    }
    keys
}

/// How many items `pk` has.
pub async fn count(client: &Client, pk: &str) -> usize {
    sort_keys(client, pk).await.len()
}

/// SQLite finds nothing wrong with the closed database in `directory`.
pub fn assert_sound(directory: &Path) {
    let file = rusqlite::Connection::open(directory.join("dynamodb.sqlite")).expect("opens");
    let check = file.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0));
    assert_eq!(check.expect("checked"), "ok");
}

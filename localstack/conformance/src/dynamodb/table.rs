//! A table of the cases, and short ways to use it.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, GlobalSecondaryIndex, KeySchemaElement,
    KeyType, Projection, ProjectionType, ScalarAttributeType, TableStatus,
};

use crate::{Failure, unique};

/// An item.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// A fresh table: text keys `pk` and `sk`, index `all` on `g1`, `s1` with all attributes, index
/// `keys` on `g2` and number `n2` with keys only.
pub struct Table {
    pub(crate) client: Client,
    pub(crate) name: String,
}

pub(crate) fn s(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(crate) fn n(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// An item with these keys and nothing else.
pub(crate) fn item(pk: &str, sk: &str) -> Item {
    Item::from([("pk".to_owned(), s(pk)), ("sk".to_owned(), s(sk))])
}

/// The item with one more attribute.
pub(crate) fn with(mut item: Item, name: &str, value: AttributeValue) -> Item {
    item.insert(name.to_owned(), value);
    item
}

fn attribute(name: &str, kind: ScalarAttributeType) -> AttributeDefinition {
    let attribute = AttributeDefinition::builder().attribute_name(name);
    let attribute = attribute.attribute_type(kind).build();
    attribute.expect("name and type are set")
}

fn key(name: &str, kind: KeyType) -> KeySchemaElement {
    let key = KeySchemaElement::builder().attribute_name(name);
    key.key_type(kind).build().expect("name and type are set")
}

fn index(name: &str, hash: &str, range: &str, projection: ProjectionType) -> GlobalSecondaryIndex {
    GlobalSecondaryIndex::builder()
        .index_name(name)
        .key_schema(key(hash, KeyType::Hash))
        .key_schema(key(range, KeyType::Range))
        .projection(Projection::builder().projection_type(projection).build())
        .build()
        .expect("name and keys are set")
}

impl Table {
    /// Creates a table on `client` and waits until it can be used.
    pub async fn create(client: &Client) -> Result<Self, Failure> {
        let name = unique("conformance");
        client
            .create_table()
            .table_name(&name)
            .billing_mode(BillingMode::PayPerRequest)
            .attribute_definitions(attribute("pk", ScalarAttributeType::S))
            .attribute_definitions(attribute("sk", ScalarAttributeType::S))
            .attribute_definitions(attribute("g1", ScalarAttributeType::S))
            .attribute_definitions(attribute("s1", ScalarAttributeType::S))
            .attribute_definitions(attribute("g2", ScalarAttributeType::S))
            .attribute_definitions(attribute("n2", ScalarAttributeType::N))
            .key_schema(key("pk", KeyType::Hash))
            .key_schema(key("sk", KeyType::Range))
            .global_secondary_indexes(index("all", "g1", "s1", ProjectionType::All))
            .global_secondary_indexes(index("keys", "g2", "n2", ProjectionType::KeysOnly))
            .send()
            .await?;
        let table = Self {
            client: client.clone(),
            name,
        };
        while !table.is_active().await? {
            pause().await;
        }
        Ok(table)
    }

    async fn is_active(&self) -> Result<bool, Failure> {
        let described = self.client.describe_table().table_name(&self.name);
        let table = described.send().await?.table;
        Ok(table.is_some_and(|table| table.table_status == Some(TableStatus::Active)))
    }

    pub(crate) async fn put(&self, item: Item) -> Result<(), Failure> {
        let put = self.client.put_item().table_name(&self.name);
        put.set_item(Some(item)).send().await?;
        Ok(())
    }

    /// Puts items `0000`, `0001`, … under `pk`.
    pub(crate) async fn fill(&self, pk: &str, count: usize) -> Result<(), Failure> {
        for number in 0..count {
            self.put(item(pk, &format!("{number:04}"))).await?;
        }
        Ok(())
    }

    /// The item, read consistently.
    pub(crate) async fn get(&self, pk: &str, sk: &str) -> Result<Option<Item>, Failure> {
        let get = self.client.get_item().table_name(&self.name);
        let get = get.set_key(Some(item(pk, sk))).consistent_read(true);
        Ok(get.send().await?.item)
    }
}

/// Between two looks at something that takes a moment on AWS.
pub(crate) async fn pause() {
    tokio::time::sleep(Duration::from_millis(100)).await;
}

/// The error's code; empty for success, `transport` if no answer came.
pub(crate) fn code<T, E: ProvideErrorMetadata>(result: &Result<T, SdkError<E>>) -> &str {
    match result {
        Ok(_) => "",
        Err(SdkError::ServiceError(error)) => error.err().code().unwrap_or("none"),
        Err(_) => "transport",
    }
}

/// The sort keys of items, in their order.
pub(crate) fn sort_keys(items: &[Item]) -> Vec<String> {
    let text = |item: &Item| item.get("sk").and_then(|sk| sk.as_s().ok()).cloned();
    items.iter().filter_map(text).collect()
}

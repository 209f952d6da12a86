//! The whole table, item by item: for copies of an installation, never for requests.

use crate::error::{StoreError, classify};
use crate::item::Item;
use crate::pause::after_lost_race;
use crate::table::Table;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// Items of one page.
const PAGE: i32 = 500;
/// Items of one BatchWriteItem.
const PUTS: usize = 25;
/// Rounds in which unprocessed items are sent again.
const ROUNDS: u32 = 12;
/// First pause between them, milliseconds.
const PAUSE_MS: u64 = 20;

impl Table {
    /// A page of all items, in no order, from behind `after` on; and where it ended, when there is
    /// more.
    pub async fn scan(&self, after: Option<Item>) -> Result<(Vec<Item>, Option<Item>), StoreError> {
        let scan = self.client().scan().table_name(self.name()).limit(PAGE);
        let scan = scan.consistent_read(true).set_exclusive_start_key(after);
        let page = scan.send().await.map_err(classify)?;
        Ok((page.items.unwrap_or_default(), page.last_evaluated_key))
    }

    /// Whether nothing is stored.
    pub async fn is_empty(&self) -> Result<bool, StoreError> {
        let scan = self.client().scan().table_name(self.name()).limit(1);
        let page = scan.consistent_read(true).send().await.map_err(classify)?;
        Ok(page.items().is_empty())
    }

    /// Puts items, whatever is there under their keys.
    pub async fn put_all(&self, items: Vec<Item>) -> Result<(), StoreError> {
        let mut requests = Vec::with_capacity(items.len());
        for item in items {
            let put = PutRequest::builder().set_item(Some(item)).build();
            let put = put.map_err(|e| StoreError::Failed(e.to_string()))?;
            requests.push(WriteRequest::builder().put_request(put).build());
        }
        for part in requests.chunks(PUTS) {
            self.put_part(part.to_vec()).await?;
        }
        Ok(())
    }

    async fn put_part(&self, mut part: Vec<WriteRequest>) -> Result<(), StoreError> {
        for round in 0..ROUNDS {
            let write = self.client().batch_write_item();
            let sent = write.request_items(self.name(), part).send();
            let left = sent.await.map_err(classify)?.unprocessed_items;
            part = left
                .and_then(|mut left| left.remove(self.name()))
                .unwrap_or_default();
            if part.is_empty() {
                return Ok(());
            }
            after_lost_race(round, PAUSE_MS).await;
        }
        Err(StoreError::Busy("items stayed unprocessed".into()))
    }
}

/// An item as JSON in DynamoDB's own notation, names sorted; the same item is always the same
/// text.
pub fn to_json(item: &Item) -> Result<Value, StoreError> {
    let mut names: Vec<&String> = item.keys().collect();
    names.sort();
    let mut map = Map::new();
    for name in names {
        map.insert(name.clone(), value_to_json(&item[name])?);
    }
    Ok(Value::Object(map))
}

fn value_to_json(value: &AttributeValue) -> Result<Value, StoreError> {
    let sorted = |texts: &[String]| {
        let mut texts = texts.to_vec();
        texts.sort();
        texts
    };
    Ok(match value {
        AttributeValue::S(text) => json!({ "S": text }),
        AttributeValue::N(number) => json!({ "N": number }),
        AttributeValue::B(bytes) => json!({ "B": STANDARD.encode(bytes.as_ref()) }),
        AttributeValue::Bool(flag) => json!({ "BOOL": flag }),
        AttributeValue::Null(_) => json!({ "NULL": true }),
        AttributeValue::Ss(texts) => json!({ "SS": sorted(texts) }),
        AttributeValue::Ns(numbers) => json!({ "NS": sorted(numbers) }),
        AttributeValue::L(values) => {
            let values = values.iter().map(value_to_json);
            json!({ "L": values.collect::<Result<Vec<_>, _>>()? })
        }
        AttributeValue::M(map) => json!({ "M": to_json(map)? }),
        other => return Err(StoreError::Corrupt(format!("unknown value {other:?}"))),
    })
}

/// Reads what [`to_json`] wrote.
pub fn from_json(value: &Value) -> Result<Item, StoreError> {
    let broken = || StoreError::Corrupt("an item is no object".into());
    let map = value.as_object().ok_or_else(broken)?;
    let mut item = HashMap::with_capacity(map.len());
    for (name, value) in map {
        item.insert(name.clone(), value_from_json(value)?);
    }
    Ok(item)
}

fn value_from_json(value: &Value) -> Result<AttributeValue, StoreError> {
    let broken = || StoreError::Corrupt(format!("no value: {value}"));
    let tagged = value.as_object().filter(|map| map.len() == 1);
    let (tag, inner) = tagged
        .and_then(|map| map.iter().next())
        .ok_or_else(broken)?;
    let text = || inner.as_str().map(str::to_owned).ok_or_else(broken);
    let texts = || {
        let all = inner.as_array().ok_or_else(broken)?.iter();
        let text = |value: &Value| value.as_str().map(str::to_owned).ok_or_else(broken);
        all.map(text).collect::<Result<Vec<_>, _>>()
    };
    Ok(match tag.as_str() {
        "S" => AttributeValue::S(text()?),
        "N" => AttributeValue::N(text()?),
        "B" => {
            let bytes = STANDARD.decode(text()?).map_err(|_| broken())?;
            AttributeValue::B(Blob::new(bytes))
        }
        "BOOL" => AttributeValue::Bool(inner.as_bool().ok_or_else(broken)?),
        "NULL" => AttributeValue::Null(true),
        "SS" => AttributeValue::Ss(texts()?),
        "NS" => AttributeValue::Ns(texts()?),
        "L" => {
            let all = inner.as_array().ok_or_else(broken)?.iter();
            AttributeValue::L(all.map(value_from_json).collect::<Result<_, _>>()?)
        }
        "M" => AttributeValue::M(from_json(inner)?),
        _ => return Err(broken()),
    })
}

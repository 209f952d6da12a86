//! Stored shape of an item: keys, a revision, a format version, and one JSON document.
//!
//! Only what a condition or an index needs is an attribute of its own; everything else lives in
//! the document, so a new field needs no new attribute and old items keep loading.

use crate::error::StoreError;
use crate::keys::Key;
use crate::schema::TTL;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::time::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;

/// An item as the SDK sees it.
pub type Item = HashMap<String, AttributeValue>;

/// Format of the document; raised only when old items need a translation.
const FORMAT: u32 = 1;

/// A value with the revision its next write is conditioned on.
#[derive(Clone, Debug, PartialEq)]
pub struct Versioned<T> {
    /// The value.
    pub value: T,
    /// Revision as stored; grows by one with each write.
    pub rev: u64,
}

/// String attribute.
pub(crate) fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

/// Number attribute.
pub(crate) fn n(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// The two key attributes.
pub(crate) fn key_item(key: &Key) -> Item {
    Item::from([("pk".to_owned(), s(&key.pk)), ("sk".to_owned(), s(&key.sk))])
}

/// Keys of the items an index's entries stand for.
pub(crate) fn keys_of(entries: &[Item]) -> Result<Vec<Key>, StoreError> {
    entries.iter().map(key_of).collect()
}

/// Key of an item.
pub(crate) fn key_of(item: &Item) -> Result<Key, StoreError> {
    let (pk, sk) = (text(item, "pk")?.to_owned(), text(item, "sk")?.to_owned());
    Ok(Key { pk, sk })
}

/// An item holding `value` as its document, at revision `rev`.
pub(crate) fn encode<T: Serialize>(key: &Key, rev: u64, value: &T) -> Result<Item, StoreError> {
    let document = serde_json::to_string(value).map_err(|e| StoreError::Corrupt(e.to_string()))?;
    let mut item = key_item(key);
    item.insert("rev".to_owned(), n(rev));
    item.insert("v".to_owned(), n(FORMAT));
    item.insert("d".to_owned(), s(document));
    Ok(item)
}

/// Reads the document and revision of an item.
pub(crate) fn decode<T: DeserializeOwned>(item: &Item) -> Result<Versioned<T>, StoreError> {
    let document = text(item, "d")?;
    let value = serde_json::from_str(document)
        .map_err(|e| StoreError::Corrupt(format!("{e} in {}", text(item, "sk").unwrap_or("?"))))?;
    Ok(Versioned {
        value,
        rev: number(item, "rev").unwrap_or(0),
    })
}

/// A string attribute.
pub(crate) fn text<'a>(item: &'a Item, name: &str) -> Result<&'a str, StoreError> {
    item.get(name)
        .and_then(|v| v.as_s().ok())
        .map(String::as_str)
        .ok_or_else(|| StoreError::Corrupt(format!("attribute {name} is missing")))
}

/// A number attribute; `None` when absent or no unsigned integer.
pub(crate) fn number(item: &Item, name: &str) -> Option<u64> {
    item.get(name)
        .and_then(|v| v.as_n().ok())
        .and_then(|n| n.parse().ok())
}

/// Until when an item is kept; `None`: for ever.
pub(crate) fn expiry(item: &Item) -> Option<Timestamp> {
    let secs = i64::try_from(number(item, TTL)?).ok()?;
    Some(Timestamp(secs.saturating_mul(1000)))
}

/// Whether an item's time is not over: engines delete late.
pub(crate) fn is_alive(item: &Item, now: Timestamp) -> bool {
    expiry(item).is_none_or(|until| until > now)
}

/// Bytes of an item, about as engines count them.
pub(crate) fn size(item: &Item) -> u64 {
    let of = |value: &AttributeValue| match value {
        AttributeValue::S(text) | AttributeValue::N(text) => text.len(),
        AttributeValue::B(bytes) => bytes.as_ref().len(),
        _ => 1,
    };
    let all = item.iter().map(|(name, value)| name.len() + of(value));
    all.sum::<usize>() as u64
}

/// A binary attribute; empty when absent.
pub(crate) fn bytes<'a>(item: &'a Item, name: &str) -> &'a [u8] {
    item.get(name)
        .and_then(|v| v.as_b().ok())
        .map_or(&[], |b| b.as_ref())
}

//! The few operations everything else is made of.

use crate::error::{StoreError, classify};
use crate::item::{Item, key_item, n, s};
use crate::keys::{self, Key};
use crate::range::Range;
use crate::schema::TTL;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Delete, KeysAndAttributes, Put, TransactWriteItem, Update,
};
use futures::stream::{StreamExt, TryStreamExt, iter};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// Keys of one BatchGetItem.
const GET_LIMIT: usize = 100;
/// Such calls under way at the same time.
const GETS_AT_ONCE: usize = 4;
/// Rounds in which unprocessed keys are asked for again.
const UNPROCESSED_ROUNDS: u32 = 8;

/// The single table.
#[derive(Clone, Debug)]
pub struct Table {
    client: Client,
    name: String,
    bell: Arc<Notify>,
}

/// What must hold for a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expect {
    /// Nothing.
    Anything,
    /// No item has this key.
    Absent,
    /// An item has this key.
    Present,
    /// The item is at this revision.
    Rev(u64),
}

/// One write, alone or in a transaction.
#[derive(Clone, Debug)]
pub enum Write {
    /// Puts an item.
    Put(Item, Expect),
    /// Deletes an item.
    Delete(Key, Expect),
    /// Only checks.
    Check(Key, Expect),
    /// Adds one to a counter that expires at the instant (seconds).
    Count(Key, &'static str, i64),
}

impl Write {
    fn fills_outbox(&self) -> bool {
        matches!(self, Self::Put(item, _) if item.get("pk") == Some(&s(keys::OUTBOX)))
    }
}

/// Condition text with its values.
type Condition = (Option<String>, Option<HashMap<String, AttributeValue>>);

impl Expect {
    fn condition(&self) -> Condition {
        match self {
            Self::Anything => (None, None),
            Self::Absent => (Some("attribute_not_exists(pk)".into()), None),
            Self::Present => (Some("attribute_exists(pk)".into()), None),
            Self::Rev(rev) => {
                let values =
                    HashMap::from([(":rev".to_owned(), AttributeValue::N(rev.to_string()))]);
                (Some("rev = :rev".into()), Some(values))
            }
        }
    }
}

impl Table {
    /// A table by name.
    pub fn new(client: Client, name: String) -> Self {
        let bell = Arc::default();
        Self { client, name, bell }
    }

    /// Rings in this process whenever a message was put into the outbox, by whatever transaction.
    pub fn outbox_bell(&self) -> &Notify {
        &self.bell
    }

    /// The SDK client.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Table name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Reads one item, strongly consistent.
    pub async fn get(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.name)
            .set_key(Some(key_item(key)))
            .consistent_read(true)
            .send()
            .await
            .map_err(classify)?;
        Ok(answer.item)
    }

    /// Reads many items, in no order; absent ones are left out.
    pub async fn get_many(&self, keys: &[Key]) -> Result<Vec<Item>, StoreError> {
        let mut parts = Vec::with_capacity(keys.len().div_ceil(GET_LIMIT));
        for part in keys.chunks(GET_LIMIT) {
            parts.push(self.get_part(part));
        }
        let parts: Vec<Vec<Item>> = iter(parts).buffered(GETS_AT_ONCE).try_collect().await?;
        Ok(parts.into_iter().flatten().collect())
    }

    async fn get_part(&self, part: &[Key]) -> Result<Vec<Item>, StoreError> {
        let mut found = Vec::with_capacity(part.len());
        let mut wanted: Vec<Item> = part.iter().map(key_item).collect();
        let mut round = 0;
        while !wanted.is_empty() {
            let (items, rest) = self.get_round(std::mem::take(&mut wanted)).await?;
            found.extend(items);
            wanted = rest;
            if !wanted.is_empty() {
                round += 1;
                if round > UNPROCESSED_ROUNDS {
                    return Err(StoreError::Busy("keys stayed unprocessed".into()));
                }
                tokio::time::sleep(Duration::from_millis(5 << round)).await;
            }
        }
        Ok(found)
    }

    async fn get_round(&self, keys: Vec<Item>) -> Result<(Vec<Item>, Vec<Item>), StoreError> {
        let request = KeysAndAttributes::builder()
            .set_keys(Some(keys))
            .consistent_read(true)
            .build()
            .map_err(|e| StoreError::Failed(e.to_string()))?;
        let answer = self
            .client
            .batch_get_item()
            .request_items(&self.name, request)
            .send()
            .await
            .map_err(classify)?;
        let items = answer
            .responses
            .and_then(|mut r| r.remove(&self.name))
            .unwrap_or_default();
        let rest = answer
            .unprocessed_keys
            .and_then(|mut r| r.remove(&self.name))
            .map(|k| k.keys)
            .unwrap_or_default();
        Ok((items, rest))
    }

    /// Carries out one write; [`StoreError::Conflict`] when what it expects does not hold.
    pub async fn write(&self, write: Write) -> Result<(), StoreError> {
        let rings = write.fills_outbox();
        match write {
            Write::Put(item, expect) => {
                let (condition, values) = expect.condition();
                self.client
                    .put_item()
                    .table_name(&self.name)
                    .set_item(Some(item))
                    .set_condition_expression(condition)
                    .set_expression_attribute_values(values)
                    .send()
                    .await
                    .map_err(classify)?;
            }
            Write::Delete(key, expect) => {
                let (condition, values) = expect.condition();
                self.client
                    .delete_item()
                    .table_name(&self.name)
                    .set_key(Some(key_item(&key)))
                    .set_condition_expression(condition)
                    .set_expression_attribute_values(values)
                    .send()
                    .await
                    .map_err(classify)?;
            }
            other @ (Write::Check(..) | Write::Count(..)) => self.transact(vec![other]).await?,
        }
        if rings {
            self.bell.notify_one();
        }
        Ok(())
    }

    /// Carries out all writes or none; at most 100. [`StoreError::ConditionAt`] names the first
    /// write whose expectation did not hold.
    pub async fn transact(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        let rings = writes.iter().any(Write::fills_outbox);
        let items = writes
            .into_iter()
            .map(|write| self.transact_item(write))
            .collect::<Result<Vec<_>, _>>()?;
        let sent = self
            .client
            .transact_write_items()
            .set_transact_items(Some(items))
            .send()
            .await;
        let Err(error) = sent else {
            if rings {
                self.bell.notify_one();
            }
            return Ok(());
        };
        if let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
            error.as_service_error()
        {
            let codes: Vec<&str> = cancelled
                .cancellation_reasons()
                .iter()
                .map(|r| r.code().unwrap_or(""))
                .collect();
            if let Some(at) = codes.iter().position(|c| *c == "ConditionalCheckFailed") {
                return Err(StoreError::ConditionAt(at));
            }
            return Err(StoreError::Busy(format!(
                "transaction cancelled: {}",
                codes.join(",")
            )));
        }
        Err(classify(error))
    }

    fn transact_item(&self, write: Write) -> Result<TransactWriteItem, StoreError> {
        let built = match write {
            Write::Put(item, expect) => {
                let (condition, values) = expect.condition();
                Put::builder()
                    .table_name(&self.name)
                    .set_item(Some(item))
                    .set_condition_expression(condition)
                    .set_expression_attribute_values(values)
                    .build()
                    .map(|put| TransactWriteItem::builder().put(put).build())
            }
            Write::Delete(key, expect) => {
                let (condition, values) = expect.condition();
                Delete::builder()
                    .table_name(&self.name)
                    .set_key(Some(key_item(&key)))
                    .set_condition_expression(condition)
                    .set_expression_attribute_values(values)
                    .build()
                    .map(|delete| TransactWriteItem::builder().delete(delete).build())
            }
            Write::Check(key, expect) => {
                let (condition, values) = expect.condition();
                ConditionCheck::builder()
                    .table_name(&self.name)
                    .set_key(Some(key_item(&key)))
                    .condition_expression(condition.unwrap_or_default())
                    .set_expression_attribute_values(values)
                    .build()
                    .map(|check| TransactWriteItem::builder().condition_check(check).build())
            }
            Write::Count(key, name, ttl) => Update::builder()
                .table_name(&self.name)
                .set_key(Some(key_item(&key)))
                .update_expression("ADD #n :one SET #ttl = :ttl")
                .expression_attribute_names("#n", name)
                .expression_attribute_names("#ttl", TTL)
                .expression_attribute_values(":one", n(1))
                .expression_attribute_values(":ttl", n(ttl))
                .build()
                .map(|update| TransactWriteItem::builder().update(update).build()),
        };
        built.map_err(|e| StoreError::Failed(e.to_string()))
    }

    /// Starts a Query on partition `pk` of the table.
    pub(crate) fn partition(&self, pk: &str) -> Range {
        let request = self.client.query().table_name(&self.name);
        let names = ("pk".to_owned(), "sk".to_owned());
        Range::new(request.consistent_read(true), names, pk)
    }

    /// Starts a Query on partition `pk` of an index.
    pub(crate) fn index(&self, index: &str, pk: &str) -> Range {
        let request = self.client.query().table_name(&self.name);
        let names = (format!("{index}pk"), format!("{index}sk"));
        Range::new(request.index_name(index), names, pk)
    }
}

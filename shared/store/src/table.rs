//! The few operations everything else is made of.

use crate::error::{StoreError, classify};
use crate::item::{Item, key_item, s};
use crate::keys::Key;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Delete, KeysAndAttributes, Put, TransactWriteItem,
};
use std::collections::HashMap;
use std::time::Duration;

/// Keys of one BatchGetItem.
const GET_LIMIT: usize = 100;
/// Rounds in which unprocessed keys are asked for again.
const UNPROCESSED_ROUNDS: u32 = 8;

/// The single table.
#[derive(Clone, Debug)]
pub struct Table {
    client: Client,
    name: String,
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
        Self { client, name }
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
        let mut found = Vec::with_capacity(keys.len());
        for part in keys.chunks(GET_LIMIT) {
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
            check @ Write::Check(..) => self.transact(vec![check]).await?,
        }
        Ok(())
    }

    /// Carries out all writes or none; at most 100. [`StoreError::ConditionAt`] names the first
    /// write whose expectation did not hold.
    pub async fn transact(&self, writes: Vec<Write>) -> Result<(), StoreError> {
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
        let Err(error) = sent else { return Ok(()) };
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
        };
        built.map_err(|e| StoreError::Failed(e.to_string()))
    }

    /// Starts a Query on partition `pk` of the table.
    pub(crate) fn partition(&self, pk: &str) -> Range {
        Range {
            request: self
                .client
                .query()
                .table_name(&self.name)
                .consistent_read(true),
            names: ("pk".to_owned(), "sk".to_owned()),
            pk: pk.to_owned(),
            bound: Bound::All,
        }
    }

    /// Starts a Query on partition `pk` of an index.
    pub(crate) fn index(&self, index: &str, pk: &str) -> Range {
        Range {
            request: self.client.query().table_name(&self.name).index_name(index),
            names: (format!("{index}pk"), format!("{index}sk")),
            pk: pk.to_owned(),
            bound: Bound::All,
        }
    }
}

enum Bound {
    All,
    Prefix(String),
    After(String),
    AtLeast(String),
    Below(String),
}

/// A Query being built. Every read is limited; [`Range::all`] follows pages up to a bound.
pub(crate) struct Range {
    request: QueryFluentBuilder,
    names: (String, String),
    pk: String,
    bound: Bound,
}

impl Range {
    /// Only sort keys with this prefix.
    pub(crate) fn prefix(mut self, prefix: &str) -> Self {
        self.bound = Bound::Prefix(prefix.to_owned());
        self
    }

    /// Only sort keys above this one.
    pub(crate) fn after(mut self, sk: &str) -> Self {
        self.bound = Bound::After(sk.to_owned());
        self
    }

    /// Only sort keys from this one on.
    pub(crate) fn at_least(mut self, sk: &str) -> Self {
        self.bound = Bound::AtLeast(sk.to_owned());
        self
    }

    /// Only sort keys below this one.
    pub(crate) fn below(mut self, sk: &str) -> Self {
        self.bound = Bound::Below(sk.to_owned());
        self
    }

    /// Highest sort key first.
    pub(crate) fn newest_first(mut self) -> Self {
        self.request = self.request.scan_index_forward(false);
        self
    }

    /// Reads up to `limit` items, following pages as needed.
    pub(crate) async fn take(self, limit: usize) -> Result<Vec<Item>, StoreError> {
        let (condition, bound) = match self.bound {
            Bound::All => ("#pk = :pk", None),
            Bound::Prefix(p) => ("#pk = :pk AND begins_with(#sk, :sk)", Some(p)),
            Bound::After(p) => ("#pk = :pk AND #sk > :sk", Some(p)),
            Bound::AtLeast(p) => ("#pk = :pk AND #sk >= :sk", Some(p)),
            Bound::Below(p) => ("#pk = :pk AND #sk < :sk", Some(p)),
        };
        let mut request = self
            .request
            .key_condition_expression(condition)
            .expression_attribute_names("#pk", self.names.0)
            .expression_attribute_values(":pk", s(self.pk));
        if let Some(bound) = bound {
            request = request
                .expression_attribute_names("#sk", self.names.1)
                .expression_attribute_values(":sk", s(bound));
        }
        let mut items = Vec::new();
        let mut start = None;
        while items.len() < limit {
            let page = i32::try_from((limit - items.len()).min(1000)).unwrap_or(1000);
            let answer = request
                .clone()
                .limit(page)
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(classify)?;
            items.extend(answer.items.unwrap_or_default());
            start = answer.last_evaluated_key;
            if start.is_none() {
                break;
            }
        }
        Ok(items)
    }

    /// Reads everything in range.
    pub(crate) async fn all(self) -> Result<Vec<Item>, StoreError> {
        self.take(usize::MAX).await
    }
}

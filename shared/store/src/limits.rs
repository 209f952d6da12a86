//! Buckets that all instances share: one item per key, moved by one conditional write, so that
//! many requests at once neither step over the limit nor wait for each other.

use crate::Store;
use crate::error::{StoreError, classify};
use crate::item::{key_item, n, number};
use crate::keys::{self, Key};
use crate::schema::TTL;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::bucket::Bucket;
use domain::time::Timestamp;

/// Attribute that holds when the bucket is full again, in milliseconds.
const FULL: &str = "full";

impl Store {
    /// Takes a token of `of` from `bucket`. `Some`: there is none, and these are the whole
    /// seconds until the next.
    pub async fn take_token(
        &self,
        bucket: Bucket,
        of: &str,
        now: Timestamp,
    ) -> Result<Option<u64>, StoreError> {
        let key = keys::limit(bucket.name, of);
        // It was full, or never used: it lacks one token now.
        let fresh = Move {
            set: "SET #full = :to, #ttl = :ttl",
            to: now.0 + bucket.every_ms,
            condition: "attribute_not_exists(#full) OR #full <= :most",
            most: now,
        };
        // It lacked some: it lacks one more, if it had any left.
        let further = Move {
            set: "SET #full = #full + :to, #ttl = :ttl",
            to: bucket.every_ms,
            condition: "#full <= :most",
            most: bucket.latest(now),
        };
        // Readers judge by the instant, so the row may outlive its meaning.
        let ttl = bucket.full_at(now).secs() + 60;
        for step in [fresh, further] {
            match self.move_level(&key, step, ttl).await {
                Ok(()) => return Ok(None),
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error),
            }
        }
        let item = self.table.get(&key).await?.unwrap_or_default();
        let full = number(&item, FULL).and_then(|ms| i64::try_from(ms).ok());
        let full = full.map_or(bucket.full_at(now), Timestamp);
        Ok(Some(bucket.wait_secs(full, now)))
    }

    async fn move_level(&self, key: &Key, step: Move, ttl: i64) -> Result<(), StoreError> {
        self.table
            .client()
            .update_item()
            .table_name(self.table.name())
            .set_key(Some(key_item(key)))
            .update_expression(step.set)
            .condition_expression(step.condition)
            .expression_attribute_names("#full", FULL)
            .expression_attribute_names("#ttl", TTL)
            .expression_attribute_values(":to", n(step.to))
            .expression_attribute_values(":most", AttributeValue::N(step.most.0.to_string()))
            .expression_attribute_values(":ttl", n(ttl))
            .send()
            .await
            .map_err(classify)?;
        Ok(())
    }
}

/// One way to take a token.
struct Move {
    set: &'static str,
    to: i64,
    condition: &'static str,
    most: Timestamp,
}

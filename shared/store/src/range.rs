//! Queries: a part of one partition, in order, bounded.

use crate::error::{StoreError, classify};
use crate::item::{Item, n, s};
use crate::schema::TTL;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use domain::time::Timestamp;

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
    alive_at: Option<Timestamp>,
}

impl Range {
    /// All of a partition, whose key attributes have these names.
    pub(crate) fn new(request: QueryFluentBuilder, names: (String, String), pk: &str) -> Self {
        Self {
            request,
            names,
            pk: pk.to_owned(),
            bound: Bound::All,
            alive_at: None,
        }
    }

    /// Only items whose time is not over: engines delete late.
    pub(crate) fn alive(mut self, now: Timestamp) -> Self {
        self.alive_at = Some(now);
        self
    }

    /// Only sort keys with this prefix.
    pub(crate) fn prefix(mut self, prefix: &str) -> Self {
        self.bound = Bound::Prefix(prefix.to_owned());
        self
    }

    /// Only sort keys above this one; all, above the empty one, which may not stand in a condition.
    pub(crate) fn after(mut self, sk: &str) -> Self {
        self.bound = match sk {
            "" => Bound::All,
            sk => Bound::After(sk.to_owned()),
        };
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
        if let Some(now) = self.alive_at {
            request = request
                .filter_expression("attribute_not_exists(#ttl) OR #ttl > :now")
                .expression_attribute_names("#ttl", TTL)
                .expression_attribute_values(":now", n(now.secs()));
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

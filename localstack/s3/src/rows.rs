//! Rows of the index and the statements on them.

use std::collections::HashMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::{OptionalExtension, Row, Transaction, params};
use s3s::dto::{ETag, ETagCondition, Timestamp};
use s3s::{S3Result, s3_error};
use serde::{Deserialize, Serialize};

use crate::digest::Checksums;
use crate::failure::storage;

/// What an object carries besides its bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Attributes {
    pub content_type: Option<String>,
    pub cache_control: Option<String>,
    pub content_disposition: Option<String>,
    pub content_encoding: Option<String>,
    pub content_language: Option<String>,
    /// Unix seconds.
    pub expires: Option<i64>,
    /// What the client sent as `x-amz-meta-*`.
    pub metadata: HashMap<String, String>,
    pub checksums: Checksums,
    /// For an upload in parts: the algorithm it was begun with, for example `CRC32`.
    pub algorithm: Option<String>,
    /// For an upload in parts: `FULL_OBJECT` or `COMPOSITE`.
    pub checksum_type: Option<String>,
}

/// An object as stored.
#[derive(Debug, Clone)]
pub(crate) struct Object {
    pub blob: String,
    /// Bytes.
    pub size: i64,
    /// Without quotes.
    pub etag: String,
    /// Unix milliseconds.
    pub modified: i64,
    pub attributes: Attributes,
}

impl Object {
    /// From the columns `blob, size, etag, modified, attributes`.
    pub fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let attributes: String = row.get("attributes")?;
        Ok(Self {
            blob: row.get("blob")?,
            size: row.get("size")?,
            etag: row.get("etag")?,
            modified: row.get("modified")?,
            attributes: serde_json::from_str(&attributes).unwrap_or_default(),
        })
    }

    pub fn etag(&self) -> ETag {
        ETag::Strong(self.etag.clone())
    }

    pub fn modified(&self) -> Timestamp {
        timestamp(self.modified)
    }
}

/// Now, in Unix milliseconds.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    i64::try_from(since.unwrap_or_default().as_millis()).unwrap_or(i64::MAX)
}

/// Unix milliseconds as S3 writes times.
pub(crate) fn timestamp(millis: i64) -> Timestamp {
    let since = Duration::from_millis(u64::try_from(millis).unwrap_or_default());
    Timestamp::from(UNIX_EPOCH + since)
}

/// Refuses a bucket that does not exist.
pub(crate) fn need_bucket(tx: &Transaction<'_>, bucket: &str) -> S3Result<()> {
    let mut statement = tx
        .prepare_cached("SELECT 1 FROM bucket WHERE name = ?1")
        .map_err(storage)?;
    match statement.exists([bucket]).map_err(storage)? {
        true => Ok(()),
        false => Err(s3_error!(NoSuchBucket)),
    }
}

/// The object, or `None`.
pub(crate) fn find(tx: &Transaction<'_>, bucket: &str, key: &str) -> S3Result<Option<Object>> {
    let mut statement = tx
        .prepare_cached(
            "SELECT blob, size, etag, modified, attributes FROM object
             WHERE bucket = ?1 AND key = ?2",
        )
        .map_err(storage)?;
    statement
        .query_row(params![bucket, key.as_bytes()], Object::from_row)
        .optional()
        .map_err(storage)
}

/// The object; its bucket and itself must exist.
pub(crate) fn need(tx: &Transaction<'_>, bucket: &str, key: &str) -> S3Result<Object> {
    need_bucket(tx, bucket)?;
    find(tx, bucket, key)?.ok_or_else(|| s3_error!(NoSuchKey))
}

/// Conditions of a write, checked in the transaction that writes.
#[derive(Debug, Default)]
pub(crate) struct Conditions {
    pub if_match: Option<ETagCondition>,
    pub if_none_match: Option<ETagCondition>,
}

impl Conditions {
    pub fn check(&self, current: Option<&Object>) -> S3Result<()> {
        let is = |condition: &ETagCondition| match (condition, current) {
            (_, None) => false,
            (ETagCondition::Any, Some(_)) => true,
            (ETagCondition::ETag(tag), Some(object)) => tag.value() == object.etag,
        };
        match &self.if_match {
            Some(_) if current.is_none() => return Err(s3_error!(NoSuchKey)),
            Some(condition) if !is(condition) => return Err(s3_error!(PreconditionFailed)),
            _ => {}
        }
        match &self.if_none_match {
            Some(condition) if is(condition) => Err(s3_error!(PreconditionFailed)),
            _ => Ok(()),
        }
    }
}

/// Stores the object if the conditions hold; returns the blob it replaced.
pub(crate) fn store(
    tx: &Transaction<'_>,
    bucket: &str,
    key: &str,
    object: &Object,
    conditions: &Conditions,
) -> S3Result<Option<String>> {
    need_bucket(tx, bucket)?;
    let current = find(tx, bucket, key)?;
    conditions.check(current.as_ref())?;
    let attributes = serde_json::to_string(&object.attributes)
        .map_err(|error| s3_error!(error, InternalError))?;
    tx.prepare_cached(
        "INSERT OR REPLACE INTO object (bucket, key, blob, size, etag, modified, attributes)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )
    .and_then(|mut statement| {
        statement.execute(params![
            bucket,
            key.as_bytes(),
            object.blob,
            object.size,
            object.etag,
            object.modified,
            attributes,
        ])
    })
    .map_err(storage)?;
    Ok(current.map(|current| current.blob))
}

/// Deletes the object; returns its blob, `None` if there was no object.
pub(crate) fn delete(tx: &Transaction<'_>, bucket: &str, key: &str) -> S3Result<Option<String>> {
    tx.prepare_cached("DELETE FROM object WHERE bucket = ?1 AND key = ?2 RETURNING blob")
        .and_then(|mut statement| {
            statement
                .query_row(params![bucket, key.as_bytes()], |row| row.get(0))
                .optional()
        })
        .map_err(storage)
}

//! ListObjectsV2: an index range scan that jumps over common prefixes.

use rusqlite::{Transaction, params};
use s3s::dto::{CommonPrefix, ETag, EncodingType, ListObjectsV2Input, ListObjectsV2Output, Object};
use s3s::{S3Result, s3_error};

use crate::backend::Backend;
use crate::failure::storage;
use crate::rows::{need_bucket, timestamp};

/// The most entries of a page.
const PAGE: i32 = 1000;

/// What a page is made from.
struct Request {
    bucket: String,
    prefix: Vec<u8>,
    delimiter: Vec<u8>,
    /// The smallest key that may be listed.
    from: Vec<u8>,
    most: usize,
}

enum Entry {
    Object(Box<Object>),
    Prefix(String),
}

struct Page {
    entries: Vec<Entry>,
    /// The smallest key of the next page; `None` on the last page.
    next: Option<Vec<u8>>,
}

impl Backend {
    pub(crate) async fn list(&self, input: ListObjectsV2Input) -> S3Result<ListObjectsV2Output> {
        let max_keys = input.max_keys.unwrap_or(PAGE);
        if max_keys < 0 {
            return Err(s3_error!(InvalidArgument));
        }
        let request = Request {
            bucket: input.bucket.clone(),
            prefix: input.prefix.clone().unwrap_or_default().into_bytes(),
            delimiter: input.delimiter.clone().unwrap_or_default().into_bytes(),
            from: start(&input)?,
            most: usize::try_from(max_keys.min(PAGE)).unwrap_or_default(),
        };
        let page = self.index.read(move |tx| request.page(tx)).await?;
        let url = input
            .encoding_type
            .as_ref()
            .is_some_and(|encoding| encoding.as_str() == EncodingType::URL);
        let written = |text: String| if url { percent(&text) } else { text };
        let key_count = i32::try_from(page.entries.len()).ok();
        let (mut contents, mut prefixes) = (Vec::new(), Vec::new());
        for entry in page.entries {
            match entry {
                Entry::Object(mut object) => {
                    object.key = object.key.map(written);
                    contents.push(*object);
                }
                Entry::Prefix(prefix) => prefixes.push(CommonPrefix {
                    prefix: Some(written(prefix)),
                }),
            }
        }
        Ok(ListObjectsV2Output {
            name: Some(input.bucket),
            prefix: input.prefix.map(written),
            delimiter: input.delimiter.map(written),
            start_after: input.start_after.map(written),
            continuation_token: input.continuation_token,
            encoding_type: input.encoding_type,
            max_keys: Some(max_keys),
            key_count,
            is_truncated: Some(page.next.is_some()),
            next_continuation_token: page.next.map(hex::encode),
            contents: Some(contents),
            common_prefixes: Some(prefixes),
            ..ListObjectsV2Output::default()
        })
    }
}

/// The smallest key after which the caller wants to go on.
fn start(input: &ListObjectsV2Input) -> S3Result<Vec<u8>> {
    if let Some(token) = &input.continuation_token {
        let bad = |_| {
            s3_error!(
                InvalidArgument,
                "The continuation token provided is incorrect"
            )
        };
        return hex::decode(token).map_err(bad);
    }
    let mut from = input.start_after.clone().unwrap_or_default().into_bytes();
    if !from.is_empty() {
        from.push(0);
    }
    Ok(from)
}

impl Request {
    fn page(&self, tx: &Transaction<'_>) -> S3Result<Page> {
        need_bucket(tx, &self.bucket)?;
        let mut page = Page {
            entries: Vec::new(),
            next: None,
        };
        if self.most == 0 {
            return Ok(page);
        }
        let mut from = self.from.clone().max(self.prefix.clone());
        while let Some(resume) = self.fill(tx, &from, &mut page)? {
            from = resume;
        }
        Ok(page)
    }

    /// Adds entries until the page is full, the keys end, or a common prefix is met, behind
    /// which to go on is returned.
    fn fill(
        &self,
        tx: &Transaction<'_>,
        from: &[u8],
        page: &mut Page,
    ) -> S3Result<Option<Vec<u8>>> {
        let mut statement = tx
            .prepare_cached(
                "SELECT key, size, etag, modified FROM object
                 WHERE bucket = ?1 AND key >= ?2 ORDER BY key",
            )
            .map_err(storage)?;
        let mut rows = statement
            .query(params![self.bucket, from])
            .map_err(storage)?;
        while let Some(row) = rows.next().map_err(storage)? {
            let key: Vec<u8> = row.get(0).map_err(storage)?;
            if !key.starts_with(&self.prefix) {
                return Ok(None);
            }
            if page.entries.len() == self.most {
                page.next = Some(key);
                return Ok(None);
            }
            if let Some(prefix) = self.common_prefix(&key) {
                page.entries.push(Entry::Prefix(text(prefix)));
                return Ok(successor(prefix));
            }
            page.entries.push(Entry::Object(Box::new(Object {
                key: Some(text(&key)),
                size: Some(row.get(1).map_err(storage)?),
                e_tag: Some(ETag::Strong(row.get(2).map_err(storage)?)),
                last_modified: Some(timestamp(row.get(3).map_err(storage)?)),
                ..Object::default()
            })));
        }
        Ok(None)
    }

    fn common_prefix<'k>(&self, key: &'k [u8]) -> Option<&'k [u8]> {
        if self.delimiter.is_empty() {
            return None;
        }
        let rest = &key[self.prefix.len()..];
        let position = rest
            .windows(self.delimiter.len())
            .position(|window| window == self.delimiter)?;
        Some(&key[..self.prefix.len() + position + self.delimiter.len()])
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The smallest byte string greater than everything that starts with `prefix`.
fn successor(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|byte| *byte != u8::MAX)?;
    let mut successor = prefix[..=last].to_vec();
    successor[last] += 1;
    Some(successor)
}

/// Percent-encoding of a key as listings with `encoding-type=url` have it.
fn percent(text: &str) -> String {
    use std::fmt::Write;
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                encoded.push(char::from(byte));
            }
            _ => {
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_successor_carries_over_the_highest_byte() {
        assert_eq!(successor(b"a/"), Some(b"a0".to_vec()));
        assert_eq!(successor(&[b'a', 0xff]), Some(b"b".to_vec()));
        assert_eq!(successor(&[0xff]), None);
    }

    #[test]
    fn odd_keys_are_percent_encoded() {
        assert_eq!(percent("a/b c+ü"), "a/b%20c%2B%C3%BC");
    }
}

//! Uploads in parts: each part a blob of its own, joined when the upload is completed.

use rusqlite::{OptionalExtension, Transaction, params};
use s3s::dto::{
    AbortMultipartUploadInput, ChecksumAlgorithm, ChecksumType, CreateMultipartUploadInput,
    CreateMultipartUploadOutput, ETag, ListMultipartUploadsInput, ListMultipartUploadsOutput,
    ListPartsInput, ListPartsOutput, MultipartUpload, Part, UploadPartInput, UploadPartOutput,
};
use s3s::{S3Request, S3Result, s3_error};

use crate::backend::Backend;
use crate::blobs::random;
use crate::digest::{Algorithm, Checksums};
use crate::failure::storage;
use crate::intake::{Announced, take};
use crate::objects::{seconds, stored_encoding};
use crate::rows::{Attributes, need_bucket, now, timestamp};

/// A part as stored.
#[derive(Debug, Clone)]
pub(crate) struct StoredPart {
    pub number: i32,
    pub blob: String,
    pub size: i64,
    /// Without quotes.
    pub etag: String,
    /// Unix milliseconds.
    pub modified: i64,
    pub checksums: Checksums,
}

/// What the upload was begun with; refuses an id of another key.
pub(crate) fn need_upload(
    tx: &Transaction<'_>,
    bucket: &str,
    key: &str,
    id: &str,
) -> S3Result<Attributes> {
    need_bucket(tx, bucket)?;
    let attributes: Option<String> = tx
        .prepare_cached("SELECT attributes FROM upload WHERE id = ?1 AND bucket = ?2 AND key = ?3")
        .and_then(|mut statement| {
            statement
                .query_row(params![id, bucket, key.as_bytes()], |row| row.get(0))
                .optional()
        })
        .map_err(storage)?;
    let attributes = attributes.ok_or_else(|| s3_error!(NoSuchUpload))?;
    Ok(serde_json::from_str(&attributes).unwrap_or_default())
}

/// All parts of an upload in order.
pub(crate) fn parts(tx: &Transaction<'_>, upload: &str) -> S3Result<Vec<StoredPart>> {
    tx.prepare_cached(
        "SELECT number, blob, size, etag, modified, checksums FROM part
         WHERE upload = ?1 ORDER BY number",
    )
    .and_then(|mut statement| {
        let rows = statement.query_map([upload], |row| {
            let checksums: String = row.get(5)?;
            Ok(StoredPart {
                number: row.get(0)?,
                blob: row.get(1)?,
                size: row.get(2)?,
                etag: row.get(3)?,
                modified: row.get(4)?,
                checksums: serde_json::from_str(&checksums).unwrap_or_default(),
            })
        })?;
        rows.collect()
    })
    .map_err(storage)
}

/// Forgets the upload and returns the blobs of its parts.
pub(crate) fn forget(tx: &Transaction<'_>, upload: &str) -> S3Result<Vec<String>> {
    tx.execute("DELETE FROM upload WHERE id = ?1", [upload])
        .map_err(storage)?;
    tx.prepare_cached("DELETE FROM part WHERE upload = ?1 RETURNING blob")
        .and_then(|mut statement| {
            let rows = statement.query_map([upload], |row| row.get(0))?;
            rows.collect()
        })
        .map_err(storage)
}

/// The part's row, in place of an earlier one; returns the blob it replaced.
fn store_part(tx: &Transaction<'_>, upload: &str, part: &StoredPart) -> S3Result<Vec<String>> {
    let checksums =
        serde_json::to_string(&part.checksums).map_err(|error| s3_error!(error, InternalError))?;
    let replaced: Option<String> = tx
        .query_row(
            "SELECT blob FROM part WHERE upload = ?1 AND number = ?2",
            params![upload, part.number],
            |row| row.get(0),
        )
        .optional()
        .map_err(storage)?;
    tx.execute(
        "INSERT OR REPLACE INTO part (upload, number, blob, size, etag, modified, checksums)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            upload,
            part.number,
            part.blob,
            part.size,
            part.etag,
            part.modified,
            checksums
        ],
    )
    .map_err(storage)?;
    Ok(replaced.into_iter().collect())
}

impl Backend {
    pub(crate) async fn begin_upload(
        &self,
        input: CreateMultipartUploadInput,
    ) -> S3Result<CreateMultipartUploadOutput> {
        let id = random();
        let output = CreateMultipartUploadOutput {
            bucket: Some(input.bucket.clone()),
            key: Some(input.key.clone()),
            upload_id: Some(id.clone()),
            checksum_algorithm: input.checksum_algorithm.clone(),
            checksum_type: input.checksum_type.clone(),
            ..CreateMultipartUploadOutput::default()
        };
        let name = |algorithm: ChecksumAlgorithm| algorithm.as_str().to_owned();
        let kind = |checksum_type: ChecksumType| checksum_type.as_str().to_owned();
        let attributes = Attributes {
            content_type: input.content_type,
            cache_control: input.cache_control,
            content_disposition: input.content_disposition,
            content_encoding: stored_encoding(input.content_encoding),
            content_language: input.content_language,
            expires: input.expires.map(seconds),
            metadata: input.metadata.unwrap_or_default(),
            checksums: Checksums::default(),
            algorithm: input.checksum_algorithm.map(name),
            checksum_type: input.checksum_type.map(kind),
        };
        let (bucket, key) = (input.bucket, input.key);
        let write = self.index.write(move |tx| {
            need_bucket(tx, &bucket)?;
            let attributes = serde_json::to_string(&attributes)
                .map_err(|error| s3_error!(error, InternalError))?;
            tx.execute(
                "INSERT INTO upload (id, bucket, key, started, attributes)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
                params![id, bucket, key.as_bytes(), now(), attributes],
            )
            .map_err(storage)
        });
        write.await?;
        Ok(output)
    }

    pub(crate) async fn take_part(
        &self,
        mut request: S3Request<UploadPartInput>,
    ) -> S3Result<UploadPartOutput> {
        let number = request.input.part_number;
        if !(1..=10_000).contains(&number) {
            return Err(s3_error!(InvalidArgument));
        }
        let input = &request.input;
        let place = (
            input.bucket.clone(),
            input.key.clone(),
            input.upload_id.clone(),
        );
        let (bucket, key, id) = place.clone();
        let find = self
            .index
            .read(move |tx| need_upload(tx, &bucket, &key, &id));
        let upload = find.await?;
        let trailers = request.trailing_headers.take();
        let body = request.input.body.take();
        let input = &request.input;
        let announced = Announced {
            length: input.content_length,
            md5: input.content_md5.clone(),
            checksums: Checksums {
                crc32: input.checksum_crc32.clone(),
                crc32c: input.checksum_crc32c.clone(),
                crc64nvme: input.checksum_crc64nvme.clone(),
                sha1: input.checksum_sha1.clone(),
                sha256: input.checksum_sha256.clone(),
                composite: false,
            },
            algorithms: upload
                .algorithm
                .as_deref()
                .and_then(Algorithm::parse)
                .into_iter()
                .collect(),
        }
        .with_headers(&request);
        let taken = take(&self.blobs, body, announced, trailers).await?;
        let checksums = taken.digests.checksums;
        let part = StoredPart {
            number,
            blob: taken.blob.name().to_owned(),
            size: taken.size,
            etag: hex::encode(taken.digests.md5),
            modified: now(),
            checksums: checksums.clone(),
        };
        let etag = part.etag.clone();
        let (blob, (bucket, key, id)) = (taken.blob, place);
        let write = self.index.write(move |tx| {
            // It may have been completed or aborted while the body arrived.
            need_upload(tx, &bucket, &key, &id)?;
            let replaced = store_part(tx, &id, &part)?;
            blob.keep();
            Ok(replaced)
        });
        self.write_and_discard(write).await?;
        Ok(UploadPartOutput {
            e_tag: Some(ETag::Strong(etag)),
            checksum_crc32: checksums.crc32,
            checksum_crc32c: checksums.crc32c,
            checksum_crc64nvme: checksums.crc64nvme,
            checksum_sha1: checksums.sha1,
            checksum_sha256: checksums.sha256,
            ..UploadPartOutput::default()
        })
    }

    pub(crate) async fn abort_upload(&self, input: AbortMultipartUploadInput) -> S3Result<()> {
        let write = self.index.write(move |tx| {
            need_upload(tx, &input.bucket, &input.key, &input.upload_id)?;
            forget(tx, &input.upload_id)
        });
        self.write_and_discard(write).await
    }

    pub(crate) async fn parts_of_upload(&self, input: ListPartsInput) -> S3Result<ListPartsOutput> {
        let most = usize::try_from(input.max_parts.unwrap_or(1000).clamp(0, 1000));
        let most = most.unwrap_or_default();
        let after = input.part_number_marker.unwrap_or(0);
        let (bucket, key, id) = (
            input.bucket.clone(),
            input.key.clone(),
            input.upload_id.clone(),
        );
        let stored = self.index.read(move |tx| {
            need_upload(tx, &bucket, &key, &id)?;
            parts(tx, &id)
        });
        let mut stored = stored.await?;
        stored.retain(|part| part.number > after);
        let truncated = stored.len() > most;
        stored.truncate(most);
        let next = stored.last().map(|part| part.number);
        let listed = stored.into_iter().map(|part| Part {
            part_number: Some(part.number),
            size: Some(part.size),
            e_tag: Some(ETag::Strong(part.etag)),
            last_modified: Some(timestamp(part.modified)),
            checksum_crc32: part.checksums.crc32,
            checksum_crc32c: part.checksums.crc32c,
            checksum_crc64nvme: part.checksums.crc64nvme,
            checksum_sha1: part.checksums.sha1,
            checksum_sha256: part.checksums.sha256,
        });
        Ok(ListPartsOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            upload_id: Some(input.upload_id),
            max_parts: input.max_parts,
            part_number_marker: input.part_number_marker,
            is_truncated: Some(truncated),
            next_part_number_marker: next.filter(|_| truncated),
            parts: Some(listed.collect()),
            ..ListPartsOutput::default()
        })
    }

    /// The uploads of a bucket that were begun and not finished, at most 1000.
    pub(crate) async fn open_uploads(
        &self,
        input: ListMultipartUploadsInput,
    ) -> S3Result<ListMultipartUploadsOutput> {
        let (bucket, prefix) = (input.bucket.clone(), input.prefix.clone());
        let found = self.index.read(move |tx| {
            need_bucket(tx, &bucket)?;
            tx.prepare(
                "SELECT id, key, started FROM upload WHERE bucket = ?1 ORDER BY key, id LIMIT 1000",
            )
            .and_then(|mut statement| {
                let rows = statement.query_map([&bucket], |row| {
                    let key: Vec<u8> = row.get(1)?;
                    Ok(MultipartUpload {
                        upload_id: Some(row.get(0)?),
                        key: Some(String::from_utf8_lossy(&key).into_owned()),
                        initiated: Some(timestamp(row.get(2)?)),
                        ..MultipartUpload::default()
                    })
                })?;
                rows.collect::<rusqlite::Result<Vec<_>>>()
            })
            .map_err(storage)
        });
        let mut uploads = found.await?;
        let prefix = prefix.unwrap_or_default();
        uploads.retain(|upload| upload.key.as_ref().is_some_and(|k| k.starts_with(&prefix)));
        Ok(ListMultipartUploadsOutput {
            bucket: Some(input.bucket),
            prefix: input.prefix,
            is_truncated: Some(false),
            uploads: Some(uploads),
            ..ListMultipartUploadsOutput::default()
        })
    }
}

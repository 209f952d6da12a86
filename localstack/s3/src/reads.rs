//! Reading objects: whole, in ranges, conditionally.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;

use bytes::Bytes;
use s3s::dto::{
    ChecksumMode, ChecksumType, ETagCondition, GetObjectInput, GetObjectOutput, HeadObjectInput,
    HeadObjectOutput, StreamingBlob, Timestamp,
};
use s3s::{Body, S3Result, s3_error};
use tokio::io::AsyncReadExt;
use tokio_util::io::ReaderStream;

use crate::backend::Backend;
use crate::failure::file;
use crate::intake::blocking;
use crate::objects::seconds;
use crate::rows::{Object, need, timestamp};

/// A body up to this size is read at once; a larger one is streamed.
const SMALL: u64 = 1 << 20;
/// Bytes per read of a streamed body.
const CHUNK: usize = 256 << 10;

/// The conditions of a GET or HEAD.
struct Conditions<'a> {
    if_match: Option<&'a ETagCondition>,
    if_none_match: Option<&'a ETagCondition>,
    if_modified_since: Option<&'a Timestamp>,
    if_unmodified_since: Option<&'a Timestamp>,
}

impl Conditions<'_> {
    fn check(&self, object: &Object) -> S3Result<()> {
        let is = |condition: &ETagCondition| match condition {
            ETagCondition::Any => true,
            ETagCondition::ETag(tag) => tag.value() == object.etag,
        };
        let modified = object.modified.div_euclid(1000);
        let after = |time: &Timestamp| modified > seconds(time.clone());
        let unmet = match (self.if_match, self.if_unmodified_since) {
            (Some(condition), _) => !is(condition),
            (None, Some(time)) => after(time),
            (None, None) => false,
        };
        if unmet {
            return Err(s3_error!(PreconditionFailed));
        }
        let unchanged = match (self.if_none_match, self.if_modified_since) {
            (Some(condition), _) => is(condition),
            (None, Some(time)) => !after(time),
            (None, None) => false,
        };
        match unchanged {
            true => Err(s3_error!(NotModified)),
            false => Ok(()),
        }
    }
}

/// The bytes asked for, and the `Content-Range` if they are not all.
fn select(range: Option<&s3s::dto::Range>, size: i64) -> S3Result<(Range<u64>, Option<String>)> {
    let size = size.unsigned_abs();
    let Some(range) = range else {
        return Ok((0..size, None));
    };
    let bytes = range.check(size).map_err(|_| s3_error!(InvalidRange))?;
    let described = format!("bytes {}-{}/{size}", bytes.start, bytes.end.max(1) - 1);
    Ok((bytes, Some(described)))
}

impl Backend {
    pub(crate) async fn get(&self, input: GetObjectInput) -> S3Result<GetObjectOutput> {
        if input.part_number.is_some() {
            return Err(s3_error!(NotImplemented));
        }
        let (object, blob) = self.open(&input).await?;
        let (bytes, content_range) = select(input.range.as_ref(), object.size)?;
        let length = bytes.end - bytes.start;
        let whole = content_range.is_none();
        let body = content(blob, bytes).await?;
        let described = describe(object, input.checksum_mode.filter(|_| whole));
        Ok(GetObjectOutput {
            body: Some(body),
            content_length: i64::try_from(length).ok(),
            content_range,
            accept_ranges: described.accept_ranges,
            cache_control: described.cache_control,
            checksum_crc32: described.checksum_crc32,
            checksum_crc32c: described.checksum_crc32c,
            checksum_crc64nvme: described.checksum_crc64nvme,
            checksum_sha1: described.checksum_sha1,
            checksum_sha256: described.checksum_sha256,
            checksum_type: described.checksum_type,
            content_disposition: described.content_disposition,
            content_encoding: described.content_encoding,
            content_language: described.content_language,
            content_type: described.content_type,
            e_tag: described.e_tag,
            expires: described.expires,
            last_modified: described.last_modified,
            metadata: described.metadata,
            ..GetObjectOutput::default()
        })
    }

    pub(crate) async fn head(&self, input: HeadObjectInput) -> S3Result<HeadObjectOutput> {
        if input.part_number.is_some() {
            return Err(s3_error!(NotImplemented));
        }
        let (bucket, key) = (input.bucket, input.key);
        let object = self.index.read(move |tx| need(tx, &bucket, &key)).await?;
        Conditions {
            if_match: input.if_match.as_ref(),
            if_none_match: input.if_none_match.as_ref(),
            if_modified_since: input.if_modified_since.as_ref(),
            if_unmodified_since: input.if_unmodified_since.as_ref(),
        }
        .check(&object)?;
        let (bytes, content_range) = select(input.range.as_ref(), object.size)?;
        let whole = content_range.is_none();
        Ok(HeadObjectOutput {
            content_length: i64::try_from(bytes.end - bytes.start).ok(),
            content_range,
            ..describe(object, input.checksum_mode.filter(|_| whole))
        })
    }

    /// The object and its open blob. An overwrite between the two removes the blob: once more,
    /// and what is found then is newer.
    async fn open(&self, input: &GetObjectInput) -> S3Result<(Object, File)> {
        for last in [false, true] {
            let (bucket, key) = (input.bucket.clone(), input.key.clone());
            let object = self.index.read(move |tx| need(tx, &bucket, &key)).await?;
            Conditions {
                if_match: input.if_match.as_ref(),
                if_none_match: input.if_none_match.as_ref(),
                if_modified_since: input.if_modified_since.as_ref(),
                if_unmodified_since: input.if_unmodified_since.as_ref(),
            }
            .check(&object)?;
            let (blobs, name) = (self.blobs.clone(), object.blob.clone());
            let opened = blocking(move || match blobs.open_blob(&name) {
                Ok(blob) => Ok(Some(blob)),
                Err(error) if error.kind() == io::ErrorKind::NotFound && !last => Ok(None),
                Err(error) => Err(file(&error)),
            });
            if let Some(blob) = opened.await? {
                return Ok((object, blob));
            }
        }
        Err(s3_error!(InternalError, "the object's bytes are missing"))
    }
}

async fn content(mut blob: File, bytes: Range<u64>) -> S3Result<StreamingBlob> {
    let length = bytes.end - bytes.start;
    if length <= SMALL {
        let read = blocking(move || {
            let mut buffer = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
            blob.seek(SeekFrom::Start(bytes.start))
                .and_then(|_| blob.take(length).read_to_end(&mut buffer))
                .map_err(|error| file(&error))?;
            Ok(Bytes::from(buffer))
        });
        return Ok(StreamingBlob::from(Body::from(read.await?)));
    }
    blob.seek(SeekFrom::Start(bytes.start))
        .map_err(|error| file(&error))?;
    let reader = tokio::fs::File::from_std(blob).take(length);
    Ok(StreamingBlob::wrap(ReaderStream::with_capacity(
        reader, CHUNK,
    )))
}

fn describe(object: Object, mode: Option<ChecksumMode>) -> HeadObjectOutput {
    let (etag, modified) = (object.etag(), object.modified());
    let attributes = object.attributes;
    let asked = mode.is_some_and(|mode| mode.as_str() == ChecksumMode::ENABLED);
    let checksums = match asked {
        true => attributes.checksums,
        false => crate::digest::Checksums::default(),
    };
    let kind = match checksums.composite {
        true => ChecksumType::COMPOSITE,
        false => ChecksumType::FULL_OBJECT,
    };
    let any = checksums.kinds().next().is_some();
    HeadObjectOutput {
        accept_ranges: Some("bytes".to_owned()),
        cache_control: attributes.cache_control,
        checksum_type: any.then(|| ChecksumType::from_static(kind)),
        checksum_crc32: checksums.crc32,
        checksum_crc32c: checksums.crc32c,
        checksum_crc64nvme: checksums.crc64nvme,
        checksum_sha1: checksums.sha1,
        checksum_sha256: checksums.sha256,
        content_disposition: attributes.content_disposition,
        content_encoding: attributes.content_encoding,
        content_language: attributes.content_language,
        content_length: Some(object.size),
        // What S3 stores for an object that was sent without a type.
        content_type: attributes
            .content_type
            .or_else(|| Some("binary/octet-stream".to_owned())),
        e_tag: Some(etag),
        expires: attributes
            .expires
            .map(|seconds| timestamp(seconds.saturating_mul(1000))),
        last_modified: Some(modified),
        metadata: Some(attributes.metadata),
        ..HeadObjectOutput::default()
    }
}

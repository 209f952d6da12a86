//! Single objects: put, head, delete, copy.

use s3s::dto::{
    CopyObjectInput, CopyObjectOutput, CopyObjectResult, CopySource, DeleteObjectInput,
    DeleteObjectsInput, DeleteObjectsOutput, DeletedObject, ETag, ETagCondition, MetadataDirective,
    PutObjectInput, PutObjectOutput, Timestamp,
};
use s3s::{S3Request, S3Result, s3_error};
use time::OffsetDateTime;

use crate::backend::Backend;
use crate::blobs::Blob;
use crate::digest::Checksums;
use crate::failure::file;
use crate::intake::{Announced, blocking, take};
use crate::rows::{
    Attributes, Conditions, Object, delete, need, need_bucket, now, store, timestamp,
};

/// Unix seconds.
pub(crate) fn seconds(time: Timestamp) -> i64 {
    OffsetDateTime::from(time).unix_timestamp()
}

impl Backend {
    pub(crate) async fn put(
        &self,
        mut request: S3Request<PutObjectInput>,
    ) -> S3Result<PutObjectOutput> {
        let bucket = request.input.bucket.clone();
        self.index.read(move |tx| need_bucket(tx, &bucket)).await?;
        let trailers = request.trailing_headers.take();
        let announced = Announced {
            length: request.input.content_length,
            md5: request.input.content_md5.clone(),
            checksums: Checksums {
                crc32: request.input.checksum_crc32.clone(),
                crc32c: request.input.checksum_crc32c.clone(),
                crc64nvme: request.input.checksum_crc64nvme.clone(),
                sha1: request.input.checksum_sha1.clone(),
                sha256: request.input.checksum_sha256.clone(),
                composite: false,
            },
            algorithms: Vec::new(),
        }
        .with_headers(&request);
        let body = request.input.body.take();
        let taken = take(&self.blobs, body, announced, trailers).await?;
        let input = request.input;
        let checksums = taken.digests.checksums;
        let etag = hex::encode(taken.digests.md5);
        let object = Object {
            blob: taken.blob.name().to_owned(),
            size: taken.size,
            etag: etag.clone(),
            modified: now(),
            attributes: Attributes {
                content_type: input.content_type,
                cache_control: input.cache_control,
                content_disposition: input.content_disposition,
                content_encoding: stored_encoding(input.content_encoding),
                content_language: input.content_language,
                expires: input.expires.map(seconds),
                metadata: input.metadata.unwrap_or_default(),
                checksums: checksums.clone(),
                ..Attributes::default()
            },
        };
        let conditions = Conditions {
            if_match: input.if_match,
            if_none_match: input.if_none_match,
        };
        self.settle(input.bucket, input.key, object, taken.blob, conditions)
            .await?;
        Ok(PutObjectOutput {
            e_tag: Some(ETag::Strong(etag)),
            checksum_crc32: checksums.crc32,
            checksum_crc32c: checksums.crc32c,
            checksum_crc64nvme: checksums.crc64nvme,
            checksum_sha1: checksums.sha1,
            checksum_sha256: checksums.sha256,
            ..PutObjectOutput::default()
        })
    }

    /// Makes `object` visible, then removes what it replaced. Runs to its end even if the
    /// caller goes away in between.
    pub(crate) async fn settle(
        &self,
        bucket: String,
        key: String,
        object: Object,
        blob: Blob,
        conditions: Conditions,
    ) -> S3Result<()> {
        let write = self.index.write(move |tx| {
            let replaced = store(tx, &bucket, &key, &object, &conditions)?;
            // If the commit fails after this, the blob stays until the next sweep.
            blob.keep();
            Ok(replaced.into_iter().collect())
        });
        self.write_and_discard(write).await
    }

    pub(crate) async fn delete(&self, input: DeleteObjectInput) -> S3Result<()> {
        let write = self.index.write(move |tx| {
            need_bucket(tx, &input.bucket)?;
            if let Some(condition) = input.if_match {
                let conditions = Conditions {
                    if_match: Some(condition),
                    if_none_match: None,
                };
                let current = crate::rows::find(tx, &input.bucket, &input.key)?;
                conditions.check(current.as_ref())?;
            }
            Ok(delete(tx, &input.bucket, &input.key)?.into_iter().collect())
        });
        self.write_and_discard(write).await
    }

    pub(crate) async fn delete_many(
        &self,
        input: DeleteObjectsInput,
    ) -> S3Result<DeleteObjectsOutput> {
        if input.delete.objects.len() > 1000 {
            return Err(s3_error!(MalformedXML));
        }
        let keys: Vec<String> = input.delete.objects.into_iter().map(|o| o.key).collect();
        let doomed = keys.clone();
        let write = self.index.write(move |tx| {
            need_bucket(tx, &input.bucket)?;
            let mut blobs = Vec::new();
            for key in &doomed {
                blobs.extend(delete(tx, &input.bucket, key)?);
            }
            Ok(blobs)
        });
        self.write_and_discard(write).await?;
        let deleted = keys.into_iter().map(|key| DeletedObject {
            key: Some(key),
            ..DeletedObject::default()
        });
        let quiet = input.delete.quiet.unwrap_or(false);
        Ok(DeleteObjectsOutput {
            deleted: (!quiet).then(|| deleted.collect()),
            ..DeleteObjectsOutput::default()
        })
    }

    pub(crate) async fn copy(&self, input: CopyObjectInput) -> S3Result<CopyObjectOutput> {
        let CopySource::Bucket { bucket, key, .. } = &input.copy_source else {
            return Err(s3_error!(NotImplemented));
        };
        let (from, from_key) = (bucket.to_string(), key.to_string());
        let replace = input
            .metadata_directive
            .as_ref()
            .is_some_and(|directive| directive.as_str() == MetadataDirective::REPLACE);
        if !replace && from == input.bucket && from_key == input.key {
            return Err(s3_error!(
                InvalidRequest,
                "An object cannot be copied onto itself without changing its metadata."
            ));
        }
        let (mut object, blob) = self.duplicate(&from, &from_key, &input).await?;
        if replace {
            object.attributes = Attributes {
                content_type: input.content_type,
                cache_control: input.cache_control,
                content_disposition: input.content_disposition,
                content_encoding: stored_encoding(input.content_encoding),
                content_language: input.content_language,
                expires: input.expires.map(seconds),
                metadata: input.metadata.unwrap_or_default(),
                checksums: object.attributes.checksums,
                ..Attributes::default()
            };
        }
        object.blob = blob.name().to_owned();
        object.modified = now();
        let result = CopyObjectResult {
            e_tag: Some(object.etag()),
            last_modified: Some(timestamp(object.modified)),
            ..CopyObjectResult::default()
        };
        let none = Conditions::default();
        self.settle(input.bucket, input.key, object, blob, none)
            .await?;
        Ok(CopyObjectOutput {
            copy_object_result: Some(result),
            ..CopyObjectOutput::default()
        })
    }

    /// A second name for the bytes of the source, found again once if it is replaced meanwhile.
    async fn duplicate(
        &self,
        bucket: &str,
        key: &str,
        input: &CopyObjectInput,
    ) -> S3Result<(Object, Blob)> {
        for last in [false, true] {
            let (from, from_key) = (bucket.to_owned(), key.to_owned());
            let object = self
                .index
                .read(move |tx| need(tx, &from, &from_key))
                .await?;
            check_source(&object, input)?;
            let (blobs, name) = (self.blobs.clone(), object.blob.clone());
            let linked = blocking(move || match blobs.link(&name) {
                Ok(blob) => Ok(Some(blob)),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound && !last => Ok(None),
                Err(error) => Err(file(&error)),
            });
            if let Some(blob) = linked.await? {
                return Ok((object, blob));
            }
        }
        Err(s3_error!(NoSuchKey))
    }
}

fn check_source(object: &Object, input: &CopyObjectInput) -> S3Result<()> {
    let is = |condition: &ETagCondition| match condition {
        ETagCondition::Any => true,
        ETagCondition::ETag(tag) => tag.value() == object.etag,
    };
    let wanted = input.copy_source_if_match.as_ref().is_none_or(is);
    let unwanted = input.copy_source_if_none_match.as_ref().is_some_and(is);
    match wanted && !unwanted {
        true => Ok(()),
        false => Err(s3_error!(PreconditionFailed)),
    }
}

/// `aws-chunked` tells how the body was sent, not what it is.
pub(crate) fn stored_encoding(encoding: Option<String>) -> Option<String> {
    let encoding = encoding?;
    let kept: Vec<&str> = encoding
        .split(',')
        .map(str::trim)
        .filter(|name| !name.eq_ignore_ascii_case("aws-chunked") && !name.is_empty())
        .collect();
    (!kept.is_empty()).then(|| kept.join(","))
}

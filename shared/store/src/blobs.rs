//! The bucket.

use crate::error::{StoreError, classify};
use aws_sdk_s3::Client;
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::presigning::{PresignedRequest, PresigningConfig};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::ChecksumMode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use domain::time::Timestamp;
use futures::Stream;
use std::ops::Range;
use std::time::Duration;

/// The bucket and its client.
#[derive(Clone, Debug)]
pub struct Blobs {
    /// S3 client.
    pub client: Client,
    /// Bucket name.
    pub bucket: String,
}

/// What the bucket knows of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectFacts {
    /// Bytes.
    pub size: u64,
    /// Changes whenever the object is written.
    pub etag: String,
    /// SHA-256 in lower-case hexadecimal, if it was uploaded with one.
    pub sha256: Option<String>,
}

/// An object of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Key.
    pub key: String,
    /// Bytes.
    pub size: u64,
    /// When it was written.
    pub modified: Timestamp,
}

/// A request somebody else may send, without credentials of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presigned {
    /// Address.
    pub url: String,
    /// Headers that must go with it.
    pub headers: Vec<(String, String)>,
}

impl From<PresignedRequest> for Presigned {
    fn from(request: PresignedRequest) -> Self {
        let text = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Self {
            url: request.uri().to_owned(),
            headers: request.headers().map(text).collect(),
        }
    }
}

/// A digest as S3 writes it.
fn checksum(sha256_hex: &str) -> Result<String, StoreError> {
    let digest = hex::decode(sha256_hex).map_err(|e| StoreError::Failed(e.to_string()))?;
    Ok(STANDARD.encode(digest))
}

fn lifetime(secs: u64) -> Result<PresigningConfig, StoreError> {
    PresigningConfig::expires_in(Duration::from_secs(secs))
        .map_err(|e| StoreError::Failed(e.to_string()))
}

fn length(bytes: u64) -> Result<i64, StoreError> {
    i64::try_from(bytes).map_err(|e| StoreError::Failed(e.to_string()))
}

impl Blobs {
    /// Creates the bucket unless it exists.
    pub async fn create_bucket(&self) -> Result<(), StoreError> {
        match self
            .client
            .create_bucket()
            .bucket(&self.bucket)
            .send()
            .await
        {
            Ok(_) => Ok(()),
            Err(error) => {
                let exists = error.as_service_error().is_some_and(|e| {
                    e.is_bucket_already_owned_by_you() || e.is_bucket_already_exists()
                });
                if exists { Ok(()) } else { Err(classify(error)) }
            }
        }
    }

    /// Writes an object whose SHA-256 is known; the bucket checks it.
    pub async fn put(&self, key: &str, bytes: Bytes, sha256: &str) -> Result<(), StoreError> {
        let put = self.client.put_object().bucket(&self.bucket).key(key);
        put.checksum_sha256(checksum(sha256)?)
            .body(ByteStream::from(bytes))
            .send()
            .await
            .map_err(classify)?;
        Ok(())
    }

    /// What the bucket knows of an object; `None` when there is none.
    pub async fn head(&self, key: &str) -> Result<Option<ObjectFacts>, StoreError> {
        let head = self.client.head_object().bucket(&self.bucket).key(key);
        match head.checksum_mode(ChecksumMode::Enabled).send().await {
            Ok(found) => {
                let digest = found.checksum_sha256();
                let digest = digest.and_then(|text| STANDARD.decode(text).ok());
                Ok(Some(ObjectFacts {
                    size: u64::try_from(found.content_length().unwrap_or(0)).unwrap_or(0),
                    etag: found.e_tag().unwrap_or_default().to_owned(),
                    sha256: digest.map(hex::encode),
                }))
            }
            // A HEAD has no body, so the status is all there is to go by. Who may read objects but
            // not list them, as our functions, gets 403 for what is not there.
            Err(error)
                if error
                    .raw_response()
                    .is_some_and(|r| matches!(r.status().as_u16(), 403 | 404)) =>
            {
                Ok(None)
            }
            Err(error) => Err(classify(error)),
        }
    }

    /// The bytes of an object, or of a part of it, as they come; `None` when there is none.
    pub async fn stream(
        &self,
        key: &str,
        part: Option<Range<u64>>,
    ) -> Result<Option<impl Stream<Item = Result<Bytes, StoreError>> + use<>>, StoreError> {
        let body = self.open(key, part, None).await?;
        Ok(body.map(|body| {
            futures::stream::try_unfold(body, |mut body| async move {
                match body.next().await {
                    Some(Ok(bytes)) => Ok(Some((bytes, body))),
                    Some(Err(error)) => Err(StoreError::Busy(error.to_string())),
                    None => Ok(None),
                }
            })
        }))
    }

    /// Part of an object that is still the one with this etag; `None` when it is not.
    pub async fn read_part(
        &self,
        key: &str,
        etag: &str,
        part: Range<u64>,
    ) -> Result<Option<Bytes>, StoreError> {
        let Some(body) = self.open(key, Some(part), Some(etag)).await? else {
            return Ok(None);
        };
        let whole = body.collect().await;
        let whole = whole.map_err(|error| StoreError::Busy(error.to_string()))?;
        Ok(Some(whole.into_bytes()))
    }

    async fn open(
        &self,
        key: &str,
        part: Option<Range<u64>>,
        etag: Option<&str>,
    ) -> Result<Option<ByteStream>, StoreError> {
        let range = part.map(|p| format!("bytes={}-{}", p.start, p.end.saturating_sub(1)));
        let get = self.client.get_object().bucket(&self.bucket).key(key);
        let get = get.set_range(range).set_if_match(etag.map(str::to_owned));
        match get.send().await {
            Ok(found) => Ok(Some(found.body)),
            Err(error) if is_gone(&error) => Ok(None),
            Err(error) => Err(classify(error)),
        }
    }

    /// Up to `limit` (at most 1000) objects below a prefix with keys above `after`, in the order of
    /// their keys.
    pub async fn list(
        &self,
        prefix: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<Listed>, StoreError> {
        let list = self.client.list_objects_v2().bucket(&self.bucket);
        let list = list
            .prefix(prefix)
            .max_keys(i32::try_from(limit).unwrap_or(1000));
        let after = Some(after.to_owned()).filter(|after| !after.is_empty());
        let page = list.set_start_after(after).send().await.map_err(classify)?;
        let object = |object: &aws_sdk_s3::types::Object| Listed {
            key: object.key().unwrap_or_default().to_owned(),
            size: u64::try_from(object.size().unwrap_or(0)).unwrap_or(0),
            modified: Timestamp(object.last_modified().map_or(0, |at| at.secs() * 1000)),
        };
        Ok(page.contents().iter().map(object).collect())
    }

    /// Deletes an object; deleting what is not there is fine.
    pub async fn delete(&self, key: &str) -> Result<(), StoreError> {
        let delete = self.client.delete_object().bucket(&self.bucket).key(key);
        delete.send().await.map_err(classify)?;
        Ok(())
    }

    /// A request that uploads exactly `size` bytes, with this SHA-256 if one is given.
    pub async fn presign_put(
        &self,
        key: &str,
        size: u64,
        sha256: Option<&str>,
        secs: u64,
    ) -> Result<Presigned, StoreError> {
        let digest = sha256.map(checksum).transpose()?;
        let put = self.client.put_object().bucket(&self.bucket).key(key);
        put.content_length(length(size)?)
            .set_checksum_sha256(digest)
            .presigned(lifetime(secs)?)
            .await
            .map(Presigned::from)
            .map_err(classify)
    }

    /// A request that downloads an object under this disposition and type.
    pub async fn presign_get(
        &self,
        key: &str,
        disposition: &str,
        mime: &str,
        secs: u64,
    ) -> Result<Presigned, StoreError> {
        let get = self.client.get_object().bucket(&self.bucket).key(key);
        get.response_content_disposition(disposition)
            .response_content_type(mime)
            .presigned(lifetime(secs)?)
            .await
            .map(Presigned::from)
            .map_err(classify)
    }
}

/// The object is not there, or is another one by now.
fn is_gone<R: std::fmt::Debug>(
    error: &SdkError<aws_sdk_s3::operation::get_object::GetObjectError, R>,
) -> bool {
    error
        .as_service_error()
        .is_some_and(|e| e.is_no_such_key() || e.meta().code() == Some("PreconditionFailed"))
}

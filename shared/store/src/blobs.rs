//! The bucket.

use crate::error::{StoreError, classify};
use aws_sdk_s3::Client;

/// The bucket and its client.
#[derive(Clone, Debug)]
pub struct Blobs {
    /// S3 client.
    pub client: Client,
    /// Bucket name.
    pub bucket: String,
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
}

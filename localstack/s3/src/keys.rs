//! Who may sign requests.

use s3s::auth::{S3Auth, SecretKey};
use s3s::{S3Result, s3_error};

/// The key pair that signs requests to the engine; anything else is refused.
#[derive(Clone)]
pub struct Credentials {
    /// Public name of the pair; part of presigned URLs.
    pub access_key: String,
    /// What signs; never leaves the process.
    pub secret_key: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials")
            .field("access_key", &self.access_key)
            .finish_non_exhaustive()
    }
}

#[async_trait::async_trait]
impl S3Auth for Credentials {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        match access_key == self.access_key {
            true => Ok(SecretKey::from(self.secret_key.as_str())),
            false => Err(s3_error!(InvalidAccessKeyId)),
        }
    }
}

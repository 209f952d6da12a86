//! Limits that hold across all instances.

use crate::error::{ApiError, ApiResult};
use domain::bucket::Bucket;
use runtime::Services;
use wire::Code;

/// Takes a token of `of` from `bucket`, or refuses with the seconds to wait.
pub async fn take(services: &Services, bucket: Bucket, of: impl ToString) -> ApiResult<()> {
    let (of, now) = (of.to_string(), services.clock.now());
    match services.store.take_token(bucket, &of, now).await? {
        None => Ok(()),
        Some(secs) => Err(ApiError::with(Code::RateLimited, [secs]).retry_after(secs)),
    }
}

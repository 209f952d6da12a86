//! Where an upload belongs.

use domain::access::Right;
use domain::limits::{BATCH_ID_CHARS, JOB_ID_CHARS};
use runtime::{Identity, Services};
use serde_json::json;
use store::batch_lists::BatchList;
use web::{ApiError, ApiResult, Invalid, visible};

/// How many of the newest batches are asked for a job.
pub const BATCHES_ASKED: usize = 500;

/// Batch and job of an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Batch, as far as it is known or was named.
    pub batch_id: Option<String>,
    /// Job; `None`: the batch as a whole.
    pub job_id: Option<String>,
    /// Nobody has heard of it yet: the upload waits under its uploader.
    pub parked: bool,
}

/// Finds the place of an upload and checks that the caller may put something there.
///
/// A job id alone means the caller's newest batch with such a job, one still running first.
pub async fn of_upload(
    services: &Services,
    who: &Identity,
    batch: Option<&str>,
    job: Option<&str>,
) -> ApiResult<Place> {
    check_length("batch_id", batch, BATCH_ID_CHARS)?;
    check_length("job_id", job, JOB_ID_CHARS)?;
    let place = |batch: Option<&str>, parked| Place {
        batch_id: batch.map(str::to_owned),
        job_id: job.map(str::to_owned),
        parked,
    };
    if let Some(id) = batch {
        let Some(found) = services.store.batch(id).await? else {
            return Ok(place(batch, true));
        };
        visible::check_right(services, who, found, Right::Edit).await?;
        return Ok(place(batch, false));
    }
    let list = [BatchList::Of(who.user.id)];
    let job = job.unwrap_or_default();
    let found = services.store.batch_with_job(&list, job, BATCHES_ASKED);
    Ok(match found.await? {
        Some(batch) => place(Some(&batch.id), false),
        None => place(None, true),
    })
}

fn check_length(name: &str, text: Option<&str>, most: usize) -> ApiResult<()> {
    let Some(text) = text.filter(|text| text.chars().count() > most) else {
        return Ok(());
    };
    let msg = format!("String should have at most {most} characters");
    let problem = Invalid::at(&["path", name], "string_too_long", msg, json!(text));
    Err(ApiError::invalid(&[problem]))
}

//! Lambda entry of `s3-spill`, woken by an upload.

use api_ingest::Intake;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use runtime::Services;
use s3_spill::{Outcome, notice, replay};
use serde_json::Value;
use std::time::{Duration, SystemTime};
use tokio::time::Instant;

/// Time kept for the last group before the runtime ends the process.
const RESERVE: Duration = Duration::from_secs(30);

#[tokio::main]
async fn main() -> Result<(), Error> {
    let services = Services::from_env().await?;
    let intake = Intake::default();
    let (services, intake) = (&services, &intake);
    let handler = service_fn(move |event: LambdaEvent<Value>| async move {
        let begun = std::time::Instant::now();
        let left = event.context.deadline().duration_since(SystemTime::now());
        let left = left.unwrap_or_default().saturating_sub(RESERVE);
        let deadline = Some(Instant::now() + left);
        for id in notice::spills(&event.payload) {
            let outcome = replay(services, intake, id, deadline).await?;
            services.ran_since(begun).await;
            tracing::info!(spill = id, ?outcome, "replay");
            if outcome == Outcome::Unfinished {
                // An error makes the service call again, and the next call goes on from here.
                return Err(Error::from("the replay goes on in another call"));
            }
        }
        Ok(())
    });
    lambda_runtime::run(handler).await
}

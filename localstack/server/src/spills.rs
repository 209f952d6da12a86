//! What the bucket's notices do in the cloud: an upload below the spill prefix starts its replay.

use api_ingest::Intake;
use runtime::Services;
use s3_spill::{Outcome, replay};
use std::sync::Arc;
use std::time::Duration;
use store::StoreError;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Tries of one replay before it waits for the next start or upload.
const TRIES: u32 = 5;
/// Pause after a failed try.
const PAUSE: Duration = Duration::from_secs(2);

/// Tells the replayer of uploads.
#[derive(Clone)]
pub struct Notices(UnboundedSender<u64>);

impl Notices {
    /// A sender, and what [`run`] listens to.
    pub fn channel() -> (Self, UnboundedReceiver<u64>) {
        let (sender, receiver) = unbounded_channel();
        (Self(sender), receiver)
    }

    /// An object was written.
    pub fn written(&self, key: &str) {
        if let Some(id) = store::spills::id_of_object(key) {
            // Nobody listens while the process ends; the next start finds the file.
            let _ = self.0.send(id);
        }
    }
}

/// Replays what earlier processes left, then what is uploaded, one file after another so that the
/// memory of one is enough.
pub async fn run(services: Services, intake: Arc<Intake>, mut uploads: UnboundedReceiver<u64>) {
    match services.store.unfinished_spills(None).await {
        Ok(left) => {
            for id in left {
                attempt(&services, &intake, id).await;
            }
        }
        Err(error) => tracing::warn!(cause = %error, "unfinished spill uploads are not known"),
    }
    while let Some(id) = uploads.recv().await {
        attempt(&services, &intake, id).await;
    }
}

async fn attempt(services: &Services, intake: &Intake, id: u64) {
    let mut last: Option<StoreError> = None;
    for _ in 0..TRIES {
        match replay(services, intake, id, None).await {
            Ok(Outcome::Nothing) => return,
            Ok(outcome) => {
                tracing::info!(spill = id, ?outcome, "spill upload replayed");
                return;
            }
            Err(error) => last = Some(error),
        }
        tokio::time::sleep(PAUSE).await;
    }
    if let Some(error) = last {
        tracing::warn!(spill = id, cause = %error, "a spill upload waits for the next start");
    }
}

//! What lies in the table afterwards, read below every route.

use super::file::SpillFile;
use crate::Outcome;
use domain::event::Detail;
use std::path::Path;
use store::chunks::{Stream, rows};
use test_kit::TestApp;
use test_kit::app::Setup;

/// Stored events.
#[derive(Default)]
pub struct Stored {
    /// Each once.
    pub distinct: u64,
    /// With those stored twice, of which readers drop one.
    pub records: u64,
}

/// Counts the events of `file` in data directory `data`, which no process may have open.
pub async fn count(data: &Path, file: &SpillFile) -> Outcome<Stored> {
    let setup = Setup {
        directory: Some(data.to_owned()),
        ..Setup::default()
    };
    let app = TestApp::with(argus_local::mount::routes(), setup).await;
    let store = &app.services.store;
    let mut stored = Stored::default();
    for batch in &file.batches {
        let all = store.jobs_of_batch(batch).await?;
        // Two events that begin and end the batch, two for each job.
        let ends = 2 + 2 * all.iter().filter(|job| job.status == "done").count() as u64;
        stored.distinct += ends;
        stored.records += ends;
        let per_job = file.jobs.iter().flat_map(|job| {
            let kinds = [Detail::Epochs, Detail::Logs];
            kinds.map(|kind| (kind, job.clone()))
        });
        for (kind, job) in per_job.chain([(Detail::Snapshots, String::new())]) {
            let batch = batch.clone();
            let chunks = store
                .chunks(&Stream { kind, batch, job }, app.services.clock.now())
                .await?;
            let records: usize = chunks.iter().map(|chunk| chunk.records.len()).sum();
            stored.records += records as u64;
            stored.distinct += rows(chunks).len() as u64;
        }
    }
    Ok(stored)
}

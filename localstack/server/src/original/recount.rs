//! Counts again, independently of what the intake said: what every retold batch should hold, and
//! what the table holds.

use super::OriginalError;
use super::retold::Run;
use domain::event::{Detail, EventKind};
use domain::ids::event_fingerprint;
use domain::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use store::Store;
use store::chunks::Stream;

/// Compares every run with what is stored.
pub async fn recount(store: &Store, runs: &[Run], now: Timestamp) -> Result<(), OriginalError> {
    let mut differences = Vec::new();
    for run in runs {
        let Some(batch) = store.batch(&run.id).await? else {
            differences.push(format!("{}: the batch is missing", run.id));
            continue;
        };
        if batch.value.owner_id != Some(run.owner) {
            differences.push(format!("{}: belongs to somebody else", run.id));
        }
        let stored = store.jobs_of_batch(&run.id).await?;
        let stored: BTreeMap<_, _> = stored.iter().map(|job| (&job.id, &job.status)).collect();
        for (id, end) in &run.jobs {
            match (stored.get(id), end) {
                (None, _) => differences.push(format!("{}: job {id} is missing", run.id)),
                (Some(status), Some(end)) if status.as_str() != *end => {
                    differences.push(format!("{}: job {id} is {status}, not {end}", run.id));
                }
                _ => {}
            }
        }
        for (stream, expected) in detail(run) {
            let chunks = store.chunks(&stream, now).await?;
            let found: BTreeSet<u64> = chunks
                .iter()
                .flat_map(|c| c.fingerprints.iter().copied())
                .collect();
            let missing = expected.difference(&found).count();
            if missing > 0 {
                let (kind, job) = (stream.kind, stream.job);
                differences.push(format!(
                    "{}: {missing} {kind:?} of job {job:?} are missing",
                    run.id
                ));
            }
        }
    }
    match differences.is_empty() {
        true => Ok(()),
        false => Err(OriginalError::Differs(differences)),
    }
}

/// Fingerprints of what each stream of a run should hold.
fn detail(run: &Run) -> BTreeMap<Stream, BTreeSet<u64>> {
    let mut streams: BTreeMap<Stream, BTreeSet<u64>> = BTreeMap::new();
    for event in &run.events {
        let word = event["event_type"].as_str().unwrap_or_default();
        let kind = match EventKind::ALL
            .into_iter()
            .find(|kind| kind.as_str() == word)
        {
            Some(EventKind::JobEpoch) => Detail::Epochs,
            Some(EventKind::LogLine) => Detail::Logs,
            Some(EventKind::ResourceSnapshot) => Detail::Snapshots,
            _ => continue,
        };
        let job = match kind {
            // Gauges are noted for the batch, whoever sent them.
            Detail::Snapshots => "",
            _ => event["job_id"].as_str().unwrap_or_default(),
        };
        let stream = Stream {
            kind,
            batch: run.id.clone(),
            job: job.to_owned(),
        };
        let id = event["event_id"].as_str().unwrap_or_default();
        streams
            .entry(stream)
            .or_default()
            .insert(event_fingerprint(id));
    }
    streams
}

//! `POST /api/admin/demo/reset`: sample data that visitors without an account may look at.
//!
//! It is made of events as a reporter sends them, read and folded by the rules of the real ones,
//! and written in one go. The same seed makes the same run; only its times follow the clock.

mod dice;
mod script;

use axum::extract::State;
use axum::http::StatusCode;
use domain::batch::first_attempt;
use domain::event::{Detail, Event};
use domain::fold::{self, View};
use domain::host::UNKNOWN_HOST;
use domain::ids::event_fingerprint;
use domain::project::{DEMO, Project, Visibility};
use domain::time::Timestamp;
use runtime::Services;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use store::StoreError;
use store::chunks::{Chunk, Record, Stream};
use store::hosts::OwnedHost;
use store::whole_runs::WholeRun;
use web::{Admin, ApiResult, ClientInfo, Deed};
use wire::Envelope;

/// Whose the sample data is: nobody's.
const NOBODY: u64 = 0;

/// Makes the sample data anew, as of now.
#[utoipa::path(post, path = "/api/admin/demo/reset", tag = "admin",
    responses((status = 204, description = "made anew"), (status = 403, description = "not an administrator")))]
pub async fn reset_demo(
    State(services): State<Services>,
    Admin(admin): Admin,
    client: ClientInfo,
) -> ApiResult<StatusCode> {
    seed(&services).await?;
    let deed = Deed::new("demo_reset", "system", DEMO);
    deed.note(&services, &admin, &client).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes the sample data anew, as of now.
pub async fn seed(services: &Services) -> Result<(), StoreError> {
    let run = whole_run(services)?;
    services.store.replace_run(run).await
}

/// Makes the sample data where an installation wants it and has none yet.
pub async fn seed_if_missing(services: &Services) -> Result<(), StoreError> {
    let wanted = services.settings().await?.demo_enabled && !services.config.skip_demo_seed;
    if wanted && services.store.batch(script::BATCH).await?.is_none() {
        seed(services).await?;
        tracing::info!("sample data is at /api/public/projects/{DEMO}");
    }
    Ok(())
}

fn whole_run(services: &Services) -> Result<WholeRun, StoreError> {
    let now = services.clock.now();
    let mut view = View::default();
    let mut details: BTreeMap<Stream, Vec<Event>> = BTreeMap::new();
    for event in script::events(now) {
        let event = read(event)?;
        fold::apply(&mut view, &event, NOBODY, now);
        if let Some(kind) = event.kind.detail() {
            let stream = Stream {
                kind,
                batch: event.batch_id.clone(),
                job: match kind {
                    Detail::Snapshots => String::new(),
                    Detail::Epochs | Detail::Logs => event.job_id.clone().unwrap_or_default(),
                },
            };
            details.entry(stream).or_default().push(event);
        }
    }
    let mut batch = view.batch.ok_or_else(|| broken("no batch"))?;
    batch.owner_id = None;
    batch.enrolled = true;
    let mut project = Project::new(DEMO, NOBODY, batch.created_at);
    project.name = "Forecast demo".into();
    project.description = Some("Sample data: twelve models on five data sets.".into());
    project.show_to(Visibility::Public, NOBODY, batch.start_time.at);
    project.published_by = None;
    let chunks = details.into_iter();
    let chunks = chunks.map(|(stream, events)| chunk(services, stream, &events, now));
    Ok(WholeRun {
        project,
        batch,
        jobs: view.jobs.into_values().collect(),
        chunks: chunks.collect::<Result<_, _>>()?,
    })
}

fn chunk(
    services: &Services,
    stream: Stream,
    events: &[Event],
    now: Timestamp,
) -> Result<Chunk, StoreError> {
    let of_host = stream.kind == Detail::Snapshots;
    let is_log = stream.kind == Detail::Logs;
    let records = events.iter().map(|event| {
        let host = event.source.host.clone().filter(|_| of_host);
        Ok(Record {
            event_id: is_log.then(|| event.event_id.clone()),
            time: event.time.text.clone(),
            attempt: first_attempt(),
            host,
            data: RawValue::from_string(event.data_json.clone()).map_err(broken)?,
        })
    });
    let records: Vec<Record> = records.collect::<Result<_, StoreError>>()?;
    let host = records.first().and_then(|record| record.host.clone());
    Ok(Chunk {
        id: services.store.row_ids.take(now, records.len()),
        host: of_host.then(|| OwnedHost {
            owner: NOBODY,
            host: host.unwrap_or_else(|| UNKNOWN_HOST.to_owned()),
        }),
        received_at: now,
        expires_at: None,
        fingerprints: events
            .iter()
            .map(|event| event_fingerprint(&event.event_id))
            .collect(),
        records,
        stream,
    })
}

fn read(event: serde_json::Value) -> Result<Event, StoreError> {
    let envelope = Envelope::read(event, &[]).map_err(|list| broken(format!("{list:?}")))?;
    envelope
        .into_event()
        .map_err(|no| broken(format!("{no:?}")))
}

fn broken(what: impl ToString) -> StoreError {
    StoreError::Corrupt(format!("sample data: {}", what.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_of_the_script_is_one_a_reporter_could_send() {
        let now = Timestamp(1_795_000_000_000);
        let mut view = View::default();
        let mut last = Timestamp(0);
        for event in script::events(now) {
            let event = read(event).expect("an event");
            assert!(event.time.at >= last && event.time.at <= now, "{event:?}");
            last = event.time.at;
            fold::apply(&mut view, &event, NOBODY, now);
        }
        let batch = view.batch.expect("a batch");
        assert_eq!(
            (batch.n_total, batch.n_done, batch.n_failed),
            (Some(60), 48, 2)
        );
        assert_eq!(batch.status.as_str(), "running");
        let words = view.jobs.values().map(|job| job.status.as_str());
        assert_eq!(words.filter(|word| *word == "running").count(), 10);
        let pairs: std::collections::BTreeSet<_> = view
            .jobs
            .values()
            .map(|job| (job.model.clone(), job.dataset.clone()))
            .collect();
        assert_eq!(pairs.len(), 60);
    }

    #[test]
    fn the_same_hour_makes_the_same_run() {
        let now = Timestamp(1_795_000_000_000);
        assert_eq!(script::events(now), script::events(now));
    }
}

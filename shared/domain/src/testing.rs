//! Samples for the tests of this crate.

use crate::batch::Batch;
use crate::event::{Event, EventKind, Facts, JsonFields, Source};
use crate::fold::{View, apply};
use crate::job::Job;
use crate::time::{ClientTime, Timestamp};
use std::collections::BTreeSet;

/// When samples start.
pub const START: Timestamp = Timestamp(1_795_000_000_000);

/// A running batch with one running job.
fn view(batch: &str, job: &str) -> View {
    let event = Event {
        event_id: "e".into(),
        kind: EventKind::JobStart,
        batch_id: batch.to_owned(),
        job_id: Some(job.to_owned()),
        time: ClientTime::server(START),
        data_json: "{}".into(),
        source: Source {
            project: "demo".into(),
            ..Source::default()
        },
        facts: Facts::JobStart {
            model: None,
            dataset: None,
            tags: BTreeSet::new(),
            extra: JsonFields::new(),
        },
    };
    let mut view = View::default();
    apply(&mut view, &event, 1, START);
    view
}

/// A running batch.
pub fn batch(id: &str) -> Batch {
    view(id, "j").batch.expect("made")
}

/// A running job.
pub fn job(batch: &str, id: &str) -> Job {
    view(batch, id).jobs.remove(id).expect("made")
}

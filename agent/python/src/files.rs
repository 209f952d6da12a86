//! Files of jobs and batches.

use crate::batch::Batch;
use crate::convert;
use pyo3::prelude::*;
use reporter::{Artifact, Mode, Owner, Uploader};
use std::path::PathBuf;
use std::time::Duration;

/// How long files wait for the events before them.
const BEFORE: Duration = Duration::from_secs(2);

/// Sends files one after another, after the events recorded so far; how many the server has.
/// Ends early when the server cannot be reached. `owner` is `"job"` or `"batch"`,
/// and its id.
#[pyfunction]
#[pyo3(signature = (batch, owner, paths, fields, mime))]
pub fn upload(
    py: Python<'_>,
    batch: &Batch,
    owner: (String, Bound<'_, PyAny>),
    paths: Vec<PathBuf>,
    fields: Vec<(String, String)>,
    mime: Option<&str>,
) -> usize {
    let reporter = &batch.reporter;
    if paths.is_empty() || reporter.settings().mode != Mode::Online {
        return 0;
    }
    let id = convert::text_of(&owner.1);
    let owner = match owner.0.as_str() {
        "job" => Owner::Job(&id),
        _ => Owner::Batch(&id),
    };
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    py.detach(|| {
        reporter.drain(BEFORE);
        let mut uploader = Uploader::new(reporter.settings());
        let mut sent = 0;
        for path in &paths {
            let artifact = Artifact {
                path,
                owner,
                fields: &fields,
                mime,
            };
            match uploader.send(&artifact) {
                Ok(true) => sent += 1,
                Ok(false) => {}
                Err(_) => break,
            }
        }
        sent
    })
}

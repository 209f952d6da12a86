//! What a query is asked about.

use super::{CountField, TextField, TimeField};
use crate::batch::Batch;
use crate::job::Job;
use crate::metric;
use crate::time::Timestamp;

/// A batch, alone or with one of its jobs.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The batch.
    pub batch: &'a Batch,
    /// The job, when jobs are asked about.
    pub job: Option<&'a Job>,
    /// Owner's user name, when it is asked for.
    pub owner: Option<&'a str>,
    /// Jobs are listed: `status`, `error` and times mean the job's.
    pub lists_jobs: bool,
}

impl<'a> Subject<'a> {
    /// The job, when it is what is listed.
    fn listed_job(&self) -> Option<&'a Job> {
        self.job.filter(|_| self.lists_jobs)
    }

    /// Labels of the batch and, when jobs are listed, of the job.
    pub fn tags(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let of_job = self.listed_job().into_iter().flat_map(|job| &job.tags);
        self.batch.tags.iter().chain(of_job).map(String::as_str)
    }

    pub(super) fn texts(&self, field: TextField) -> Vec<&'a str> {
        let batch = self.batch;
        let one = match field {
            TextField::Tag => return self.tags().collect(),
            TextField::Batch => Some(batch.id.as_str()),
            TextField::Name => batch.name.as_deref(),
            TextField::Project => Some(batch.project.as_str()),
            TextField::Status => match self.listed_job() {
                Some(job) => Some(job.status.as_str()),
                None => Some(batch.status.as_str()),
            },
            TextField::Host => batch.host.as_deref(),
            TextField::User => batch.user.as_deref(),
            TextField::Owner => self.owner,
            TextField::Command => batch.command.as_deref(),
            TextField::Commit => batch.commit.as_deref(),
            TextField::Type => batch.experiment_type.as_deref(),
            TextField::Error => match self.listed_job() {
                Some(job) => job.error.as_deref(),
                None => batch.error.as_deref(),
            },
            TextField::Notes => batch.notes.as_deref(),
            TextField::Job => self.job.map(|job| job.id.as_str()),
            TextField::Model => self.job.and_then(|job| job.model.as_deref()),
            TextField::Dataset => self.job.and_then(|job| job.dataset.as_deref()),
        };
        one.into_iter().collect()
    }

    pub(super) fn count(&self, field: CountField) -> Option<f64> {
        let batch = self.batch;
        let whole = match field {
            CountField::Total => batch.n_total?,
            CountField::Done => batch.n_done,
            CountField::Failed => batch.n_failed,
            CountField::Elapsed => match self.listed_job() {
                Some(job) => job.elapsed_s?,
                None => {
                    let end = batch.end_time.as_ref()?.at;
                    return Some(end.secs_since(batch.start_time.at));
                }
            },
        };
        Some(whole as f64)
    }

    pub(super) fn time(&self, field: TimeField) -> Option<Timestamp> {
        match (field, self.listed_job()) {
            (TimeField::Start, Some(job)) => Some(job.start_time.at),
            (TimeField::Start, None) => Some(self.batch.start_time.at),
            (TimeField::End, Some(job)) => job.end_time.as_ref().map(|t| t.at),
            (TimeField::End, None) => self.batch.end_time.as_ref().map(|t| t.at),
            (TimeField::Last, Some(job)) => Some(job.last_event_at),
            (TimeField::Last, None) => Some(self.batch.last_event_at),
        }
    }

    pub(super) fn metric(&self, name: &str) -> Option<f64> {
        metric::value(self.job?.metrics.as_ref()?, name)
    }

    /// Whether `text` stands in one of its names, regardless of case.
    pub fn mentions(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.names()
            .iter()
            .any(|name| name.to_lowercase().contains(&text))
    }

    /// Names a bare word is looked for in.
    fn names(&self) -> Vec<&'a str> {
        let mut names = vec![self.batch.id.as_str(), self.batch.project.as_str()];
        let batch = self.batch;
        names.extend(
            [&batch.name, &batch.host, &batch.user]
                .into_iter()
                .flatten()
                .map(String::as_str),
        );
        names.extend(self.tags());
        if let Some(job) = self.job {
            names.push(&job.id);
            names.extend(
                [&job.model, &job.dataset]
                    .into_iter()
                    .flatten()
                    .map(String::as_str),
            );
        }
        names
    }
}

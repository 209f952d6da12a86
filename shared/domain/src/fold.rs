//! What an event does: the one place where runs change state because a script reported something.
//!
//! Applying the same event twice gives the same view: a request that was half written and then
//! repeated leads to the state it would have led to at once.

use crate::account::UserId;
use crate::batch::Batch;
use crate::event::{Event, EventKind, Facts};
use crate::ids::event_fingerprint;
use crate::job::{FirstEpoch, Job, LastEpoch};
use crate::limits::TRACE_POINTS;
use crate::notice::NoticeKind;
use crate::status::{self, BatchStatus};
use crate::time::Timestamp;
use crate::tracking::Tracked;
use std::collections::{BTreeMap, BTreeSet};

/// The part of one batch that a request touches: the summary, and the jobs it names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct View {
    /// The batch, if it exists.
    pub batch: Option<Batch>,
    /// Existing jobs among those the request names.
    pub jobs: BTreeMap<String, Job>,
}

/// What applying an event changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// The batch summary says something new (beyond "an event came").
    pub batch: bool,
    /// The job summary changed.
    pub job: bool,
    /// Detail changed a job that readers keep as long as the batch is the same: a new one, or one
    /// that is not at work.
    pub kept_job: bool,
    /// The batch belongs to another project now.
    pub project: bool,
    /// People are to hear of it: the batch ended, or the job failed.
    pub notice: Option<NoticeKind>,
}

/// Applies `event`, reported by `reporter`, received at `now`.
pub fn apply(view: &mut View, event: &Event, reporter: UserId, now: Timestamp) -> Change {
    let mut change = Change::default();
    let known = view.batch.is_some();
    if !known {
        if event.kind == EventKind::ResourceSnapshot {
            return change;
        }
        view.batch = Some(new_batch(event, reporter, now));
        change.batch = true;
    }
    let Some(batch) = view.batch.as_mut() else {
        return change;
    };
    batch.last_event_at = batch.last_event_at.max(now);
    let before = batch.status;
    let project = batch.project.clone();
    match &event.facts {
        Facts::BatchStart {
            experiment_type,
            n_total,
            command,
        } => {
            if batch.owner_id.is_none() {
                batch.owner_id = Some(reporter);
            }
            let is_first = batch.launch == 0 && batch.owner_id == Some(reporter);
            start_batch(batch, event, known, experiment_type, *n_total, command);
            if is_first {
                let reported = command.as_ref().or(event.source.command.as_ref());
                batch.first_command = batch.first_command.take().or(reported.cloned());
            }
            change.batch = true;
        }
        // Reporters that know no `stopped` just say that they are done.
        Facts::BatchDone { stopped: false } => end_batch(batch, event, BatchStatus::Done, None),
        Facts::BatchDone { stopped: true } => end_batch(batch, event, BatchStatus::Stopped, None),
        Facts::BatchFailed { error } => end_batch(batch, event, BatchStatus::Failed, error.clone()),
        Facts::EnvSnapshot => change.batch |= !std::mem::replace(&mut batch.has_env, true),
        _ => batch.status = revived(batch, &event.facts),
    }
    change.project = batch.project != project;
    change.notice = worth_telling(batch, before);
    change.batch |= batch.status != before
        || matches!(
            event.facts,
            Facts::BatchDone { .. } | Facts::BatchFailed { .. }
        );
    if let (Some(job_id), true) = (event.job_id.as_deref(), touches_job(event)) {
        let counts = (batch.n_done, batch.n_failed);
        let job = view
            .jobs
            .entry(job_id.to_owned())
            .or_insert_with(|| new_job(event, job_id));
        let was = job.status.clone();
        let fresh = job.last_event_at == Timestamp(0);
        if fresh || job.attempt != batch.attempt {
            job.attempt = batch.attempt;
            job.first_epoch = None;
            job.last_epoch = None;
        }
        apply_to_job(job, event);
        // The batch's revision tells readers that its jobs changed; detail of those at work
        // changes them too often for that.
        let detail = event.kind.detail().is_some();
        change.kept_job = detail && (fresh || !status::job_is_running(&job.status));
        change.batch |= change.kept_job || !detail;
        job.last_event_at = job.last_event_at.max(now);
        let failed = status::job_is_failed(&job.status) && !status::job_is_failed(&was);
        if failed && job.deleted_at.is_none() && batch.deleted_at.is_none() {
            change.notice = Some(NoticeKind::JobFailed);
        }
        if job.deleted_at.is_none() {
            recount(batch, if fresh { "" } else { &was }, &job.status);
        }
        change.job = true;
        change.batch |= counts != (batch.n_done, batch.n_failed);
    }
    change
}

/// What people hear of a batch that was `before`: only the step into an end is news.
fn worth_telling(batch: &Batch, before: BatchStatus) -> Option<NoticeKind> {
    if batch.status == before || batch.deleted_at.is_some() {
        return None;
    }
    match batch.status {
        BatchStatus::Done => Some(NoticeKind::BatchDone),
        BatchStatus::Failed => Some(NoticeKind::BatchFailed),
        BatchStatus::Stopped => Some(NoticeKind::BatchStopped),
        _ => None,
    }
}

/// Log lines and snapshots name a job without being about its state.
fn touches_job(event: &Event) -> bool {
    event.kind.needs_job()
}

fn new_batch(event: &Event, reporter: UserId, now: Timestamp) -> Batch {
    Batch {
        id: event.batch_id.clone(),
        owner_id: Some(reporter),
        name: None,
        tags: BTreeSet::new(),
        notes: None,
        project: event.source.project.clone(),
        enrolled: false,
        user: event.source.user.clone(),
        host: event.source.host.clone(),
        command: event.source.command.clone(),
        first_command: None,
        commit: event.source.commit.clone(),
        experiment_type: None,
        n_total: None,
        n_done: 0,
        n_failed: 0,
        status: BatchStatus::Running,
        start_time: event.time.clone(),
        end_time: None,
        error: None,
        source_batch_id: None,
        attempt: 1,
        launch: 0,
        stop: None,
        has_env: false,
        last_event_at: now,
        created_at: now,
        tracked: Tracked::default(),
        deleted_at: None,
        purging: false,
    }
}

fn start_batch(
    batch: &mut Batch,
    event: &Event,
    known: bool,
    experiment_type: &Option<String>,
    n_total: Option<Option<i64>>,
    command: &Option<String>,
) {
    let source = &event.source;
    batch.project.clone_from(&source.project);
    replace_if_some(&mut batch.user, &source.user);
    replace_if_some(&mut batch.host, &source.host);
    replace_if_some(&mut batch.commit, &source.commit);
    replace_if_some(&mut batch.command, &source.command);
    replace_if_some(&mut batch.command, command);
    replace_if_some(&mut batch.experiment_type, experiment_type);
    if let Some(n_total) = n_total {
        batch.n_total = n_total;
    }
    let launch = event_fingerprint(&event.event_id);
    // Somebody may stop a rerun before its script has said a word.
    let stopped_early = batch.launch == 0 && batch.stop.is_some();
    // A stub made by an early event is not launched before its first `batch_start`.
    if batch.launch != 0 && batch.launch != launch {
        batch.attempt += 1;
    }
    batch.launch = launch;
    if known && batch.status != BatchStatus::Done && !stopped_early {
        batch.status = batch.status.after_restart();
        batch.end_time = None;
        batch.error = None;
        batch.stop = None;
    }
}

fn end_batch(batch: &mut Batch, event: &Event, status: BatchStatus, error: Option<String>) {
    batch.status = status;
    batch.end_time = Some(event.time.clone());
    batch.error = error;
}

/// A diverged run only counts as recovered once it reports a finite loss again; otherwise every
/// further NaN would flip it back and forth. A silent one that was asked to stop still is.
fn revived(batch: &Batch, facts: &Facts) -> BatchStatus {
    match (batch.status, facts) {
        (BatchStatus::Stalled, _) if batch.stop.is_some() => BatchStatus::Stopping,
        (
            BatchStatus::Divergent,
            Facts::JobEpoch {
                val_loss: Some(loss),
                ..
            },
        ) if loss.is_finite() => BatchStatus::Running,
        (BatchStatus::Divergent, Facts::JobStart { .. }) => BatchStatus::Running,
        (BatchStatus::Divergent, _) => BatchStatus::Divergent,
        (other, _) => other.after_activity(),
    }
}

fn new_job(event: &Event, job_id: &str) -> Job {
    Job {
        id: job_id.to_owned(),
        batch_id: event.batch_id.clone(),
        model: None,
        dataset: None,
        status: "running".to_owned(),
        start_time: event.time.clone(),
        end_time: None,
        elapsed_s: None,
        metrics: None,
        extra: BTreeMap::new(),
        tags: BTreeSet::new(),
        error: None,
        attempt: 1,
        first_epoch: None,
        last_epoch: None,
        val_loss_trace: Vec::new(),
        is_idle_flagged: false,
        // Zero marks a job that no counter knows yet; `apply` sets the real time.
        last_event_at: Timestamp(0),
        deleted_at: None,
    }
}

fn apply_to_job(job: &mut Job, event: &Event) {
    match &event.facts {
        Facts::JobStart {
            model,
            dataset,
            tags,
            extra,
        } => {
            job.status = "running".to_owned();
            job.start_time = event.time.clone();
            job.end_time = None;
            job.error = None;
            job.is_idle_flagged = false;
            replace_if_some(&mut job.model, model);
            replace_if_some(&mut job.dataset, dataset);
            if !tags.is_empty() {
                job.tags.clone_from(tags);
            }
            job.extra.extend(extra.clone());
        }
        Facts::JobEpoch {
            epoch,
            train_loss,
            val_loss,
            lr,
        } => {
            let point = LastEpoch {
                epoch: *epoch,
                train_loss: *train_loss,
                val_loss: *val_loss,
                lr: *lr,
                at: event.time.at,
            };
            note_epoch(job, point);
        }
        Facts::JobDone {
            status,
            elapsed_s,
            metrics,
        } => {
            job.status.clone_from(status);
            job.end_time = Some(event.time.clone());
            job.elapsed_s = elapsed_s.or(job.elapsed_s);
            replace_if_some(&mut job.metrics, metrics);
        }
        Facts::JobFailed {
            error,
            elapsed_s,
            extra,
        } => {
            job.status = "failed".to_owned();
            job.end_time = Some(event.time.clone());
            job.elapsed_s = elapsed_s.or(job.elapsed_s);
            replace_if_some(&mut job.error, error);
            job.extra.extend(extra.clone());
        }
        _ => {}
    }
}

/// A script that resumes from a checkpoint sends epochs again: the point at `s` displaces what
/// stood at `s`, and the trace stays ordered by epoch whatever order points arrive in.
fn note_epoch(job: &mut Job, point: LastEpoch) {
    if job
        .first_epoch
        .is_none_or(|first| point.epoch < first.epoch)
    {
        // What an earlier attempt reported from here on did not happen in this one.
        if job.first_epoch.is_none() {
            job.val_loss_trace.retain(|(epoch, _)| *epoch < point.epoch);
        }
        job.first_epoch = Some(FirstEpoch {
            epoch: point.epoch,
            at: point.at,
        });
    }
    if let Some(loss) = point.val_loss {
        let trace = &mut job.val_loss_trace;
        match trace.binary_search_by_key(&point.epoch, |(epoch, _)| *epoch) {
            Ok(at) => trace[at].1 = loss,
            Err(at) => trace.insert(at, (point.epoch, loss)),
        }
        if trace.len() > TRACE_POINTS {
            trace.drain(..trace.len() - TRACE_POINTS);
        }
    }
    if job
        .last_epoch
        .as_ref()
        .is_none_or(|last| last.epoch <= point.epoch)
    {
        job.last_epoch = Some(point);
    }
}

fn recount(batch: &mut Batch, was: &str, is: &str) {
    batch.n_done += i64::from(status::job_is_done(is)) - i64::from(status::job_is_done(was));
    batch.n_failed += i64::from(status::job_is_failed(is)) - i64::from(status::job_is_failed(was));
}

fn replace_if_some<T: Clone>(slot: &mut Option<T>, new: &Option<T>) {
    if new.is_some() {
        slot.clone_from(new);
    }
}

#[cfg(test)]
#[path = "fold_tests.rs"]
mod tests;

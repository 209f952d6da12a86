//! All rules over one batch: what is new, what is over, and what becomes of the batch.
//!
//! Judging the outcome again finds nothing: whatever is found is noted in the same breath.

use super::divergence::{self, losses};
use super::finding::Finding;
use super::idle::{self, Sample, Use};
use super::ladder::{Idle, Step};
use super::watch::{Diverged, MOST_JOBS, Watch};
use super::{Thresholds, requested, stall, stopping};
use crate::batch::{Batch, StopRequest};
use crate::job::Job;
use crate::status::BatchStatus;
use crate::time::{ClientTime, Timestamp};
use std::collections::BTreeSet;

/// Findings of one look; the next one takes up what is left. Each may write a job and a message,
/// and all of them are one transaction.
pub const MOST_FINDINGS: usize = 25;
/// Who stops batches that stay idle.
pub const SYSTEM: &str = "system";
/// Why.
pub const IDLE_REASON: &str = "idle";

/// Failed jobs that were looked into.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Failures {
    /// Those heard of up to then, of one instant up to this job.
    pub until: (Timestamp, String),
    /// Jobs with the line that says that memory ran out.
    pub out_of_memory: Vec<(String, String)>,
}

/// What was seen of a batch.
#[derive(Clone, Debug)]
pub struct Seen<'a> {
    /// The batch.
    pub batch: &'a Batch,
    /// Its live jobs at work.
    pub jobs: &'a [Job],
    /// Its snapshots of the time that counts, oldest first; the newest alone when none of the jobs
    /// is suspect.
    pub samples: &'a [Sample],
    /// Its new failures.
    pub failures: Failures,
}

/// What follows.
#[derive(Clone, Debug, PartialEq)]
pub struct Ruling {
    /// The batch from now on.
    pub batch: Batch,
    /// Jobs that change.
    pub jobs: Vec<Job>,
    /// What is remembered.
    pub watch: Watch,
    /// What was found, and whether people are told.
    pub findings: Vec<(Finding, bool)>,
}

/// Judges a batch; `None`: everything stays as it is.
pub fn judge(
    seen: &Seen<'_>,
    watch: &Watch,
    thresholds: &Thresholds,
    now: Timestamp,
) -> Option<Ruling> {
    let mut bench = Bench {
        thresholds,
        now,
        ruling: Ruling {
            batch: seen.batch.clone(),
            jobs: vec![],
            watch: watch.clone(),
            findings: vec![],
        },
    };
    bench.failures(&seen.failures);
    bench.revival();
    if !bench.silence() {
        bench.losses(seen.jobs);
        bench.idleness(seen);
    }
    let ruling = bench.ruling;
    (ruling.watch != *watch || ruling.batch != *seen.batch || !ruling.jobs.is_empty())
        .then_some(ruling)
}

struct Bench<'a> {
    thresholds: &'a Thresholds,
    now: Timestamp,
    ruling: Ruling,
}

impl Bench<'_> {
    fn found(&mut self, finding: Finding) {
        let told = self.ruling.watch.tell(finding.rule(), self.now);
        self.ruling.findings.push((finding, told));
    }

    fn is_full(&self) -> bool {
        self.ruling.findings.len() >= MOST_FINDINGS
    }

    fn failures(&mut self, failures: &Failures) {
        let seen = &mut self.ruling.watch.failures_seen;
        if failures.until > *seen {
            seen.clone_from(&failures.until);
        }
        for (job, line) in &failures.out_of_memory {
            self.found(Finding::OutOfMemory {
                job: job.clone(),
                line: line.clone(),
            });
        }
    }

    fn revival(&mut self) {
        let status = self.ruling.batch.status;
        if status == BatchStatus::Stalled || self.ruling.watch.stalled_at.take().is_none() {
            return;
        }
        if status == BatchStatus::Running {
            self.found(Finding::Revived);
        }
    }

    /// Whether nothing else is to be said of a batch, since it says nothing.
    fn silence(&mut self) -> bool {
        let (batch, now) = (&mut self.ruling.batch, self.now);
        if requested::is_expired(batch, now) {
            batch.status = BatchStatus::Cancelled;
            batch.end_time = Some(ClientTime::server(now));
            batch.error = Some(requested::NOBODY.to_owned());
            self.found(Finding::RerunExpired);
            return true;
        }
        if stopping::assess(batch, self.thresholds, now) {
            batch.status = stopping::end_of(batch);
            batch.end_time = Some(ClientTime::server(batch.last_event_at));
            self.ruling.watch.stalled_at = None;
            self.found(Finding::Stopped);
            return true;
        }
        if let Some(silence) = stall::assess(batch, self.thresholds, now) {
            batch.status = BatchStatus::Stalled;
            self.ruling.watch.stalled_at = Some(now);
            self.found(Finding::Stalled {
                since: silence.since,
                secs: silence.secs,
            });
            return true;
        }
        batch.status == BatchStatus::Stalled
    }

    fn losses(&mut self, jobs: &[Job]) {
        let at_work: BTreeSet<&str> = jobs.iter().map(|job| job.id.as_str()).collect();
        let diverged = &mut self.ruling.watch.diverged;
        diverged.retain(|id, _| at_work.contains(id.as_str()));
        for job in jobs {
            if self.is_full() {
                return;
            }
            self.loss(job);
        }
    }

    fn loss(&mut self, job: &Job) {
        let known = self.ruling.watch.diverged.get_mut(&job.id);
        let mut known = known.filter(|known| known.attempt == job.attempt);
        let after = known.as_ref().map(|known| known.epoch);
        let losses = losses(job, after);
        if let Some(open) = known.as_mut().filter(|known| !known.over) {
            let fell = |loss: f64| loss.is_finite() && open.loss.is_none_or(|was| loss < was);
            if let Some((epoch, _)) = losses.last().filter(|(_, loss)| fell(*loss)) {
                // From here on its losses are judged anew.
                (open.over, open.epoch) = (true, epoch - 1);
                let job = job.id.clone();
                self.found(Finding::Converged { job });
                self.back_on_rails();
            }
            return;
        }
        let runs = self.ruling.batch.status == BatchStatus::Running;
        let room = known.is_some() || self.ruling.watch.diverged.len() < MOST_JOBS;
        let verdict = divergence::assess(&losses, self.thresholds).filter(|_| runs && room);
        let Some(verdict) = verdict else {
            return;
        };
        let diverged = Diverged {
            attempt: job.attempt,
            epoch: verdict.epoch,
            loss: Some(verdict.value).filter(|loss| loss.is_finite()),
            reason: verdict.reason,
            over: false,
        };
        let watch = &mut self.ruling.watch;
        watch.diverged.insert(job.id.clone(), diverged);
        self.ruling.batch.status = BatchStatus::Divergent;
        self.found(Finding::Diverged {
            job: job.id.clone(),
            reason: verdict.reason,
            ratio: verdict.ratio,
            window: self.thresholds.divergence_window,
            epoch: verdict.epoch,
        });
    }

    /// A loss came back. Usually the report that says so has set the batch running already.
    fn back_on_rails(&mut self) {
        let mut known = self.ruling.watch.diverged.values();
        let batch = &mut self.ruling.batch;
        if known.all(|known| known.over) && batch.status == BatchStatus::Divergent {
            batch.status = BatchStatus::Running;
        }
    }

    fn idleness(&mut self, seen: &Seen<'_>) {
        let flagged = |id: &str| {
            let mut jobs = seen.jobs.iter();
            jobs.any(|job| job.id == id && job.is_idle_flagged)
        };
        self.ruling.watch.idle.retain(|id, _| flagged(id));
        let status = self.ruling.batch.status;
        if !matches!(status, BatchStatus::Running | BatchStatus::Divergent) {
            return;
        }
        let uses: Vec<(&Job, Use)> = seen
            .jobs
            .iter()
            .map(|job| {
                let used = idle::assess(job, seen.samples, self.thresholds, self.now);
                (job, used)
            })
            .collect();
        let is_unused = |used: &Use| matches!(used, Use::Unused { .. });
        let kept = |idle: &Idle| idle.kept_until.is_some_and(|until| until > self.now);
        let any_kept = self.ruling.watch.idle.values().any(kept);
        let all_unused = !any_kept && uses.iter().all(|(_, used)| is_unused(used));
        for (job, used) in uses {
            if self.is_full() || self.ruling.batch.status == BatchStatus::Stopping {
                return;
            }
            match used {
                Use::Used => self.used(job),
                Use::Unused { since, gpus } => self.unused(job, (since, gpus), all_unused),
                Use::Unknown => {}
            }
        }
    }

    fn used(&mut self, job: &Job) {
        self.ruling.watch.idle.remove(&job.id);
        if job.is_idle_flagged {
            self.ruling.jobs.push(Job {
                is_idle_flagged: false,
                ..job.clone()
            });
            let job = job.id.clone();
            self.found(Finding::IdleEnded { job });
        }
    }

    fn unused(&mut self, job: &Job, (since, gpus): (Timestamp, usize), all_unused: bool) {
        let known = self.ruling.watch.idle.get(&job.id).copied();
        if known.is_none() && self.ruling.watch.idle.len() >= MOST_JOBS {
            return;
        }
        let mut idle = known.unwrap_or_else(|| Idle::new(since, gpus));
        let due = idle.next(self.thresholds, all_unused);
        let Some((step, _)) = due.filter(|(_, due)| *due <= self.now) else {
            return;
        };
        (idle.step, idle.stepped_at, idle.kept_until) = (Some(step), self.now, None);
        self.ruling.watch.idle.insert(job.id.clone(), idle);
        if !job.is_idle_flagged {
            self.ruling.jobs.push(Job {
                is_idle_flagged: true,
                ..job.clone()
            });
        }
        if step == Step::Stopped {
            self.ruling.batch.status = BatchStatus::Stopping;
            self.ruling.batch.stop = Some(StopRequest {
                signalled_at: None,
                by: SYSTEM.to_owned(),
                at: self.now,
                reason: Some(IDLE_REASON.to_owned()),
            });
        }
        let next = idle.next(self.thresholds, all_unused);
        let stops = next.filter(|(step, _)| *step == Step::Stopped);
        self.found(Finding::Idle {
            job: job.id.clone(),
            step,
            idle,
            stop_at: stops.map(|(_, due)| due),
        });
    }
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;

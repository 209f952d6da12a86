//! What guardrails find, and the words people are told it in.

use super::divergence::Reason;
use super::ladder::{Idle, Step};
use crate::batch::Batch;
use crate::job::Job;
use crate::notice::{Notice, NoticeKind};
use crate::time::Timestamp;

/// Something found, or over.
#[derive(Clone, Debug, PartialEq)]
pub enum Finding {
    /// The batch went silent.
    Stalled {
        /// When it was last heard of.
        since: Timestamp,
        /// Seconds from then on.
        secs: i64,
    },
    /// It reports again.
    Revived,
    /// It was asked to stop and went silent.
    Stopped,
    /// A rerun no agent took up in time.
    RerunExpired,
    /// The loss of a job left the rails.
    Diverged {
        /// Job.
        job: String,
        /// Why.
        reason: Reason,
        /// How much it grew.
        ratio: Option<f64>,
        /// How many losses were looked at.
        window: usize,
        /// Epoch of the newest.
        epoch: i64,
    },
    /// It came back.
    Converged {
        /// Job.
        job: String,
    },
    /// A job is idle, and a step of the ladder was taken.
    Idle {
        /// Job.
        job: String,
        /// Step.
        step: Step,
        /// State after it.
        idle: Idle,
        /// When the batch will be stopped, if that is next.
        stop_at: Option<Timestamp>,
    },
    /// It uses its GPU again.
    IdleEnded {
        /// Job.
        job: String,
    },
    /// A job seems to have failed for lack of memory.
    OutOfMemory {
        /// Job.
        job: String,
        /// The line that says so.
        line: String,
    },
}

/// What an hour of a GPU costs; nobody said when zero.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Price {
    /// Amount.
    pub hour: f64,
    /// Currency, as people write it.
    pub currency: String,
}

impl Price {
    /// What so many hours cost, as text; empty without a price.
    pub fn of(&self, hours: f64) -> String {
        match self.hour > 0.0 {
            true => format!("{:.2} {}", hours * self.hour, self.currency)
                .trim_end()
                .to_owned(),
            false => String::new(),
        }
    }
}

impl Finding {
    /// The rule it comes from: people are told of each once in a while.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::Stalled { .. } => "stalled",
            Self::Revived => "revived",
            Self::Stopped => "stopped",
            Self::RerunExpired => "rerun_expired",
            Self::Diverged { .. } => "diverged",
            Self::Converged { .. } => "converged",
            Self::Idle { step, .. } => match step {
                Step::Warned => "idle",
                Step::WarnedAgain => "idle_again",
                Step::Stopped => "idle_stopped",
            },
            Self::IdleEnded { .. } => "idle_ended",
            Self::OutOfMemory { .. } => "out_of_memory",
        }
    }

    /// `event_type` viewers are told.
    pub fn event(&self) -> &'static str {
        match self {
            Self::Stalled { .. } => "batch_stalled",
            Self::Revived | Self::Converged { .. } => "batch_recovered",
            Self::Stopped => "batch_stopped",
            Self::RerunExpired => "batch_cancelled",
            Self::Diverged { .. } => "batch_diverged",
            Self::Idle { .. } => "job_idle_flagged",
            Self::IdleEnded { .. } => "job_idle_recovered",
            Self::OutOfMemory { .. } => "oom_suspected",
        }
    }

    /// Job it is about.
    pub fn job(&self) -> Option<&str> {
        match self {
            Self::Stalled { .. } | Self::Revived | Self::Stopped | Self::RerunExpired => None,
            Self::Diverged { job, .. }
            | Self::Converged { job }
            | Self::Idle { job, .. }
            | Self::IdleEnded { job }
            | Self::OutOfMemory { job, .. } => Some(job),
        }
    }

    fn kind(&self) -> NoticeKind {
        match self {
            Self::Stalled { .. } => NoticeKind::BatchStalled,
            Self::Revived | Self::Converged { .. } | Self::IdleEnded { .. } => {
                NoticeKind::BatchRecovered
            }
            Self::Stopped => NoticeKind::BatchStopped,
            Self::RerunExpired => NoticeKind::RerunExpired,
            Self::Diverged { .. } => NoticeKind::BatchDiverged,
            Self::Idle { .. } => NoticeKind::JobIdleFlagged,
            Self::OutOfMemory { .. } => NoticeKind::OomSuspected,
        }
    }

    /// What people are told: about `batch` as it is now, and the job if its row is at hand.
    pub fn notice(
        &self,
        batch: &Batch,
        job: Option<&Job>,
        price: &Price,
        now: Timestamp,
    ) -> Notice {
        let mut notice = match job {
            Some(job) => Notice::of_job(self.kind(), batch, job, now),
            None => Notice::of_batch(self.kind(), batch, now),
        };
        // Every word a text may have is there, if only empty: its line is left out then.
        let id = self.job().unwrap_or_default();
        notice.word("job.id", id);
        match self {
            Self::Stalled { since, secs } => {
                notice.word("stall.since", &since.to_text());
                notice.word("stall.minutes", &(secs / 60).to_string());
            }
            Self::Revived => notice.word("recovered.reports", &now.to_text()),
            Self::Converged { job } => notice.word("recovered.loss", job),
            Self::IdleEnded { job } => notice.word("recovered.gpu", job),
            Self::Diverged {
                reason,
                ratio,
                window,
                epoch,
                ..
            } => {
                let (ratio, lost) = match reason {
                    Reason::Ratio => (ratio.map(|ratio| format!("{ratio:.2}")), String::new()),
                    Reason::NanOrInf => (None, epoch.to_string()),
                };
                let window = ratio.as_ref().map(|_| window.to_string());
                notice.word("loss.ratio", &ratio.unwrap_or_default());
                notice.word("loss.window", &window.unwrap_or_default());
                notice.word("loss.lost_epoch", &lost);
            }
            Self::Idle {
                step,
                idle,
                stop_at,
                ..
            } => {
                let hours = idle.gpu_hours(now);
                let minutes = (now.secs() - idle.since.secs()) / 60;
                let stopped = (*step == Step::Stopped).then(|| now.to_text());
                let attempt = batch.attempt.to_string();
                for (name, text) in [
                    ("idle.since", idle.since.to_text()),
                    ("idle.minutes", minutes.to_string()),
                    ("idle.gpu_hours", format!("{hours:.1}")),
                    ("idle.cost", price.of(hours)),
                    (
                        "idle.stop_at",
                        stop_at.map(Timestamp::to_text).unwrap_or_default(),
                    ),
                    ("idle.stopped_at", stopped.unwrap_or_default()),
                    ("idle.attempt", attempt),
                ] {
                    notice.word(name, &text);
                }
            }
            Self::OutOfMemory { line, .. } => notice.word("memory.line", line),
            Self::Stopped | Self::RerunExpired => {}
        }
        notice
    }
}

//! The words a batch or job can be in, and which of them mean what.

use serde::{Deserialize, Serialize};

/// Status of a batch. Stored and sent as its lower-case word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BatchStatus {
    /// A rerun nobody has picked up yet.
    Requested,
    /// Known, not begun.
    Pending,
    /// Events are expected.
    Running,
    /// Somebody asked it to stop; the script has not ended yet.
    Stopping,
    /// No event for longer than the stall threshold.
    Stalled,
    /// The loss left the rails.
    Divergent,
    /// Ended well.
    Done,
    /// Ended with an error.
    Failed,
    /// Ended because somebody asked.
    Stopped,
    /// Withdrawn before it ran.
    Cancelled,
}

impl BatchStatus {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Stopping => "stopping",
            Self::Stalled => "stalled",
            Self::Divergent => "divergent",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether the run has ended: nothing but a new `batch_start` moves it on.
    pub fn is_terminal(self) -> bool {
        matches!(
            self,
            Self::Done | Self::Failed | Self::Stopped | Self::Cancelled
        )
    }

    /// Whether a live listing follows it.
    pub fn is_active(self) -> bool {
        !self.is_terminal()
    }

    /// Whether it must be stopped before it can be deleted.
    pub fn blocks_delete(self) -> bool {
        matches!(self, Self::Running | Self::Pending | Self::Stopping)
    }

    /// What a stop request does: `Ok(new status)`, where an ended or stopping batch stays as it is.
    pub fn after_stop(self) -> Self {
        match self {
            Self::Stopping | Self::Done | Self::Failed | Self::Stopped | Self::Cancelled => self,
            Self::Requested | Self::Pending | Self::Running | Self::Stalled | Self::Divergent => {
                Self::Stopping
            }
        }
    }

    /// What ordinary job activity does: a stalled or divergent run that reports again is running.
    pub fn after_activity(self) -> Self {
        match self {
            Self::Stalled | Self::Divergent | Self::Requested | Self::Pending => Self::Running,
            other => other,
        }
    }

    /// What `batch_start` on a known batch does: everything but `done` runs again.
    pub fn after_restart(self) -> Self {
        if self == Self::Done {
            Self::Done
        } else {
            Self::Running
        }
    }
}

/// Whether a job's (free) status word counts as finished well.
pub fn job_is_done(status: &str) -> bool {
    status.eq_ignore_ascii_case("done")
}

/// Whether a job's status word counts as failed.
pub fn job_is_failed(status: &str) -> bool {
    status.eq_ignore_ascii_case("failed")
}

/// Whether a job with this status word still works.
pub fn job_is_running(status: &str) -> bool {
    status.eq_ignore_ascii_case("running") || status.eq_ignore_ascii_case("pending")
}

//! What happened lately, as lists.

use domain::activity::{self, Activity, Kind};
use domain::figures::Part;
use serde::Serialize;
use utoipa::ToSchema;

/// Things that happened, on one page.
const ACTIVITY: usize = 20;
/// Failures beside them.
const NOTIFICATIONS: usize = 5;

/// One thing that happened.
#[derive(Debug, Serialize, ToSchema)]
pub struct DashboardActivityItem {
    /// The same from read to read.
    pub id: String,
    /// `batch_start`, `batch_done`, `batch_failed` or `job_failed`.
    pub event_type: &'static str,
    /// Batch.
    pub batch_id: String,
    /// Job.
    pub job_id: Option<String>,
    /// Project.
    pub project: String,
    /// Client's time.
    pub timestamp: String,
    /// A few words in English; the rest says the same for other languages.
    pub summary: String,
    /// Jobs the batch plans, where it said so.
    pub n_total: Option<i64>,
    /// Jobs of the batch now done.
    pub n_done: i64,
    /// Jobs of the batch now failed.
    pub n_failed: i64,
    /// Of a failure, the first line of its reason as the script gave it.
    pub reason: Option<String>,
}

/// A failure worth a look.
#[derive(Debug, Serialize, ToSchema)]
pub struct DashboardNotification {
    /// `batch_failed` or `job_failed`.
    pub kind: &'static str,
    /// A few words.
    pub message: String,
    /// Client's time.
    pub timestamp: String,
    /// Always `batch`.
    pub target_type: &'static str,
    /// Batch.
    pub target_id: String,
}

/// The newest things that happened to `parts`, and the newest failures among all of them.
pub fn panels(parts: &[Part<'_>]) -> (Vec<DashboardActivityItem>, Vec<DashboardNotification>) {
    let happened = activity::of(parts.iter().copied());
    let failures = happened.iter().filter(|what| what.kind.is_failure());
    let notifications = failures.take(NOTIFICATIONS).map(notification).collect();
    let activity = happened.iter().take(ACTIVITY).map(item).collect();
    (activity, notifications)
}

fn item(what: &Activity<'_>) -> DashboardActivityItem {
    DashboardActivityItem {
        id: what.id(),
        event_type: what.kind.as_str(),
        batch_id: what.batch.id.clone(),
        job_id: what.job.map(|job| job.id.clone()),
        project: what.batch.project.clone(),
        timestamp: what.time.text.clone(),
        summary: what.summary(),
        n_total: what.batch.n_total,
        n_done: what.batch.n_done,
        n_failed: what.batch.n_failed,
        reason: what.reason(),
    }
}

fn notification(what: &Activity<'_>) -> DashboardNotification {
    let name = match (what.kind, what.job) {
        (Kind::JobFailed, Some(job)) => &job.id,
        _ => &what.batch.id,
    };
    DashboardNotification {
        kind: what.kind.as_str(),
        message: format!("{name}: {}", what.summary()),
        timestamp: what.time.text.clone(),
        target_type: "batch",
        target_id: what.batch.id.clone(),
    }
}

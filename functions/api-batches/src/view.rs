//! What batches and jobs look like to clients.

use domain::batch::Batch;
use domain::job::Job;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use web::fields::Verbatim;
use wire::coerce::stored_number;

/// A batch.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchOut {
    /// Client's id.
    pub id: String,
    /// Name people gave it.
    pub name: Option<String>,
    /// Labels.
    pub tags: Vec<String>,
    /// Notes people keep beside it.
    pub notes: Option<String>,
    /// How often it was launched.
    pub attempt: u32,
    /// Why somebody asked it to stop.
    pub stop_reason: Option<String>,
    /// Kind of experiment.
    pub experiment_type: Option<String>,
    /// Project.
    pub project: String,
    /// Operating-system user of the script.
    pub user: Option<String>,
    /// Host of the script.
    pub host: Option<String>,
    /// Command line.
    pub command: Option<String>,
    /// Jobs planned.
    pub n_total: Option<i64>,
    /// Jobs done.
    pub n_done: i64,
    /// Jobs failed.
    pub n_failed: i64,
    /// Status word.
    pub status: String,
    /// Client's time of the first event.
    pub start_time: String,
    /// Client's time of the end.
    pub end_time: Option<String>,
    /// Environment facts; only in the single read.
    pub env_snapshot: Option<Value>,
    /// Batch this one repeats.
    pub source_batch_id: Option<String>,
    /// Who owns it.
    pub owner_id: Option<u64>,
    /// Git commit the script reported.
    pub commit: Option<String>,
    /// Reason of a failure.
    pub error: Option<String>,
    /// Server time of the newest event, a few seconds coarse.
    pub last_event_at: String,
    /// First eight characters of the commit; only in the single read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub git_sha_short: Option<String>,
    /// Browsable repository address; only in the single read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub git_remote_url: Option<String>,
}

impl BatchOut {
    /// The row of a list.
    pub fn row(batch: Batch) -> Self {
        Self {
            status: batch.status.as_str().to_owned(),
            start_time: batch.start_time.text,
            end_time: batch.end_time.map(|t| t.text),
            last_event_at: batch.last_event_at.to_text(),
            id: batch.id,
            name: batch.name,
            tags: batch.tags.into_iter().collect(),
            notes: batch.notes,
            attempt: batch.attempt,
            stop_reason: batch.stop.and_then(|stop| stop.reason),
            experiment_type: batch.experiment_type,
            project: batch.project,
            user: batch.user,
            host: batch.host,
            command: batch.command,
            n_total: batch.n_total,
            n_done: batch.n_done,
            n_failed: batch.n_failed,
            env_snapshot: None,
            source_batch_id: batch.source_batch_id,
            owner_id: batch.owner_id,
            commit: batch.commit,
            error: batch.error,
            git_sha_short: None,
            git_remote_url: None,
        }
    }

    /// The single read: with environment facts.
    pub fn whole(batch: Batch, env: Option<Value>) -> Self {
        let fact = |name: &str| {
            env.as_ref()
                .and_then(|e| e.get(name))
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        let sha = fact("git_sha").or_else(|| batch.commit.clone());
        let mut out = Self::row(batch);
        out.git_sha_short = sha.map(|sha| sha.chars().take(8).collect());
        out.git_remote_url = fact("git_remote").map(|remote| browsable(&remote));
        out.env_snapshot = env;
        out
    }
}

/// `git@host:path` and `ssh://` remotes as https addresses, without `.git`.
fn browsable(remote: &str) -> String {
    let url = if let Some((host, path)) = remote
        .strip_prefix("git@")
        .and_then(|rest| rest.split_once(':'))
    {
        format!("https://{host}/{path}")
    } else if let Some(rest) = remote.strip_prefix("ssh://") {
        format!("https://{}", rest.strip_prefix("git@").unwrap_or(rest))
    } else {
        remote.to_owned()
    };
    url.strip_suffix(".git").unwrap_or(&url).to_owned()
}

/// A job.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobOut {
    /// Client's id.
    pub id: String,
    /// Its batch.
    pub batch_id: String,
    /// Model.
    pub model: Option<String>,
    /// Data set.
    pub dataset: Option<String>,
    /// Labels.
    pub tags: Vec<String>,
    /// Status word.
    pub status: String,
    /// Client's time of the start.
    pub start_time: String,
    /// Client's time of the end.
    pub end_time: Option<String>,
    /// Seconds as the client measured.
    pub elapsed_s: Option<i64>,
    /// Final metrics.
    #[schema(value_type = Option<Value>)]
    pub metrics: Option<Verbatim>,
    /// The GPU sat idle under it.
    pub is_idle_flagged: bool,
    /// Mean batch time in milliseconds, from the metrics.
    pub avg_batch_time_ms: Option<f64>,
    /// Peak GPU memory in MB, from the metrics.
    pub gpu_memory_peak_mb: Option<f64>,
    /// Model parameters, from the metrics.
    pub n_params: Option<i64>,
    /// Attempt it was last heard in.
    pub attempt: u32,
    /// Newest epoch number.
    pub last_epoch: Option<i64>,
    /// Server time of the newest event.
    pub last_event_at: String,
    /// Reason of a failure.
    pub error: Option<String>,
    /// Everything else the client said about it.
    #[schema(value_type = Value)]
    pub extra: Verbatim,
}

impl From<Job> for JobOut {
    fn from(job: Job) -> Self {
        let metric = |name: &str| {
            let text = job.metrics.as_ref()?.get(name)?;
            let value: Value = serde_json::from_str(text).ok()?;
            stored_number(&value).or_else(|| value.as_str()?.trim().parse().ok())
        };
        let number = |names: &[&str]| {
            let found = names.iter().find_map(|name| metric(name));
            found.filter(|n: &f64| n.is_finite())
        };
        Self {
            avg_batch_time_ms: number(&["Avg_Batch_Time", "avg_batch_time"])
                .map(|s| (s * 1_000_000.0).round() / 1000.0),
            gpu_memory_peak_mb: number(&["GPU_Memory", "gpu_memory_peak_mb"]),
            n_params: number(&["n_params", "Params", "model_params", "num_params"])
                .map(|n| n as i64),
            metrics: job.metrics.map(Verbatim),
            extra: Verbatim(job.extra),
            id: job.id,
            batch_id: job.batch_id,
            model: job.model,
            dataset: job.dataset,
            tags: job.tags.into_iter().collect(),
            status: job.status,
            start_time: job.start_time.text,
            end_time: job.end_time.map(|t| t.text),
            elapsed_s: job.elapsed_s,
            is_idle_flagged: job.is_idle_flagged,
            attempt: job.attempt,
            last_epoch: job.last_epoch.map(|l| l.epoch),
            last_event_at: job.last_event_at.to_text(),
            error: job.error,
        }
    }
}

/// Newest epoch of a job.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobEpochLatest {
    /// Job.
    pub job_id: String,
    /// Epoch number.
    pub epoch: i64,
    /// Training loss.
    pub train_loss: Option<f64>,
    /// Validation loss.
    pub val_loss: Option<f64>,
    /// Learning rate.
    pub lr: Option<f64>,
    /// Recent validation losses, oldest first.
    pub val_loss_trace: Vec<Option<f64>>,
}

/// Newest epochs of those jobs that have one.
pub fn epochs_latest(jobs: &[Job]) -> Vec<JobEpochLatest> {
    let finite = |n: f64| Some(n).filter(|n| n.is_finite());
    jobs.iter()
        .filter_map(|job| {
            let last = job.last_epoch.as_ref()?;
            Some(JobEpochLatest {
                job_id: job.id.clone(),
                epoch: last.epoch,
                train_loss: last.train_loss.and_then(finite),
                val_loss: last.val_loss.and_then(finite),
                lr: last.lr.and_then(finite),
                val_loss_trace: job.val_loss_trace.iter().map(|(_, v)| finite(*v)).collect(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::browsable;

    #[test]
    fn remotes_become_addresses() {
        assert_eq!(
            browsable("git@host.example:a/b.git"),
            "https://host.example/a/b"
        );
        assert_eq!(
            browsable("ssh://git@host.example/a/b.git"),
            "https://host.example/a/b"
        );
        assert_eq!(
            browsable("https://host.example/a/b.git"),
            "https://host.example/a/b"
        );
    }
}

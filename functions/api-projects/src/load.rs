//! The batches of a project with their live jobs.

use domain::batch::Batch;
use domain::leaderboard::Run;
use domain::metric::Direction;
use domain::time::Timestamp;
use runtime::{Identity, Services};
use store::Versioned;
use store::digests::Jobs;
use web::{ApiError, ApiResult, Params, visible};
use wire::Code;

/// What the caller sees of a project.
pub struct Project {
    /// Name.
    pub name: String,
    /// Batches, newest start first.
    pub batches: Vec<Versioned<Batch>>,
    /// Live jobs of each batch.
    pub jobs: Vec<Jobs>,
}

impl Project {
    /// Loads a project; one without a batch the caller sees does not exist.
    pub async fn load(services: &Services, who: &Identity, name: &str) -> ApiResult<Self> {
        let batches = visible::batches(services, who, Some(name), None).await?;
        if batches.is_empty() {
            return Err(ApiError::new(Code::ProjectNotFound));
        }
        let jobs = services.store.live_jobs(&batches).await?;
        Ok(Self {
            name: name.to_owned(),
            batches,
            jobs,
        })
    }

    /// All live jobs, those of the newest batch first.
    pub fn runs(&self) -> impl Iterator<Item = Run<'_>> {
        let batches = self.batches.iter().map(|batch| &batch.value);
        batches
            .zip(&self.jobs)
            .flat_map(|(batch, jobs)| jobs.iter().map(move |job| Run { batch, job }))
    }

    /// Jobs done and failed.
    pub fn counts(&self) -> (i64, i64) {
        let batches = self.batches.iter().map(|batch| &batch.value);
        batches.fold((0, 0), |(done, failed), b| {
            (done + b.n_done, failed + b.n_failed)
        })
    }

    /// Batches at work.
    pub fn running(&self) -> usize {
        self.batches
            .iter()
            .filter(|batch| batch.value.status.blocks_delete())
            .count()
    }

    /// Server time of the newest event.
    pub fn last_event_at(&self) -> Option<Timestamp> {
        self.batches
            .iter()
            .map(|batch| batch.value.last_event_at)
            .max()
    }

    /// Failed of all that ended, four decimals; `None` when none did.
    pub fn failure_rate(&self) -> Option<f64> {
        let (done, failed) = self.counts();
        let ended = done + failed;
        (ended > 0).then(|| rounded(failed as f64 / ended as f64, 4))
    }

    /// Hours of all jobs, three decimals.
    pub fn gpu_hours(&self) -> f64 {
        let seconds: i64 = self.runs().filter_map(|run| run.job.elapsed_s).sum();
        rounded(seconds as f64 / 3600.0, 3)
    }
}

/// `value` with so many decimals.
pub fn rounded(value: f64, decimals: i32) -> f64 {
    let scale = 10f64.powi(decimals);
    (value * scale).round() / scale
}

/// The metric asked for and which way it gets better: `metric`, `direction=minimize|maximize`.
pub fn metric(params: &Params) -> ApiResult<(String, Direction)> {
    let name = params
        .text("metric")
        .filter(|name| !name.is_empty())
        .unwrap_or("MSE");
    if name.chars().count() > 64 {
        let msg = "String should have at most 64 characters";
        let loc = ["query", "metric"];
        return Err(web::Invalid::at(&loc, "string_too_long", msg, name.into()).into());
    }
    let direction = match params.choice("direction", &["auto", "minimize", "maximize"])? {
        "minimize" => Direction::Minimize,
        "maximize" => Direction::Maximize,
        _ => Direction::of(name),
    };
    Ok((name.to_owned(), direction))
}

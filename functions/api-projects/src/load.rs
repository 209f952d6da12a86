//! The batches of a project with their live jobs.

use domain::batch::Batch;
use domain::leaderboard::Run;
use domain::metric::Direction;
use domain::figures::{self, Part};
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

    fn parts(&self) -> impl Iterator<Item = Part<'_>> {
        let batches = self.batches.iter().map(|batch| &batch.value);
        batches.zip(self.jobs.iter().map(|jobs| &**jobs))
    }

    /// All live jobs, those of the newest batch first.
    pub fn runs(&self) -> impl Iterator<Item = Run<'_>> {
        figures::runs(self.parts())
    }

    /// What its batches come to.
    pub fn figures(&self) -> figures::Figures<'_> {
        figures::Figures {
            name: &self.name,
            parts: self.parts().collect(),
        }
    }
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

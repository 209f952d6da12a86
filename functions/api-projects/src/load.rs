//! The batches of a project with their live jobs.

use domain::access::Role;
use domain::batch::Batch;
use domain::figures::{self, Part};
use domain::leaderboard::Run;
use domain::limits::METRIC_CHARS;
use domain::metric::Direction;
use domain::project;
use runtime::Services;
use store::Versioned;
use store::digests::Jobs;
use web::{ApiResult, Params, Scope, Sight, Viewer, visible};
use wire::Code;

/// The metric of projects that name none.
pub const USUAL_METRIC: &str = "MSE";

/// What the caller sees of a project.
pub struct Project {
    /// What scripts send.
    pub name: String,
    /// Settings; none for a name the caller only uses.
    pub settings: Option<domain::project::Project>,
    /// What the caller is in it.
    pub role: Option<Role>,
    /// Batches, newest start first.
    pub batches: Vec<Versioned<Batch>>,
    /// Live jobs of each batch.
    pub jobs: Vec<Jobs>,
}

impl Project {
    /// Loads a project with its jobs.
    pub async fn load(services: &Services, who: &impl Viewer, name: &str) -> ApiResult<Self> {
        let mut project = Self::outline(services, who, name).await?;
        project.jobs = services.store.live_jobs(&project.batches).await?;
        Ok(project)
    }

    /// Loads a project without its jobs, for answers that show none. It exists for whoever takes
    /// part, for everybody when it is public, and for those who have a batch under its name.
    pub async fn outline(services: &Services, who: &impl Viewer, name: &str) -> ApiResult<Self> {
        let mut sight = Sight::load(&services.store, who.viewer()).await?;
        let settings = visible::project(services, who, &mut sight, name).await?;
        let all = Scope::All;
        let batches = visible::batches_in(services, &mut sight, Some(name), all, None).await?;
        if batches.is_empty() && settings.is_none() {
            return Err(visible::missing(who, Code::ProjectNotFound));
        }
        Ok(Self {
            name: name.to_owned(),
            settings: settings.map(|found| found.value),
            role: sight.role_in(name),
            batches,
            jobs: vec![],
        })
    }

    /// The metric its tables start with.
    pub fn primary_metric(&self) -> Option<&str> {
        self.settings.as_ref()?.primary_metric.as_deref()
    }

    /// Which way a metric gets better here.
    pub fn direction(&self, metric: &str) -> Direction {
        project::direction(self.settings.as_ref(), metric)
    }

    /// The metric asked for and which way it gets better: `metric`,
    /// `direction=minimize|maximize`; else what the settings say.
    pub fn metric(&self, params: &Params) -> ApiResult<(String, Direction)> {
        let asked = params.text("metric").filter(|name| !name.is_empty());
        let name = asked.or(self.primary_metric()).unwrap_or(USUAL_METRIC);
        if name.chars().count() > METRIC_CHARS {
            let msg = format!("String should have at most {METRIC_CHARS} characters");
            let loc = ["query", "metric"];
            return Err(web::Invalid::at(&loc, "string_too_long", msg, name.into()).into());
        }
        let direction = match params.choice("direction", &["auto", "minimize", "maximize"])? {
            "minimize" => Direction::Minimize,
            "maximize" => Direction::Maximize,
            _ => self.direction(name),
        };
        Ok((name.to_owned(), direction))
    }

    /// The runs others are measured against.
    pub fn baseline(&self) -> Vec<Run<'_>> {
        let wanted = self.settings.as_ref().and_then(|s| s.baseline.as_deref());
        self.runs()
            .filter(|run| Some(run.batch.id.as_str()) == wanted)
            .collect()
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
            settings: self.settings.as_ref(),
            parts: self.parts().collect(),
        }
    }
}

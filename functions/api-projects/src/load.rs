//! The batches of a project with their live jobs.

use domain::access::Role;
use domain::batch::Batch;
use domain::leaderboard::Run;
use domain::limits::METRIC_CHARS;
use domain::metric::Direction;
use domain::project::Visibility;
use domain::time::Timestamp;
use runtime::{Identity, Services};
use std::collections::BTreeMap;
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
    /// Loads a project. It exists for whoever takes part, for everybody when it is public, and
    /// for those who have a batch under its name.
    pub async fn load(services: &Services, who: &impl Viewer, name: &str) -> ApiResult<Self> {
        let mut sight = Sight::load(&services.store, who.viewer()).await?;
        let settings = visible::project(services, who, &mut sight, name).await?;
        let all = Scope::All;
        let batches = visible::batches_in(services, &mut sight, Some(name), all, None).await?;
        if batches.is_empty() && settings.is_none() {
            return Err(visible::missing(who, Code::ProjectNotFound));
        }
        let jobs = services.store.live_jobs(&batches).await?;
        Ok(Self {
            name: name.to_owned(),
            settings: settings.map(|found| found.value),
            role: sight.role_in(name),
            batches,
            jobs,
        })
    }

    /// Every project the caller takes part in or has a batch in, by name.
    pub async fn load_all(services: &Services, who: &Identity) -> ApiResult<Vec<Self>> {
        let store = &services.store;
        let mut sight = Sight::load(store, Some(who.actor())).await?;
        let batches = visible::batches_in(services, &mut sight, None, Scope::All, None).await?;
        let jobs = store.live_jobs(&batches).await?;
        let mut found: BTreeMap<String, Self> = BTreeMap::new();
        let settings = match who.user.is_admin {
            true => store.all_projects().await?,
            false => {
                let slugs: Vec<String> = sight.memberships().keys().cloned().collect();
                store.projects(&slugs).await?
            }
        };
        for settings in settings {
            let mut project = Self::named(&settings.slug, &sight);
            project.settings = Some(settings);
            found.insert(project.name.clone(), project);
        }
        for (batch, jobs) in batches.into_iter().zip(jobs) {
            let name = batch.value.project.clone();
            let project = found
                .entry(name)
                .or_insert_with_key(|name| Self::named(name, &sight));
            project.batches.push(batch);
            project.jobs.push(jobs);
        }
        Ok(found.into_values().collect())
    }

    fn named(name: &str, sight: &Sight) -> Self {
        Self {
            name: name.to_owned(),
            settings: None,
            role: sight.role_in(name),
            batches: vec![],
            jobs: vec![],
        }
    }

    /// Who may look.
    pub fn visibility(&self) -> Visibility {
        let settings = self.settings.as_ref();
        settings.map_or(Visibility::Private, |settings| settings.visibility)
    }

    /// What people read.
    pub fn title(&self) -> &str {
        self.settings
            .as_ref()
            .map_or(&self.name, |settings| &settings.name)
    }

    /// The metric its tables start with.
    pub fn primary_metric(&self) -> Option<&str> {
        self.settings.as_ref()?.primary_metric.as_deref()
    }

    /// Which way a metric gets better here.
    pub fn direction(&self, metric: &str) -> Direction {
        self.settings
            .as_ref()
            .map_or_else(|| Direction::of(metric), |s| s.direction(metric))
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

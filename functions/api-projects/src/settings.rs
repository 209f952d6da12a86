//! The fields of a project that people set: reading, checking and applying them.

use crate::guardrails::{GuardrailsIn, GuardrailsOut};
use domain::access::Role;
use domain::account::UserId;
use domain::limits::{DESCRIPTION_CHARS, DIRECTIONS, METRIC_CHARS, NAME_CHARS};
use domain::metric::Direction;
use domain::project::{Project, Visibility, is_metric_name};
use domain::time::Timestamp;
use runtime::Services;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use web::fields::given;
use web::{ApiError, ApiResult, Invalid};

/// Settings; what is absent stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What people read, 1 to 200 characters.
    #[serde(default)]
    name: Option<String>,
    /// A few sentences; null takes it away.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    description: Option<Option<String>>,
    /// `private` (members) or `public` (everybody reads, logged in or not).
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    visibility: Option<Visibility>,
    /// The metric tables and cards start with; null: MSE, or what most runs have.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    primary_metric: Option<Option<String>>,
    /// All directions that differ from the usual ones: metric to `minimize` or `maximize`.
    #[serde(default)]
    #[schema(value_type = Option<BTreeMap<String, String>>)]
    directions: Option<BTreeMap<String, Direction>>,
    /// The batch others are measured against; null: none.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    baseline_batch_id: Option<Option<String>>,
    /// From when on its runs count as wrong.
    #[serde(default)]
    guardrails: Option<GuardrailsIn>,
    /// Whether editors may have others' batches run again, on those others' machines.
    #[serde(default)]
    editors_may_rerun: Option<bool>,
}

/// Settings as they are.
#[derive(Debug, Serialize, ToSchema)]
pub struct SettingsOut {
    /// What scripts send; never changes.
    pub project: String,
    /// What people read.
    pub name: String,
    /// A few sentences.
    pub description: Option<String>,
    /// `private` or `public`.
    pub visibility: &'static str,
    /// Since when it is public.
    pub published_at: Option<String>,
    /// The metric tables and cards start with.
    pub primary_metric: Option<String>,
    /// Directions that differ from the usual ones, by metric.
    pub directions: BTreeMap<String, &'static str>,
    /// The batch others are measured against.
    pub baseline_batch_id: Option<String>,
    /// From when on its runs count as wrong, where that differs.
    pub guardrails: GuardrailsOut,
    /// Whether editors may have others' batches run again.
    pub editors_may_rerun: bool,
    /// When it was made.
    pub created_at: String,
}

impl From<&Project> for SettingsOut {
    fn from(project: &Project) -> Self {
        Self {
            project: project.slug.clone(),
            name: project.name.clone(),
            description: project.description.clone(),
            visibility: project.visibility.as_str(),
            published_at: project.published_at.map(Timestamp::to_text),
            primary_metric: project.primary_metric.clone(),
            directions: directions(project),
            baseline_batch_id: project.baseline.clone(),
            guardrails: GuardrailsOut::from(&project.guardrails),
            editors_may_rerun: project.editors_may_rerun,
            created_at: project.created_at.to_text(),
        }
    }
}

/// Directions as they go over the wire.
pub fn directions(project: &Project) -> BTreeMap<String, &'static str> {
    let all = project.directions.iter();
    all.map(|(metric, direction)| (metric.clone(), direction.as_str()))
        .collect()
}

fn refused(field: &str, msg: impl Into<String>, input: Value) -> ApiError {
    Invalid::at(&["body", field], "value_error", msg, input).into()
}

impl Settings {
    /// Refuses what is too long or no metric.
    pub fn check(&self) -> ApiResult<()> {
        if let Some(guardrails) = &self.guardrails {
            guardrails.check("guardrails")?;
        }
        let name = self.name.as_deref();
        Invalid::check_chars("name", name, NAME_CHARS)?;
        if name.is_some_and(|name| name.trim().is_empty()) {
            return Err(refused("name", "A project has a name", json!(name)));
        }
        let description = self.description.as_ref().and_then(Option::as_deref);
        Invalid::check_chars("description", description, DESCRIPTION_CHARS)?;
        let primary = self.primary_metric.as_ref().and_then(Option::as_deref);
        if let Some(metric) = primary.filter(|metric| !is_metric_name(metric)) {
            let msg = format!("1 to {METRIC_CHARS} characters");
            return Err(refused("primary_metric", msg, json!(metric)));
        }
        let directions = self.directions.iter().flatten();
        if let Some((metric, _)) = directions.clone().find(|(name, _)| !is_metric_name(name)) {
            let msg = format!("metric names have 1 to {METRIC_CHARS} characters");
            return Err(refused("directions", msg, json!(metric)));
        }
        match directions.count() {
            count if count > DIRECTIONS => {
                let msg = format!("at most {DIRECTIONS} metrics");
                Err(refused("directions", msg, json!(count)))
            }
            _ => Ok(()),
        }
    }

    /// What the caller must be in the project: editors set thresholds, owners everything.
    pub fn role(&self) -> Role {
        let Self {
            name,
            description,
            visibility,
            primary_metric,
            directions,
            baseline_batch_id,
            guardrails,
            editors_may_rerun,
        } = self;
        let others = name.is_some()
            || description.is_some()
            || visibility.is_some()
            || primary_metric.is_some()
            || directions.is_some()
            || baseline_batch_id.is_some()
            || editors_may_rerun.is_some();
        match guardrails {
            Some(guardrails) if !others && guardrails.idle_auto_stop.is_none() => Role::Editor,
            _ => Role::Owner,
        }
    }

    /// Refuses a baseline that is no batch of `project`'s members.
    pub async fn check_baseline(&self, services: &Services, project: &str) -> ApiResult<()> {
        let Some(Some(id)) = &self.baseline_batch_id else {
            return Ok(());
        };
        let found = services.store.batch(id).await?.map(|found| found.value);
        let fits = found.is_some_and(|batch| {
            batch.enrolled && batch.project == project && batch.deleted_at.is_none()
        });
        match fits {
            true => Ok(()),
            false => {
                let msg = "not a batch of this project";
                Err(refused("baseline_batch_id", msg, json!(id)))
            }
        }
    }

    /// Applies them by the wish of `by`; returns the names of the fields that changed.
    pub fn apply(&self, project: &mut Project, by: UserId, now: Timestamp) -> Vec<&'static str> {
        let before = project.clone();
        if let Some(name) = &self.name {
            project.name = name.trim().to_owned();
        }
        if let Some(description) = &self.description {
            project.description = trimmed(description.as_deref());
        }
        if let Some(metric) = &self.primary_metric {
            project.primary_metric = trimmed(metric.as_deref());
        }
        if let Some(directions) = &self.directions {
            project.directions.clone_from(directions);
        }
        if let Some(baseline) = &self.baseline_batch_id {
            project.baseline.clone_from(baseline);
        }
        if let Some(guardrails) = &self.guardrails {
            guardrails.apply(&mut project.guardrails);
        }
        if let Some(editors) = self.editors_may_rerun {
            project.editors_may_rerun = editors;
        }
        if let Some(visibility) = self.visibility {
            project.show_to(visibility, by, now);
        }
        let changed = [
            ("name", before.name != project.name),
            ("description", before.description != project.description),
            ("visibility", before.visibility != project.visibility),
            (
                "primary_metric",
                before.primary_metric != project.primary_metric,
            ),
            ("directions", before.directions != project.directions),
            ("baseline_batch_id", before.baseline != project.baseline),
            ("guardrails", before.guardrails != project.guardrails),
            (
                "editors_may_rerun",
                before.editors_may_rerun != project.editors_may_rerun,
            ),
        ];
        let changed = changed.into_iter().filter(|(_, changed)| *changed);
        changed.map(|(field, _)| field).collect()
    }
}

fn trimmed(text: Option<&str>) -> Option<String> {
    let text = text.map(str::trim).filter(|text| !text.is_empty());
    text.map(str::to_owned)
}

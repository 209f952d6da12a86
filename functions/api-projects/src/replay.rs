//! `POST /api/projects/{project}/guardrails/replay`: what thresholds would have found in the past.

mod past;

use crate::guardrails::{GuardrailsIn, GuardrailsOut};
use crate::owned;
use axum::Json;
use axum::extract::State;
use domain::access::Role;
use domain::guardrail::replay::{Fired, replay, saved};
use domain::time::Timestamp;
use past::Budget;
use runtime::Services;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::batch_lists::BatchList;
use utoipa::ToSchema;
use web::page::{decode_cursor, encode_cursor};
use web::{ApiResult, Body, Caller, Invalid, PathParams};

/// Batches of one answer when nobody says how many, and at most.
const BATCHES: (usize, usize) = (10, 20);
/// Findings listed in one answer; more are only counted.
const LISTED: usize = 1000;

/// Thresholds to try, and on what.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GuardrailsReplayIn {
    /// Tried instead of the project's own; what is absent counts as it does now.
    #[serde(default)]
    thresholds: GuardrailsIn,
    /// How many batches, newest first: 1 to 20, 10 when absent.
    #[serde(default)]
    batches: Option<usize>,
    /// Goes on after the batches of an earlier answer.
    #[serde(default)]
    cursor: Option<String>,
}

/// Something a rule would have found.
#[derive(Debug, Serialize, ToSchema)]
pub struct FiredOut {
    /// `stalled`, `idle`, `diverged`, `out_of_memory`.
    pub rule: &'static str,
    /// Batch.
    pub batch_id: String,
    /// Job; null when it is about the whole batch.
    pub job_id: Option<String>,
    /// When.
    pub at: String,
    /// Hours of GPUs from then until it was over, or the job was.
    pub gpu_hours: f64,
}

/// What the rules would have found.
#[derive(Debug, Serialize, ToSchema)]
pub struct GuardrailsReplayOut {
    /// Thresholds that were tried, all of them.
    pub thresholds: GuardrailsOut,
    /// Batches looked at.
    pub batches: usize,
    /// How often a rule would have fired.
    pub fired: usize,
    /// Hours of GPUs that acting at once would have saved; of several findings about one job the
    /// largest counts.
    pub gpu_hours_saved: f64,
    /// Each of them, oldest first within a batch; at most 1000.
    pub findings: Vec<FiredOut>,
    /// Batches with more detail than one answer looks at: what was left out was not judged.
    pub incomplete: Vec<String>,
    /// Goes on with older batches; null when there are none.
    pub next_cursor: Option<String>,
}

/// Runs the rules over a project's past runs, under thresholds that need not be set yet.
#[utoipa::path(post, path = "/api/projects/{project}/guardrails/replay", tag = "guardrails",
    params(("project" = String, Path)), request_body = GuardrailsReplayIn,
    responses((status = 200, body = GuardrailsReplayOut), (status = 403, description = "its editors only"),
        (status = 404, description = "no such project"), (status = 422, description = "fields")))]
pub async fn replay_guardrails(
    State(services): State<Services>,
    caller: Caller,
    path: PathParams,
    Body(wish): Body<GuardrailsReplayIn>,
) -> ApiResult<Json<GuardrailsReplayOut>> {
    wish.thresholds.check("thresholds")?;
    let limit = wish.batches.unwrap_or(BATCHES.0);
    if !(1..=BATCHES.1).contains(&limit) {
        let msg = format!("must be from 1 to {}", BATCHES.1);
        return Err(Invalid::at(&["body", "batches"], "value_error", msg, json!(limit)).into());
    }
    let before = decode_cursor(wish.cursor.as_deref())?;
    let slug = path.text(0);
    let project = owned::load(&services, &caller, slug, Role::Editor).await?;
    let mut own = project.value.guardrails;
    wish.thresholds.apply(&mut own);
    let thresholds = own.over(&services.settings().await?.guardrails.thresholds);
    let lists = [BatchList::Enrolled(slug.to_owned())];
    let listed = services
        .store
        .list_batches(&lists, before.as_deref(), limit);
    let (listed, next) = listed.await?;
    let batches: Vec<_> = listed.into_iter().map(|(_, batch)| batch).collect();
    let mut out = GuardrailsReplayOut {
        thresholds: GuardrailsOut::from(&thresholds),
        batches: 0,
        fired: 0,
        gpu_hours_saved: 0.0,
        findings: vec![],
        incomplete: vec![],
        next_cursor: next.as_deref().map(encode_cursor),
    };
    let now = services.clock.now();
    let mut budget = Budget::new(now);
    for batch in batches.iter().filter(|b| b.value.deleted_at.is_none()) {
        let jobs = services
            .store
            .live_jobs(std::slice::from_ref(batch))
            .await?;
        let jobs = jobs.into_iter().next().unwrap_or_default();
        let past = past::read(&services.store, &batch.value, &jobs, &mut budget).await?;
        let fired = replay(&past, &thresholds, now);
        out.add(&batch.value.id, fired);
        if budget.is_spent() {
            out.incomplete.push(batch.value.id.clone());
        }
    }
    out.gpu_hours_saved = hundredths(out.gpu_hours_saved);
    Ok(Json(out))
}

impl GuardrailsReplayOut {
    fn add(&mut self, batch: &str, fired: Vec<Fired>) {
        self.batches += 1;
        self.fired += fired.len();
        self.gpu_hours_saved += saved(&fired);
        let room = LISTED.saturating_sub(self.findings.len());
        let listed = fired.into_iter().take(room).map(|one| FiredOut {
            rule: one.rule,
            batch_id: batch.to_owned(),
            job_id: one.job,
            at: Timestamp::to_text(one.at),
            gpu_hours: hundredths(one.gpu_hours),
        });
        self.findings.extend(listed);
    }
}

fn hundredths(hours: f64) -> f64 {
    (hours * 100.0).round() / 100.0
}

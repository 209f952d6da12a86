//! `GET /api/jobs/{batch}/{job}/incidents`: everything that went wrong around a job, on one axis,
//! with a first guess at why it failed.

use crate::logs::{self, Line, Of, Wish};
use axum::Json;
use axum::extract::State;
use domain::batch::Batch;
use domain::diagnosis::diagnose;
use domain::guardrail::divergence::Reason;
use domain::job::Job;
use domain::status::job_is_failed;
use domain::time::Timestamp;
use domain::watchdog::{Record, RecordKind};
use runtime::Services;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use web::{ApiError, ApiResult, Caller, Params, PathParams, visible, watchdogs};
use wire::Code;

/// Lines a guess is made from, the newest.
const LINES: usize = 300;
/// Lines with an error that are shown.
const ERRORS: usize = 50;
/// Records of a watchdog that are looked at.
const RECORDS: usize = 200;
/// Seconds around a job in which what happens to its host counts.
const AROUND_SECS: i64 = 600;

/// Something that happened.
#[derive(Debug, Serialize, ToSchema)]
pub struct IncidentOut {
    /// When.
    pub ts: String,
    /// `job_start`, `job_end`, `stop_requested`, `log_error`, `diverged`, `idle`,
    /// `host_problem` or `host_action`.
    pub kind: &'static str,
    /// `info`, `warn` or `error`.
    pub severity: &'static str,
    /// One line, in English where we say it.
    pub text: String,
    /// Stable word for what `text` says, with `data` for its particulars: `attempt`, `ended`,
    /// `asked`, `asked_because`, `diverged_ratio`, `diverged_nan`, `gpu_unused` or `deed`; absent
    /// where the text is somebody else's.
    pub code: Option<&'static str>,
    /// Particulars.
    pub data: Value,
}

/// A guess.
#[derive(Debug, Serialize, ToSchema)]
pub struct DiagnosisOut {
    /// Stable word, `out_of_memory`.
    pub cause: &'static str,
    /// The job's own lines it rests on.
    pub lines: Vec<String>,
}

/// What went wrong around a job.
#[derive(Debug, Serialize, ToSchema)]
pub struct IncidentsOut {
    /// Why it probably failed, the likeliest first; empty for what did not fail.
    pub diagnosis: Vec<DiagnosisOut>,
    /// What happened, oldest first.
    pub items: Vec<IncidentOut>,
}

/// Shows what went wrong around a job: its errors, stops and flags, what the watchdog of its host
/// found and did meanwhile, and a first guess at why it failed.
#[utoipa::path(get, path = "/api/jobs/{batch_id}/{job_id}/incidents", tag = "jobs",
    params(("batch_id" = String, Path), ("job_id" = String, Path)),
    responses((status = 200, body = IncidentsOut), (status = 404, description = "no such job")))]
pub async fn job_incidents(
    State(services): State<Services>,
    caller: Caller,
    path: PathParams,
) -> ApiResult<Json<IncidentsOut>> {
    let batch = visible::batch(&services, &caller, path.text(0)).await?;
    let job = visible::job(&services, &caller, path.text(0), path.text(1)).await?;
    let job = job.ok_or_else(|| ApiError::new(Code::JobNotFound))?;
    let now = services.clock.now();
    let wish = Wish::read(&Params::parse(""))?;
    let of = Of::Job(&batch.id, &job.id);
    let (mut lines, _) = logs::find(&services.store, of, &wish, LINES, now).await?;
    lines.reverse();
    let mut found = own(&batch, &job);
    found.extend(errors(&lines));
    found.extend(flagged(&services, &batch, &job).await?);
    found.extend(on_host(&services, &caller, &batch, &job, now).await?);
    found.sort_by_key(|(at, _)| *at);
    Ok(Json(IncidentsOut {
        diagnosis: guesses(&job, &lines),
        items: found.into_iter().map(|(_, incident)| incident).collect(),
    }))
}

type Timed = (Timestamp, IncidentOut);

/// What happened, in words of ours or of somebody else.
enum Words {
    /// Ours, with their stable word.
    Ours(&'static str, String),
    /// As they came.
    Others(String),
}

fn incident(
    at: Timestamp,
    (kind, severity): (&'static str, &'static str),
    words: Words,
    data: Value,
) -> Timed {
    let (code, text) = match words {
        Words::Ours(code, text) => (Some(code), text),
        Words::Others(text) => (None, text),
    };
    let incident = IncidentOut {
        ts: at.to_text(),
        kind,
        severity,
        text,
        code,
        data,
    };
    (at, incident)
}

fn own(batch: &Batch, job: &Job) -> Vec<Timed> {
    let begun = Words::Ours("attempt", format!("attempt {}", job.attempt));
    let mut found = vec![incident(
        job.start_time.at,
        ("job_start", "info"),
        begun,
        json!({"attempt": job.attempt}),
    )];
    if let Some(end) = &job.end_time {
        let severity = if job_is_failed(&job.status) {
            "error"
        } else {
            "info"
        };
        let text = match &job.error {
            Some(error) => Words::Others(error.clone()),
            None => Words::Ours("ended", job.status.clone()),
        };
        let data = json!({"status": job.status});
        found.push(incident(end.at, ("job_end", severity), text, data));
    }
    if let Some(stop) = &batch.stop {
        let data = json!({"requested_by": stop.by, "reason": stop.reason});
        let text = match &stop.reason {
            Some(reason) => Words::Ours("asked_because", format!("{}: {reason}", stop.by)),
            None => Words::Ours("asked", stop.by.clone()),
        };
        found.push(incident(stop.at, ("stop_requested", "info"), text, data));
    }
    found
}

fn errors(lines: &[Line]) -> Vec<Timed> {
    let severe = |line: &&Line| {
        matches!(
            line.level.to_lowercase().as_str(),
            "error" | "critical" | "fatal"
        )
    };
    let newest = lines.iter().rev().filter(severe).take(ERRORS);
    let timed = newest.filter_map(|line| {
        let at = Timestamp::parse(&line.ts)?;
        let data = json!({"row": line.id, "level": line.level});
        let text = Words::Others(line.line.clone());
        Some(incident(at, ("log_error", "error"), text, data))
    });
    timed.collect()
}

/// What guardrails hold against the job.
async fn flagged(services: &Services, batch: &Batch, job: &Job) -> ApiResult<Vec<Timed>> {
    let Some(watched) = services.store.watched_batch(&batch.id).await? else {
        return Ok(vec![]);
    };
    let memory = watched.memory();
    let mut found = vec![];
    if let Some(diverged) = memory
        .diverged
        .get(&job.id)
        .filter(|d| d.attempt == job.attempt)
    {
        let at = job.last_event_at;
        let code = match diverged.reason {
            Reason::Ratio => "diverged_ratio",
            Reason::NanOrInf => "diverged_nan",
        };
        let text = format!("{} at epoch {}", diverged.reason.as_str(), diverged.epoch);
        let text = Words::Ours(code, text);
        let data = json!({"epoch": diverged.epoch, "over": diverged.over});
        found.push(incident(at, ("diverged", "error"), text, data));
    }
    if let Some(idle) = memory.idle.get(&job.id) {
        let data = json!({"gpus": idle.gpus});
        found.push(incident(
            idle.since,
            ("idle", "warn"),
            Words::Ours("gpu_unused", "GPU unused".to_owned()),
            data,
        ));
    }
    Ok(found)
}

/// What the watchdogs of its host found and did meanwhile.
async fn on_host(
    services: &Services,
    caller: &Caller,
    batch: &Batch,
    job: &Job,
    now: Timestamp,
) -> ApiResult<Vec<Timed>> {
    let Some(host) = &batch.host else {
        return Ok(vec![]);
    };
    let begin = job.start_time.at.plus_secs(-AROUND_SECS);
    let end = job
        .end_time
        .as_ref()
        .map_or(now, |end| end.at)
        .plus_secs(AROUND_SECS);
    let kinds = [RecordKind::Problem, RecordKind::Action];
    let mut found = vec![];
    for dog in watchdogs::on_host(services, caller, host).await? {
        let of = (dog.owner, host.as_str());
        let span = (Some(begin), None);
        let (records, _) = services
            .store
            .records(of, &kinds, span, RECORDS, now)
            .await?;
        let meanwhile = records.into_iter().filter(|record| record.at <= end);
        found.extend(meanwhile.map(host_incident));
    }
    Ok(found)
}

fn host_incident(record: Record) -> Timed {
    let data: Value = serde_json::from_str(&record.data_json).unwrap_or(Value::Null);
    let word = |name: &str| data.get(name).and_then(Value::as_str).unwrap_or_default();
    let (kind, severity, text) = match record.kind {
        RecordKind::Action => {
            let text = format!("{} {}", word("action"), word("target"));
            (
                "host_action",
                "info",
                Words::Ours("deed", text.trim().to_owned()),
            )
        }
        _ => {
            let severity = if word("severity") == "critical" {
                "error"
            } else {
                "warn"
            };
            let text = word("description").trim().to_owned();
            ("host_problem", severity, Words::Others(text))
        }
    };
    incident(record.at, (kind, severity), text, data)
}

fn guesses(job: &Job, lines: &[Line]) -> Vec<DiagnosisOut> {
    if !job_is_failed(&job.status) {
        return vec![];
    }
    let mut words: Vec<&str> = lines.iter().map(|line| line.line.as_str()).collect();
    words.extend(job.error.iter().flat_map(|error| error.lines()));
    let guesses = diagnose(words.iter().copied());
    let out = guesses.into_iter().map(|guess| DiagnosisOut {
        cause: guess.cause.as_str(),
        lines: guess
            .lines
            .into_iter()
            .map(|at| words[at].to_owned())
            .collect(),
    });
    out.collect()
}

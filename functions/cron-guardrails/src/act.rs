//! What follows from a ruling: one transaction of state, memory and messages, and a frame for
//! viewers.

use domain::batch::Batch;
use domain::guardrail::finding::{Finding, Price};
use domain::guardrail::judge::{IDLE_REASON, Ruling, SYSTEM};
use domain::guardrail::ladder::Step;
use domain::ids::event_fingerprint;
use domain::time::Timestamp;
use runtime::{Services, entropy};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use store::StoreError;
use store::audit::{AuditRow, audit_write};
use store::batches::{active_write, batch_write, failures_write, job_write};
use store::feed::FeedEvent;
use store::notices::notice_write;
use store::table::Write;
use store::watches::Watched;

/// What was done about a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Act {
    /// Findings.
    pub found: usize,
    /// How many of them people are told of.
    pub told: usize,
}

/// Carries out `ruling` on what it was made from, and writes `also` with it.
///
/// # Errors
/// [`StoreError::ConditionAt`] when any of it changed meanwhile; then nothing was done.
pub(crate) async fn carry_out(
    services: &Services,
    price: &Price,
    (watched, jobs): (&Watched, &HashMap<String, u64>),
    ruling: Ruling,
    also: Vec<Write>,
) -> Result<Act, StoreError> {
    let (store, now) = (&services.store, services.clock.now());
    let mut writes = vec![watched.watch_write(&ruling.watch)?];
    writes.extend(also);
    // A changed job moves the revision of its batch, by which tables know of it.
    if ruling.batch != watched.batch.value || !ruling.jobs.is_empty() {
        writes.push(batch_write(&ruling.batch, Some(watched.batch.rev))?);
        writes.push(active_write(&ruling.batch));
        writes.extend(failures_write(&ruling.batch));
    }
    for job in &ruling.jobs {
        writes.push(job_write(job, jobs.get(&job.id).copied())?);
    }
    let rev = watched.watch.as_ref().map_or(0, |watch| watch.rev);
    let mut frames = vec![];
    let mut act = Act::default();
    for (finding, told) in &ruling.findings {
        frames.extend(frames_of(finding, &ruling.batch, rev, now)?);
        act.found += 1;
        if matches!(
            finding,
            Finding::Idle {
                step: Step::Stopped,
                ..
            }
        ) {
            writes.push(audit_write(&stop_row(&ruling.batch, now))?);
        }
        if *told {
            act.told += 1;
            let job = match finding.job() {
                Some(id) => store.job(&ruling.batch.id, id).await?,
                None => None,
            };
            let job = job.as_ref().map(|job| &job.value);
            let notice = finding.notice(&ruling.batch, job, price, now);
            writes.push(notice_write(store.row_ids.take(now, 1), &notice, None)?);
        }
    }
    // Feed first, as in ingest: a crash in between tells viewers too much, never too little.
    let _told = match frames.is_empty() {
        true => None,
        false => Some(
            store
                .append_feed(&ruling.batch.id, frames, None, now)
                .await?,
        ),
    };
    store.table.transact(writes).await?;
    Ok(act)
}

/// Frames of a finding. Their ids are made of what was remembered before, so that two looks at once
/// say the same, and viewers drop the repeat.
fn frames_of(
    finding: &Finding,
    batch: &Batch,
    rev: u64,
    now: Timestamp,
) -> Result<Vec<FeedEvent>, StoreError> {
    let job = finding.job();
    let id = |kind: &str| {
        let of = format!("{}/{}/{rev}", batch.id, job.unwrap_or_default());
        format!("srv-{kind}-{:016x}", event_fingerprint(&of))
    };
    let frame = |kind: &str, job: Option<&str>, data: &Value| {
        FeedEvent::of_job((kind, &id(kind)), batch, job, now, data)
    };
    let mut frames = vec![frame(finding.event(), job, &data(finding, now))?];
    if matches!(
        finding,
        Finding::Idle {
            step: Step::Stopped,
            ..
        }
    ) {
        let asked =
            json!({"requested_by": SYSTEM, "requested_at": now.to_text(), "reason": IDLE_REASON});
        frames.push(frame("batch_stop_requested", None, &asked)?);
    }
    Ok(frames)
}

/// `data` of a finding's frame.
fn data(finding: &Finding, now: Timestamp) -> Value {
    let mut data = match finding {
        Finding::Stalled { since, secs } => json!({
            "last_event_at": since.to_text(), "minutes_since": secs / 60,
        }),
        Finding::Revived => json!({"recovered_from": "stalled"}),
        Finding::Converged { job } => json!({"recovered_from": "divergent", "job_id": job}),
        Finding::Stopped => json!({}),
        Finding::RerunExpired => json!({"reason": "expired"}),
        Finding::Diverged {
            job,
            reason,
            ratio,
            window,
            epoch,
        } => json!({
            "job_id": job, "reason": reason.as_str(), "ratio": ratio, "window": window, "epoch": epoch,
        }),
        Finding::Idle {
            job,
            step,
            idle,
            stop_at,
        } => json!({
            "job_id": job, "minutes": (now.secs() - idle.since.secs()) / 60, "step": step.as_str(),
            "idle_since": idle.since.to_text(), "gpu_hours": (idle.gpu_hours(now) * 100.0).round() / 100.0,
            "stop_at": stop_at.map(Timestamp::to_text),
        }),
        Finding::IdleEnded { job } => json!({"job_id": job}),
        Finding::OutOfMemory { job, line } => json!({"job_id": job, "line": line}),
    };
    data["locale_key"] = json!(format!("guardrails.{}", finding.rule()));
    data
}

fn stop_row(batch: &Batch, now: Timestamp) -> AuditRow {
    let particular = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    AuditRow {
        id: entropy::new_id(now),
        at: now,
        user_id: None,
        action: "batch_stop_requested".to_owned(),
        target_type: "batch".to_owned(),
        target_id: batch.id.clone(),
        ip: None,
        metadata: BTreeMap::from([("actor", SYSTEM), ("reason", IDLE_REASON)].map(particular)),
    }
}

//! `GET /api/events/spill/{id}`: how far the replay of a spill upload got.

use axum::Json;
use axum::extract::State;
use domain::spill::{RejectedLine, Spill};
use runtime::Services;
use serde::Serialize;
use utoipa::ToSchema;
use web::{ApiError, ApiResult, Caller, PathParams};
use wire::Code;

/// Progress of a spill upload.
#[derive(Debug, Serialize, ToSchema)]
pub struct SpillOut {
    /// Id.
    pub id: u64,
    /// `waiting`, `replaying`, `done` or `failed`.
    pub state: &'static str,
    /// Code of what ended it early: `unreadable`, `too_large` or `owner_gone`.
    pub fault: Option<String>,
    /// Bytes of the file as uploaded.
    pub size_bytes: u64,
    /// Bytes replayed, counted after decompression.
    pub bytes_done: u64,
    /// Lines replayed.
    pub lines_done: u64,
    /// Events stored.
    pub accepted: u64,
    /// Events that were stored before.
    pub duplicate: u64,
    /// Lines refused.
    pub rejected: u64,
    /// The first refused lines.
    pub rejects: Vec<SpillReject>,
    /// When the ticket was given.
    pub created_at: String,
    /// When it ended.
    pub finished_at: Option<String>,
}

/// A refused line.
#[derive(Debug, Serialize, ToSchema)]
pub struct SpillReject {
    /// Line number, from 1.
    pub line: u64,
    /// The client's event id, when the line had one.
    pub event_id: Option<String>,
    /// Stable code.
    pub code: String,
    /// Reason in words.
    pub reason: String,
}

impl From<RejectedLine> for SpillReject {
    fn from(rejected: RejectedLine) -> Self {
        Self {
            line: rejected.line,
            event_id: rejected.event_id,
            code: rejected.code,
            reason: rejected.reason,
        }
    }
}

impl From<Spill> for SpillOut {
    fn from(spill: Spill) -> Self {
        let progress = spill.progress;
        Self {
            id: spill.id,
            state: spill.state.as_str(),
            fault: spill.fault,
            size_bytes: spill.size_bytes,
            bytes_done: progress.bytes,
            lines_done: progress.lines,
            accepted: progress.accepted,
            duplicate: progress.duplicate,
            rejected: progress.rejected,
            rejects: progress.rejects.into_iter().map(Into::into).collect(),
            created_at: spill.created_at.to_text(),
            finished_at: spill.finished_at.map(|at| at.to_text()),
        }
    }
}

/// Shows how far the replay of a spill upload got, and the first lines it refused.
#[utoipa::path(get, path = "/api/events/spill/{spill_id}", tag = "ingest",
    params(("spill_id" = u64, Path)),
    responses((status = 200, body = SpillOut), (status = 404, description = "no such spill upload")))]
pub async fn spill_progress(
    State(services): State<Services>,
    caller: Caller,
    path: PathParams,
) -> ApiResult<Json<SpillOut>> {
    let id = path.integer(0, "spill_id")?;
    let found = services.store.spill(id).await?.map(|found| found.value);
    let mine = |spill: &Spill| caller.user().is_admin || spill.owner == caller.user().id;
    let spill = found.filter(mine);
    let spill = spill.ok_or_else(|| ApiError::new(Code::SpillNotFound))?;
    Ok(Json(spill.into()))
}

//! `POST /api/events/spill`: a ticket to upload a file of events kept while offline.

use crate::state::Intake;
use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use domain::limits::{SPILL_BYTES, SPILLS_WAITING, UPLOAD_URL_SECS};
use domain::spill::{self, Encoding, Spill};
use runtime::Services;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use store::spills::object_key;
use utoipa::ToSchema;
use web::{ApiError, ApiResult, Body, Invalid, Reporter};
use wire::Code;

/// A file of events, one JSON object per line.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BeginSpill {
    /// Its name; the extension says how it is compressed: `.jsonl`, `.gz` or `.zst`.
    pub filename: String,
    /// Its bytes as uploaded.
    pub size_bytes: u64,
    /// Its SHA-256 in hexadecimal; the bucket then refuses anything else.
    pub sha256: Option<String>,
}

/// What to send, where.
#[derive(Debug, Serialize, ToSchema)]
pub struct SpillTicket {
    /// Id to ask for progress.
    pub id: u64,
    /// Always `PUT`.
    pub method: &'static str,
    /// Address; whoever has it may upload this one file while it works.
    pub url: String,
    /// Headers that must be sent with it.
    pub headers: BTreeMap<String, String>,
    /// Until when the address works.
    pub expires_at: String,
}

/// Hands out a ticket for a file of events. Its upload starts the replay; repeating events, or
/// the whole file, stores nothing twice.
#[utoipa::path(post, path = "/api/events/spill", tag = "ingest", request_body = BeginSpill,
    responses((status = 201, body = SpillTicket), (status = 403, description = "not a reporter token"),
        (status = 409, description = "too many spill uploads wait"), (status = 413, description = "too large"),
        (status = 422, description = "invalid body"), (status = 429, description = "slow down, see Retry-After")))]
pub async fn begin_spill(
    State(services): State<Services>,
    Extension(intake): Extension<Arc<Intake>>,
    Reporter(caller): Reporter,
    Body(wish): Body<BeginSpill>,
) -> ApiResult<(StatusCode, Json<SpillTicket>)> {
    let now = services.clock.now();
    intake.admit(&caller, services.settings().await?.ingest, now)?;
    let encoding = check(&wish)?;
    if wish.size_bytes > SPILL_BYTES {
        return Err(ApiError::with(Code::ArtifactTooLarge, [SPILL_BYTES]));
    }
    let spill = Spill {
        id: 0,
        owner: caller.user.id,
        encoding,
        size_bytes: wish.size_bytes,
        state: spill::State::Waiting,
        fault: None,
        progress: spill::Progress::default(),
        created_at: now,
        finished_at: None,
    };
    let spill = services.store.add_spill(spill, now).await?;
    let spill = spill.ok_or_else(|| ApiError::with(Code::SpillsWaiting, [SPILLS_WAITING]))?;
    let (key, digest) = (object_key(&spill), wish.sha256.as_deref());
    let blobs = &services.store.blobs;
    let put = blobs.presign_put(&key, spill.size_bytes, digest, UPLOAD_URL_SECS);
    let put = put.await?;
    let lasts = i64::try_from(UPLOAD_URL_SECS).unwrap_or(0);
    let ticket = SpillTicket {
        id: spill.id,
        method: "PUT",
        url: put.url,
        headers: put.headers.into_iter().collect(),
        expires_at: now.plus_secs(lasts).to_text(),
    };
    Ok((StatusCode::CREATED, Json(ticket)))
}

fn check(wish: &BeginSpill) -> ApiResult<Encoding> {
    let refuse = |name: &str, rule, msg: &str, input| {
        ApiError::invalid(&[Invalid::at(&["body", name], rule, msg, input)])
    };
    let is_digest = |text: &String| text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
    if let Some(text) = wish.sha256.as_ref().filter(|text| !is_digest(text)) {
        let msg = "String should be 64 hexadecimal digits";
        return Err(refuse(
            "sha256",
            "string_pattern_mismatch",
            msg,
            json!(text),
        ));
    }
    Encoding::of_name(&wish.filename).ok_or_else(|| {
        let msg = "The name should end with .jsonl, .gz or .zst";
        refuse("filename", "enum", msg, json!(wish.filename))
    })
}

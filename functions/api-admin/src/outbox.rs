//! `/api/admin/email/…`: what became of messages.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use runtime::Services;
use serde::Serialize;
use store::outbox::{Payload, Waiting};
use utoipa::ToSchema;
use web::page::{decode_cursor, page};
use web::{Admin, ApiError, ApiResult, ClientInfo, Deed, Params, PathParams};
use wire::Code;

/// Most messages that are counted one by one.
const COUNTED: usize = 10_000;
/// Most messages retried by one request.
const RETRIED: usize = 500;

/// How messages fare, over all instances.
#[derive(Debug, Serialize, ToSchema)]
pub struct MailStatsOut {
    /// Messages that wait; 10000 stands for that many or more.
    pub queued: usize,
    /// Messages that left within the last hour.
    pub sent_last_hour: u64,
    /// Messages given up within the last hour.
    pub failed_last_hour: u64,
    /// Messages that left today (UTC).
    pub sent_today: u64,
    /// Messages given up today (UTC).
    pub failed_today: u64,
    /// Messages that were given up and are kept; 10000 stands for that many or more.
    pub deadletter_count: usize,
}

/// Shows how messages fare.
#[utoipa::path(get, path = "/api/admin/email/stats", tag = "admin",
    responses((status = 200, body = MailStatsOut), (status = 403, description = "not an administrator")))]
pub async fn stats(State(services): State<Services>, _: Admin) -> ApiResult<Json<MailStatsOut>> {
    let (store, now) = (&services.store, services.clock.now());
    let hour = store.outbox_counts_of_hour(now).await?;
    let day = store.outbox_counts_of_day(now).await?;
    Ok(Json(MailStatsOut {
        queued: store.outbox_depth(COUNTED).await?,
        sent_last_hour: hour.sent,
        failed_last_hour: hour.failed,
        sent_today: day.sent,
        failed_today: day.failed,
        deadletter_count: store.dead_letter_depth(COUNTED).await?,
    }))
}

/// A message that was given up.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeadLetterOut {
    /// Id.
    pub id: u64,
    /// `mail`, `channel` for a message to a chat, `notice` for news nobody was told of yet.
    pub kind: &'static str,
    /// Address; of a channel its number.
    pub to_addr: String,
    /// Subject; empty for a channel.
    pub subject: String,
    /// Word for its cause.
    pub event_type: String,
    /// Failed tries.
    pub attempts: u32,
    /// Why the last one failed.
    pub last_error: Option<String>,
    /// When it was caused.
    pub created_at: String,
    /// Always `pending`: it waits for somebody to decide.
    pub status: &'static str,
}

/// Messages that were given up.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeadLettersOut {
    /// Newest first.
    pub items: Vec<DeadLetterOut>,
    /// Always true.
    pub schema_ready: bool,
}

impl From<Waiting> for DeadLetterOut {
    fn from(waiting: Waiting) -> Self {
        let (kind, to_addr, subject, event_type) = match waiting.payload {
            Payload::Mail { mail, event, .. } => ("mail", mail.to, mail.subject, event),
            Payload::Post {
                channel, notice, ..
            } => {
                let event = notice.map_or("test", |notice| notice.kind.as_str());
                let to = format!("channel {channel}");
                ("channel", to, String::new(), event.to_owned())
            }
            Payload::Notice { notice, .. } => {
                let event = notice.kind.as_str().to_owned();
                ("notice", String::new(), String::new(), event)
            }
            Payload::Collected { gate, .. } => ("mail", String::new(), String::new(), gate),
        };
        Self {
            id: waiting.id,
            kind,
            to_addr,
            subject,
            event_type,
            attempts: waiting.attempts,
            last_error: waiting.last_error,
            created_at: waiting.created_at.to_text(),
            status: "pending",
        }
    }
}

/// Lists the messages that were given up, newest first.
#[utoipa::path(get, path = "/api/admin/email/dead-letter", tag = "admin",
    params(("limit" = Option<i64>, Query, description = "1 to 500"),
        ("cursor" = Option<String>, Query, description = "of X-Next-Cursor")),
    responses((status = 200, body = DeadLettersOut), (status = 403, description = "not an administrator"),
        (status = 422, description = "parameters")))]
pub async fn dead_letters(
    State(services): State<Services>,
    _: Admin,
    params: Params,
) -> ApiResult<Response> {
    let limit = params.integer("limit", 100, 1..=500)? as usize;
    let before = match decode_cursor(params.text("cursor"))? {
        None => None,
        Some(text) => {
            let id: Result<u64, _> = text.parse();
            Some(id.map_err(|_| ApiError::new(Code::CursorInvalid))?)
        }
    };
    let found = services.store.dead_letters(before, limit).await?;
    let next = found.last().filter(|_| found.len() == limit);
    let next = next.map(|last| last.id.to_string());
    let out = DeadLettersOut {
        items: found.into_iter().map(DeadLetterOut::from).collect(),
        schema_ready: true,
    };
    Ok(page(out, next.as_deref()))
}

/// What was queued again.
#[derive(Debug, Serialize, ToSchema)]
pub struct RetriedOut {
    /// How many.
    pub requeued: usize,
    /// Ids of none.
    pub missing: Vec<u64>,
}

/// Queues messages again as they were, with all their tries.
#[utoipa::path(post, path = "/api/admin/email/dead-letter/retry", tag = "admin",
    params(("ids" = String, Query, description = "numbers, separated by commas")),
    responses((status = 200, body = RetriedOut), (status = 400, description = "no numbers"),
        (status = 403, description = "not an administrator")))]
pub async fn retry(
    State(services): State<Services>,
    Admin(admin): Admin,
    client: ClientInfo,
    params: Params,
) -> ApiResult<Json<RetriedOut>> {
    let text = params.text("ids").unwrap_or_default();
    let ids: Result<Vec<u64>, _> = text.split(',').map(|id| id.trim().parse()).collect();
    let ids = ids.ok().filter(|ids| ids.len() <= RETRIED);
    let ids = ids.ok_or_else(|| ApiError::new(Code::IdsInvalid))?;
    let mut out = RetriedOut {
        requeued: 0,
        missing: vec![],
    };
    let now = services.clock.now();
    for id in ids {
        match services.store.retry_dead_letter(id, now).await? {
            true => out.requeued += 1,
            false => out.missing.push(id),
        }
    }
    let deed = Deed::new("dead_letter_retry", "system", "dead_letter");
    let deed = deed.with("requeued", out.requeued);
    deed.note(&services, &admin, &client).await;
    Ok(Json(out))
}

/// Throws a message that was given up away.
#[utoipa::path(delete, path = "/api/admin/email/dead-letter/{message_id}", tag = "admin",
    params(("message_id" = u64, Path)),
    responses((status = 204, description = "gone"), (status = 403, description = "not an administrator"),
        (status = 404, description = "no such message")))]
pub async fn discard(
    State(services): State<Services>,
    Admin(admin): Admin,
    client: ClientInfo,
    path: PathParams,
) -> ApiResult<StatusCode> {
    let id = path.integer(0, "message_id")?;
    if !services.store.discard_dead_letter(id).await? {
        return Err(ApiError::new(Code::DeadLetterNotFound));
    }
    let target = format!("dead_letter/{id}");
    let deed = Deed::new("dead_letter_discard", "system", target);
    deed.note(&services, &admin, &client).await;
    Ok(StatusCode::NO_CONTENT)
}

//! `/api/guardrails/act`: the links in messages about idle jobs. Who holds one needs no account;
//! it does what the person it was sent to may do.
//!
//! Mail programs follow links to look at them, so GET only asks; the page's button does it.

use auth::ticket::{self, Refused, Tap, Ticket};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use domain::access::{Actor, Right};
use domain::batch::StopRequest;
use domain::guardrail::judge::IDLE_REASON;
use domain::status::BatchStatus;
use domain::time::Timestamp;
use runtime::{Services, entropy};
use serde_json::{Value, json};
use store::StoreError;
use store::feed::FeedEvent;
use store::table::Write;
use store::watches::Watched;
use web::sight::right_to;
use web::{ApiError, ApiResult, ClientInfo, Deed, Params, Visitor};
use wire::{Code, Locale};

/// Rounds after lost races with the running script.
const ROUNDS: usize = 8;
/// Who stops a batch by a link.
const LINK: &str = "link";

type Page = ([(HeaderName, HeaderValue); 2], String);

/// Asks whether the link shall do what it says. Nothing happens yet.
#[utoipa::path(get, path = "/api/guardrails/act", tag = "guardrails",
    params(("token" = String, Query)),
    responses((status = 200, content_type = "text/html", body = String), (status = 404, description = "no link of ours"),
        (status = 410, description = "expired")))]
pub async fn ask_act(
    State(services): State<Services>,
    headers: HeaderMap,
    params: Params,
) -> ApiResult<Page> {
    let ticket = opened(&services, &params)?;
    let locale = locale(&headers);
    let (question, label) = match (ticket.tap, locale) {
        (Tap::Keep, Locale::English) => ("Keep this job for 2 hours?", "Keep it"),
        (Tap::Keep, Locale::Chinese) => ("将该任务保留 2 小时？", "保留"),
        (Tap::Stop, Locale::English) => ("Stop this batch now?", "Stop it"),
        (Tap::Stop, Locale::Chinese) => ("立即停止该批次？", "停止"),
    };
    Ok(page(locale, question, &ticket, Some(label)))
}

/// Does what the link says. Doing it again changes nothing more.
#[utoipa::path(post, path = "/api/guardrails/act", tag = "guardrails",
    params(("token" = String, Query)),
    responses((status = 200, content_type = "text/html", body = String), (status = 404, description = "no link of ours, or no right any more"),
        (status = 410, description = "expired")))]
pub async fn act(
    State(services): State<Services>,
    client: ClientInfo,
    headers: HeaderMap,
    params: Params,
) -> ApiResult<Page> {
    let ticket = opened(&services, &params)?;
    let locale = locale(&headers);
    let done = perform(&services, &client, &ticket).await?;
    let said = match (done, ticket.tap, locale) {
        (true, Tap::Keep, Locale::English) => "This job is left alone for 2 hours.",
        (true, Tap::Keep, Locale::Chinese) => "该任务将保留 2 小时。",
        (true, Tap::Stop, Locale::English) => "This batch was asked to stop.",
        (true, Tap::Stop, Locale::Chinese) => "已请求停止该批次。",
        (false, _, Locale::English) => "There is nothing to do any more.",
        (false, _, Locale::Chinese) => "已无需任何操作。",
    };
    Ok(page(locale, said, &ticket, None))
}

fn opened(services: &Services, params: &Params) -> ApiResult<Ticket> {
    let token = params.text("token").unwrap_or_default();
    let opened = ticket::open(&services.config.jwt_secret, token, services.clock.now());
    opened.map_err(|refused| {
        ApiError::new(match refused {
            Refused::Invalid => Code::ActLinkInvalid,
            Refused::Expired => Code::ActLinkExpired,
        })
    })
}

fn locale(headers: &HeaderMap) -> Locale {
    let language = headers.get(header::ACCEPT_LANGUAGE);
    Locale::negotiate(language.and_then(|value| value.to_str().ok()))
}

/// Whether there was something to do.
async fn perform(services: &Services, client: &ClientInfo, ticket: &Ticket) -> ApiResult<bool> {
    for _ in 0..ROUNDS {
        let watched = allowed(services, ticket).await?;
        let batch = &watched.batch.value;
        if batch.attempt != ticket.attempt || batch.status.is_terminal() {
            return Ok(false);
        }
        let now = services.clock.now();
        let outcome = match ticket.tap {
            Tap::Keep => keep(services, client, ticket, &watched, now).await,
            Tap::Stop => stop(services, client, ticket, &watched, now).await,
        };
        match outcome {
            Err(Failed::Raced) => {}
            Err(Failed::Answer(error)) => return Err(error),
            Ok(done) => return Ok(done),
        }
    }
    Err(ApiError::new(Code::StorageBusy).retry_after(1))
}

/// The batch, if whom the link was sent to may still change it.
async fn allowed(services: &Services, ticket: &Ticket) -> ApiResult<Watched> {
    let store = &services.store;
    let invalid = || ApiError::new(Code::ActLinkInvalid);
    let user = store.user(ticket.user).await?.map(|found| found.value);
    let user = user.filter(|user| user.is_active).ok_or_else(invalid)?;
    let who = Actor {
        user_id: user.id,
        is_admin: user.is_admin,
        only: None,
    };
    let found = store.watched_batch(&ticket.batch).await?;
    let found = found.ok_or_else(invalid)?;
    let right = right_to(store, Some(who), &found.batch.value).await?;
    match right >= Some(Right::Edit) {
        true => Ok(found),
        false => Err(invalid()),
    }
}

/// Why a change did not come about.
enum Failed {
    /// Somebody else was faster.
    Raced,
    Answer(ApiError),
}

impl From<ApiError> for Failed {
    fn from(error: ApiError) -> Self {
        Self::Answer(error)
    }
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::ConditionAt(_) | StoreError::Conflict => Self::Raced,
            other => Self::Answer(other.into()),
        }
    }
}

async fn keep(
    services: &Services,
    client: &ClientInfo,
    ticket: &Ticket,
    watched: &Watched,
    now: Timestamp,
) -> Result<bool, Failed> {
    let mut memory = watched.memory();
    let Some(idle) = memory.idle.get_mut(&ticket.job) else {
        return Ok(false);
    };
    idle.keep(now);
    let until = idle.kept_until.map(Timestamp::to_text);
    let data = json!({"job_id": ticket.job, "kept_until": until});
    let deed = deed("job_idle_kept", ticket).with("kept_until", until.unwrap_or_default());
    let writes = vec![
        watched.watch_write(&memory)?,
        deed.row(services, &Visitor(None), client)?,
    ];
    let _told = tell(
        services,
        watched,
        "job_idle_kept",
        Some(&ticket.job),
        &data,
        now,
    )
    .await?;
    services.store.table.transact(writes).await?;
    Ok(true)
}

async fn stop(
    services: &Services,
    client: &ClientInfo,
    ticket: &Ticket,
    watched: &Watched,
    now: Timestamp,
) -> Result<bool, Failed> {
    let mut batch = watched.batch.value.clone();
    if batch.status.after_stop() == batch.status {
        return Ok(false);
    }
    batch.status = BatchStatus::Stopping;
    batch.stop = Some(StopRequest {
        signalled_at: None,
        by: LINK.to_owned(),
        at: now,
        reason: Some(IDLE_REASON.to_owned()),
    });
    let data = json!({"requested_by": LINK, "requested_at": now.to_text(), "reason": IDLE_REASON});
    let row: Write = deed("batch_stop_requested", ticket).row(services, &Visitor(None), client)?;
    let _told = tell(services, watched, "batch_stop_requested", None, &data, now).await?;
    let saved = services
        .store
        .save_batch(&batch, watched.batch.rev, vec![row]);
    saved.await?;
    Ok(true)
}

/// Nobody was logged in; whom the link was sent to is a particular.
fn deed(action: &'static str, ticket: &Ticket) -> Deed {
    Deed::new(action, "batch", ticket.batch.as_str())
        .with("actor", LINK)
        .with("sent_to", ticket.user)
        .with("job", &ticket.job)
}

async fn tell(
    services: &Services,
    watched: &Watched,
    kind: &str,
    job: Option<&str>,
    data: &Value,
    now: Timestamp,
) -> Result<store::feed::Appended, StoreError> {
    let batch = &watched.batch.value;
    let id = format!("srv-{:016x}", entropy::number());
    let event = FeedEvent::of_job((kind, &id), batch, job, now, data)?;
    let told = services
        .store
        .append_feed(&batch.id, vec![event], None, now);
    told.await
}

/// A page that needs nothing else and may do nothing but post its form.
fn page(locale: Locale, said: &str, ticket: &Ticket, button: Option<&str>) -> Page {
    let lang = locale.as_str();
    let (batch, job) = (escape(&ticket.batch), escape(&ticket.job));
    let form = button.map(|label| format!("<form method=\"post\"><button>{label}</button></form>"));
    let form = form.unwrap_or_default();
    let body = format!(
        "<!doctype html>\n<html lang=\"{lang}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><meta name=\"robots\" content=\"noindex\">\
         <title>Argus</title></head>\n<body><h1>Argus</h1><p>{said}</p><p>{batch} / {job}</p>{form}</body></html>\n"
    );
    let policy = "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        ),
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(policy),
        ),
    ];
    (headers, body)
}

fn escape(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;").replace('"', "&quot;")
}

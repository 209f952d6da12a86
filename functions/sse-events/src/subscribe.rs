//! `GET /api/sse`: checks, then hands over to the stream.

use crate::channel::{self, Channel};
use crate::cursor::Cursor;
use crate::frame::NonFinite;
use crate::live::Plan;
use crate::stream;
use axum::body::Body;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use runtime::{Identity, Services};
use serde_json::Value;
use web::sight::right_to;
use web::{ApiError, ApiResult, Invalid, Params, StreamCaller, watchdogs};
use wire::Code;

/// Streams events of the chosen channels; resumes after `Last-Event-ID`.
#[utoipa::path(get, path = "/api/sse", tag = "live",
    params(("channels" = String, Query, description = "comma list of `batch:<id>`, `job:<batch>:<job>`, `host:<name>`, `dashboard`, `batches`, `agents`"),
        ("token" = Option<String>, Query, description = "credential, when no header can be sent"),
        ("last_event_id" = Option<String>, Query, description = "as the header `Last-Event-ID`"),
        ("nonfinite" = Option<String>, Query, description = "`null` (default) or `text`: how NaN and infinities are written")),
    responses((status = 200, content_type = "text/event-stream", body = String),
        (status = 400, description = "channels"), (status = 401, description = "credential"),
        (status = 403, description = "no access"), (status = 404, description = "no such job or host"), (status = 422, description = "no channels parameter")))]
pub async fn subscribe(State(services): State<Services>, request: Request) -> ApiResult<Response> {
    let (mut parts, _) = request.into_parts();
    let params = Params::parse(parts.uri.query().unwrap_or_default());
    // Selector errors are judged before the credential.
    let list = params.text("channels").ok_or_else(|| {
        let problem = Invalid::at(
            &["query", "channels"],
            "missing",
            "Field required",
            Value::Null,
        );
        ApiError::invalid(&[problem])
    })?;
    let channels = channel::parse(list)?;
    let numbers = match params.choice("nonfinite", &["null", "text"])? {
        "text" => NonFinite::Text,
        _ => NonFinite::Null,
    };
    let caller = StreamCaller::from_request_parts(&mut parts, &services).await?;
    authorize(&services, &caller.identity, &channels).await?;
    let last_id = parts
        .headers
        .get("last-event-id")
        .and_then(|v| v.to_str().ok())
        .or(params.text("last_event_id"))
        .filter(|id| !id.is_empty());
    let plan = Plan {
        channels,
        numbers,
        // A cursor we cannot read is treated as too old: the client reloads and goes on.
        unreadable: last_id.is_some_and(|id| Cursor::parse(id).is_none()),
        cursor: last_id.and_then(Cursor::parse),
        caller,
    };
    let mut response = Response::new(Body::from_stream(stream::open(services, plan)));
    set_headers(response.headers_mut());
    Ok(response)
}

async fn authorize(services: &Services, who: &Identity, channels: &[Channel]) -> ApiResult<()> {
    for channel in channels {
        if *channel == Channel::Dashboard && !who.user.is_admin {
            return Err(ApiError::new(Code::StreamAdminOnly));
        }
        if let Some(host) = channel.host() {
            watchdogs::seen(services, who, host).await?;
        }
        let Some(batch) = channel.batch() else {
            continue;
        };
        let found = services.store.batch(batch).await?.map(|v| v.value);
        let right = match found {
            Some(found) => right_to(&services.store, Some(who.actor()), &found).await?,
            None => None,
        };
        if right.is_none() {
            return Err(ApiError::with(Code::StreamNoAccess, [channel.name()]));
        }
        if let Channel::Job(batch, job) = channel {
            let found = services.store.job(batch, job).await?;
            if found.is_none_or(|j| j.value.deleted_at.is_some()) {
                return Err(ApiError::new(Code::JobNotFound));
            }
        }
    }
    Ok(())
}

fn set_headers(headers: &mut HeaderMap) {
    for (name, value) in [
        (header::CONTENT_TYPE, "text/event-stream; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache, no-transform"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
}

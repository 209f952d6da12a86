//! `/api/projects/{project}/recipients`: addresses that are told what happens in a project.

use crate::owned;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::access::Role;
use domain::limits::RECIPIENTS;
use domain::notice::NoticeKind;
use domain::project::Recipient;
use runtime::{Services, entropy};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::StoreError;
use utoipa::ToSchema;
use web::{ApiError, ApiResult, Body, Caller, ClientInfo, Deed, Invalid, PathParams};
use wire::Code;

/// An address that is told what happens.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecipientOut {
    /// Row id.
    pub id: u64,
    /// Project.
    pub project: String,
    /// Address, lower-case.
    pub email: String,
    /// Kinds of events it is told.
    pub event_kinds: Vec<&'static str>,
    /// Whether it is told at all.
    pub enabled: bool,
    /// Who entered it.
    pub added_by_user_id: u64,
    /// When.
    pub created_at: String,
    /// When it last changed.
    pub updated_at: String,
}

impl RecipientOut {
    fn new(project: &str, recipient: Recipient) -> Self {
        Self {
            id: recipient.id,
            project: project.to_owned(),
            email: recipient.email,
            event_kinds: words(&recipient.event_kinds),
            enabled: recipient.enabled,
            added_by_user_id: recipient.added_by,
            created_at: recipient.created_at.to_text(),
            updated_at: recipient.updated_at.to_text(),
        }
    }
}

/// An address to tell.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecipientIn {
    /// Address.
    email: String,
    /// Kinds of events: batch_done, batch_failed, batch_diverged, job_failed, job_idle_flagged,
    /// share_granted.
    #[serde(default)]
    event_kinds: Vec<String>,
    /// Whether it is told at all.
    #[serde(default = "enabled")]
    enabled: bool,
}

fn enabled() -> bool {
    true
}

/// Changes; what is absent or null stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecipientEdit {
    /// Address.
    #[serde(default)]
    email: Option<String>,
    /// All kinds of events.
    #[serde(default)]
    event_kinds: Option<Vec<String>>,
    /// Whether it is told at all.
    #[serde(default)]
    enabled: Option<bool>,
}

fn address(text: &str) -> ApiResult<String> {
    let email = text.trim().to_lowercase();
    match auth::rules::email(&email) {
        Ok(()) => Ok(email),
        Err(msg) => Err(Invalid::at(&["body", "email"], "value_error", msg, json!(text)).into()),
    }
}

fn words(kinds: &[NoticeKind]) -> Vec<&'static str> {
    kinds.iter().map(|kind| kind.as_str()).collect()
}

fn kinds(wanted: Vec<String>) -> ApiResult<Vec<NoticeKind>> {
    let mut kinds = Vec::new();
    for word in wanted {
        let Some(kind) = NoticeKind::parse(&word) else {
            let known = words(&NoticeKind::ALL).join(", ");
            return Err(ApiError::with(Code::EventKindInvalid, [word, known]));
        };
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    Ok(kinds)
}

/// Lists the recipients, to members.
#[utoipa::path(get, path = "/api/projects/{project}/recipients", tag = "projects",
    params(("project" = String, Path)),
    responses((status = 200, body = Vec<RecipientOut>), (status = 403, description = "members only"),
        (status = 404, description = "no such project")))]
pub async fn list_recipients(
    State(services): State<Services>,
    caller: Caller,
    path: PathParams,
) -> ApiResult<Json<Vec<RecipientOut>>> {
    let project = path.text(0);
    owned::load(&services, &caller, project, Role::Viewer).await?;
    let found = services.store.recipients(project).await?.into_iter();
    Ok(Json(
        found
            .map(|recipient| RecipientOut::new(project, recipient))
            .collect(),
    ))
}

/// Adds an address.
#[utoipa::path(post, path = "/api/projects/{project}/recipients", tag = "projects",
    params(("project" = String, Path)), request_body = RecipientIn,
    responses((status = 201, body = RecipientOut), (status = 400, description = "unknown kind of event"),
        (status = 403, description = "its owners only"), (status = 404, description = "no such project"),
        (status = 409, description = "listed already"), (status = 422, description = "fields")))]
pub async fn add_recipient(
    State(services): State<Services>,
    caller: Caller,
    client: ClientInfo,
    path: PathParams,
    Body(wish): Body<RecipientIn>,
) -> ApiResult<(StatusCode, Json<RecipientOut>)> {
    let project = path.text(0);
    let email = address(&wish.email)?;
    let event_kinds = kinds(wish.event_kinds)?;
    owned::load(&services, &caller, project, Role::Owner).await?;
    if services.store.recipients(project).await?.len() >= RECIPIENTS {
        return Err(ApiError::with(Code::RecipientLimit, [RECIPIENTS]));
    }
    let now = services.clock.now();
    let recipient = Recipient {
        id: entropy::new_id(now),
        email,
        event_kinds,
        enabled: wish.enabled,
        added_by: caller.user().id,
        created_at: now,
        updated_at: now,
    };
    let deed = Deed::new("recipient_add", "project", project).with("recipient_id", recipient.id);
    let row = deed.row(&services, &caller, &client)?;
    let added = services.store.add_recipient(project, &recipient, vec![row]);
    match added.await {
        Ok(()) => {
            let out = RecipientOut::new(project, recipient);
            Ok((StatusCode::CREATED, Json(out)))
        }
        Err(StoreError::ConditionAt(0)) => Err(ApiError::new(Code::RecipientTaken)),
        Err(error) => Err(error.into()),
    }
}

/// Changes an address, its kinds of events, or whether it is told at all.
#[utoipa::path(patch, path = "/api/projects/{project}/recipients/{recipient_id}", tag = "projects",
    params(("project" = String, Path), ("recipient_id" = u64, Path)), request_body = RecipientEdit,
    responses((status = 200, body = RecipientOut), (status = 400, description = "unknown kind of event"),
        (status = 403, description = "its owners only"), (status = 404, description = "no such project or recipient"),
        (status = 409, description = "listed already"), (status = 422, description = "fields")))]
pub async fn edit_recipient(
    State(services): State<Services>,
    caller: Caller,
    client: ClientInfo,
    path: PathParams,
    Body(edit): Body<RecipientEdit>,
) -> ApiResult<Json<RecipientOut>> {
    let project = path.text(0);
    let id = path.integer(1, "recipient_id")?;
    let email = edit.email.as_deref().map(address).transpose()?;
    let event_kinds = edit.event_kinds.map(kinds).transpose()?;
    owned::load(&services, &caller, project, Role::Owner).await?;
    let found = services.store.recipient(project, id).await?;
    let found = found.ok_or_else(|| ApiError::new(Code::RecipientNotFound))?;
    let mut recipient = found.value.clone();
    recipient.email = email.unwrap_or(recipient.email);
    recipient.event_kinds = event_kinds.unwrap_or(recipient.event_kinds);
    recipient.enabled = edit.enabled.unwrap_or(recipient.enabled);
    recipient.updated_at = services.clock.now();
    let deed = Deed::new("recipient_update", "project", project).with("recipient_id", id);
    let row = deed.row(&services, &caller, &client)?;
    let saved = services
        .store
        .save_recipient(project, &recipient, found, vec![row]);
    match saved.await {
        Ok(()) => Ok(Json(RecipientOut::new(project, recipient))),
        Err(StoreError::ConditionAt(1)) => Err(ApiError::new(Code::RecipientTaken)),
        Err(StoreError::ConditionAt(_)) => Err(ApiError::new(Code::StorageBusy).retry_after(1)),
        Err(error) => Err(error.into()),
    }
}

/// Removes an address.
#[utoipa::path(delete, path = "/api/projects/{project}/recipients/{recipient_id}", tag = "projects",
    params(("project" = String, Path), ("recipient_id" = u64, Path)),
    responses((status = 204, description = "it is gone"), (status = 403, description = "its owners only"),
        (status = 404, description = "no such project or recipient")))]
pub async fn remove_recipient(
    State(services): State<Services>,
    caller: Caller,
    client: ClientInfo,
    path: PathParams,
) -> ApiResult<StatusCode> {
    let project = path.text(0);
    let id = path.integer(1, "recipient_id")?;
    owned::load(&services, &caller, project, Role::Owner).await?;
    let found = services.store.recipient(project, id).await?;
    let found = found.ok_or_else(|| ApiError::new(Code::RecipientNotFound))?;
    let deed = Deed::new("recipient_remove", "project", project).with("recipient_id", id);
    let row = deed.row(&services, &caller, &client)?;
    let removed = services
        .store
        .remove_recipient(project, &found.value, vec![row]);
    removed.await?;
    Ok(StatusCode::NO_CONTENT)
}

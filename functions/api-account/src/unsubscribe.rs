//! `/api/unsubscribe`: the link at the end of a mail. Who holds it needs no account.

use auth::secret;
use axum::extract::State;
use domain::audience::Wishes;
use domain::notice::NoticeKind;
use runtime::Services;
use serde_json::json;
use store::StoreError;
use web::{ApiError, ApiResult, Invalid, Params, PathParams};
use wire::Code;

/// Characters of a link's secret.
const TOKEN_CHARS: std::ops::RangeInclusive<usize> = 8..=128;
/// What a person reads who followed the link.
const DONE: &str = "You will not get these mails any more. 您将不再收到此类邮件。\n";

/// Rounds of ending a recipient's mails while others change the recipient.
const ROUNDS: usize = 8;

/// What became of following a link.
enum Followed {
    /// It was followed before.
    Before,
    /// Such mails end.
    Now,
}

/// Ends the mails a link stands for.
#[utoipa::path(get, path = "/api/unsubscribe", tag = "notifications",
    params(("token" = String, Query)),
    responses((status = 200, content_type = "text/plain", body = String), (status = 404, description = "unknown link"),
        (status = 410, description = "used link"), (status = 422, description = "no link at all")))]
pub async fn unsubscribe(
    State(services): State<Services>,
    params: Params,
) -> ApiResult<&'static str> {
    match follow(&services, &params).await? {
        Followed::Before => Err(ApiError::new(Code::UnsubscribeUsed)),
        Followed::Now => Ok(DONE),
    }
}

/// The same for mail programs with a button for it; they may ask again.
#[utoipa::path(post, path = "/api/unsubscribe", tag = "notifications",
    operation_id = "unsubscribe_one_click", params(("token" = String, Query)),
    responses((status = 200, content_type = "text/plain", body = String), (status = 404, description = "unknown link"),
        (status = 422, description = "no link at all")))]
pub async fn unsubscribe_one_click(
    State(services): State<Services>,
    params: Params,
) -> ApiResult<&'static str> {
    follow(&services, &params).await?;
    Ok(DONE)
}

async fn follow(services: &Services, params: &Params) -> ApiResult<Followed> {
    let token = params.text("token").unwrap_or_default();
    if !TOKEN_CHARS.contains(&token.chars().count()) {
        let msg = "String should have between 8 and 128 characters";
        let loc = ["query", "token"];
        return Err(Invalid::at(&loc, "string_length", msg, json!("***")).into());
    }
    let digest = secret::digest(token);
    let store = &services.store;
    let found = store.unsubscribe_link(&digest).await?;
    let found = found.ok_or_else(|| ApiError::new(Code::UnsubscribeUnknown))?;
    if found.value.used_at.is_some() {
        return Ok(Followed::Before);
    }
    let kinds = match found.value.kind {
        Some(kind) => vec![kind],
        None => NoticeKind::ALL.to_vec(),
    };
    let change = |wishes: &mut Wishes| {
        kinds.iter().for_each(|kind| wishes.end(*kind));
        Ok(vec![])
    };
    // The wish before the mark: a crash in between leaves a link that still works.
    store.update_wishes(found.value.user, change).await?;
    let now = services.clock.now();
    store.unsubscribe_followed(&digest, found, now).await?;
    Ok(Followed::Now)
}

/// Ends the mails of a project's recipient; following the link again is fine.
#[utoipa::path(get, path = "/api/unsubscribe/recipient/{token}", tag = "notifications",
    params(("token" = String, Path)),
    responses((status = 200, content_type = "text/plain", body = String), (status = 404, description = "unknown link")))]
pub async fn unsubscribe_recipient(
    State(services): State<Services>,
    path: PathParams,
) -> ApiResult<&'static str> {
    disable(&services, path.text(0)).await
}

/// The same for mail programs with a button for it.
#[utoipa::path(post, path = "/api/unsubscribe/recipient/{token}", tag = "notifications",
    operation_id = "unsubscribe_recipient_one_click", params(("token" = String, Path)),
    responses((status = 200, content_type = "text/plain", body = String), (status = 404, description = "unknown link")))]
pub async fn unsubscribe_recipient_one_click(
    State(services): State<Services>,
    path: PathParams,
) -> ApiResult<&'static str> {
    disable(&services, path.text(0)).await
}

async fn disable(services: &Services, token: &str) -> ApiResult<&'static str> {
    let store = &services.store;
    let unknown = || ApiError::new(Code::UnsubscribeUnknown);
    if !TOKEN_CHARS.contains(&token.chars().count()) {
        return Err(unknown());
    }
    let link = store.recipient_link(&secret::digest(token)).await?;
    let link = link.ok_or_else(unknown)?;
    for _ in 0..ROUNDS {
        let found = store.recipient(&link.project, link.id).await?;
        // Whoever was removed gets no mails either.
        let Some(found) = found.filter(|found| found.value.enabled) else {
            return Ok(DONE);
        };
        let mut recipient = found.value.clone();
        recipient.enabled = false;
        recipient.updated_at = services.clock.now();
        let saved = store.save_recipient(&link.project, &recipient, found, vec![]);
        match saved.await {
            Ok(()) => return Ok(DONE),
            Err(StoreError::ConditionAt(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(ApiError::new(Code::StorageBusy).retry_after(1))
}

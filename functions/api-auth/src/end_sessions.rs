//! Ending many sessions at once: all others, or all.

use crate::view::OkOut;
use axum::Json;
use axum::extract::State;
use runtime::Services;
use store::StoreError;
use web::{ApiError, ApiResult, ClientInfo, Deed, SessionCaller};
use wire::Code;

/// Rounds after the kept session was touched at the same moment.
const ROUNDS: usize = 5;

/// Ends every session of the caller but the one this request came with.
#[utoipa::path(post, path = "/api/auth/sessions/revoke-others", tag = "auth",
    responses((status = 200, body = OkOut), (status = 403, description = "not a browser session")))]
pub async fn revoke_others(
    State(services): State<Services>,
    caller: SessionCaller,
    client: ClientInfo,
) -> ApiResult<Json<OkOut>> {
    end(&services, &caller, &client, true).await
}

/// Ends every session of the caller, this one included.
#[utoipa::path(post, path = "/api/auth/sessions/revoke-all", tag = "auth",
    responses((status = 200, body = OkOut), (status = 403, description = "not a browser session")))]
pub async fn revoke_all(
    State(services): State<Services>,
    caller: SessionCaller,
    client: ClientInfo,
) -> ApiResult<Json<OkOut>> {
    end(&services, &caller, &client, false).await
}

async fn end(
    services: &Services,
    caller: &SessionCaller,
    client: &ClientInfo,
    keep: bool,
) -> ApiResult<Json<OkOut>> {
    let id = caller.identity.user.id;
    let deed = Deed::of_user("sessions_revoked", id);
    let deed = match keep {
        true => deed.with("kept_current_jti", &caller.jti),
        false => deed,
    };
    let row = deed.row(services, &id, client)?;
    for _ in 0..ROUNDS {
        let found = services.store.user(id).await?;
        let before = found
            .ok_or_else(|| ApiError::new(Code::AuthRequired))?
            .value;
        let kept = match keep {
            true => {
                let next = before.epoch + 1;
                services
                    .store
                    .carried_session(id, &caller.jti, next)
                    .await?
            }
            false => None,
        };
        let changed = services.store.change_user(id, |user| {
            if user.epoch != before.epoch {
                return Ok(None);
            }
            user.epoch += 1;
            let also = kept.clone().into_iter().chain([row.clone()]);
            Ok(Some(also.collect()))
        });
        match changed.await {
            Ok(Some(_)) => {
                services.credentials.forget_user(id);
                return Ok(Json(OkOut::new("revoked")));
            }
            Ok(None) | Err(StoreError::ConditionAt(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(ApiError::new(Code::StorageBusy).retry_after(1))
}

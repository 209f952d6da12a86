//! `PATCH` and `DELETE /api/agents/{id}`: what owners change of their agents.

use super::list::AgentOut;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::agent::Agent;
use domain::limits::NAME_CHARS;
use runtime::Services;
use serde::Deserialize;
use store::StoreError;
use utoipa::ToSchema;
use web::agent::OwnerOrAgent;
use web::fields::given;
use web::{ApiError, ApiResult, Body, Caller, ClientInfo, Deed, Invalid, PathParams};
use wire::Code;

/// What changes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AgentEditIn {
    /// What people shall know it by; null: its host.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    label: Option<Option<String>>,
}

async fn found(services: &Services, caller: &Caller, id: &str) -> ApiResult<Agent> {
    let store = &services.store;
    let found = match caller.user().is_admin {
        true => store.agent_of_anybody(id).await?,
        false => store.agent(caller.user().id, id).await?,
    };
    let found = found.map(|found| found.value);
    found.ok_or_else(|| ApiError::new(Code::AgentNotFound))
}

/// Renames an agent.
#[utoipa::path(patch, path = "/api/agents/{agent_id}", tag = "agents", request_body = AgentEditIn,
    params(("agent_id" = String, Path)),
    responses((status = 200, body = AgentOut), (status = 404, description = "no such agent of the caller"),
        (status = 422, description = "invalid body")))]
pub async fn edit_agent(
    State(services): State<Services>,
    caller: Caller,
    client: ClientInfo,
    path: PathParams,
    Body(wish): Body<AgentEditIn>,
) -> ApiResult<Json<AgentOut>> {
    let label = wish
        .label
        .map(|label| label.map(|label| label.trim().to_owned()));
    let text = label.as_ref().and_then(Option::as_deref);
    Invalid::check_chars("label", text, NAME_CHARS)?;
    let agent = found(&services, &caller, path.text(0)).await?;
    let row = [Deed::new("agent_renamed", "agent", &agent.id).row(&services, &caller, &client)?];
    let now = services.clock.now();
    let changed = services
        .store
        .update_agent(agent.user_id, &agent.id, &row, |agent| {
            if let Some(label) = &label {
                agent.label = label.clone().filter(|label| !label.is_empty());
            }
        });
    let changed = changed
        .await?
        .ok_or_else(|| ApiError::new(Code::AgentNotFound))?;
    Ok(Json(AgentOut::of(changed, now)))
}

/// Revokes an agent: its token, and those of the runs it started, are refused at once. Runs go on
/// until they end, but cannot report any more.
#[utoipa::path(delete, path = "/api/agents/{agent_id}", tag = "agents",
    params(("agent_id" = String, Path)),
    responses((status = 204, description = "revoked"), (status = 404, description = "no such agent of the caller")))]
pub async fn revoke_agent(
    State(services): State<Services>,
    who: OwnerOrAgent,
    client: ClientInfo,
    path: PathParams,
) -> ApiResult<StatusCode> {
    let (agent, by) = match &who {
        OwnerOrAgent::Agent(caller) => (caller.agent().clone(), caller.user().id),
        OwnerOrAgent::Owner(caller) => {
            let agent = found(&services, caller, path.text(0)).await?;
            (agent, caller.user().id)
        }
    };
    let deed = Deed::new("agent_revoked", "agent", &agent.id).with("host", &agent.place.hostname);
    let row = deed.row(&services, &by, &client)?;
    match services.store.remove_agent(&agent, row).await {
        Ok(()) => {}
        Err(StoreError::ConditionAt(_)) => return Err(ApiError::new(Code::AgentNotFound)),
        Err(error) => return Err(error.into()),
    }
    services.credentials.forget_user(agent.user_id);
    Ok(StatusCode::NO_CONTENT)
}

//! Agents as callers: daemons on training hosts, with tokens of their own.

use crate::caller::{Caller, bearer};
use crate::error::{ApiError, ApiResult};
use auth::token::AGENT_PREFIX;
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use domain::account::User;
use domain::agent::Agent;
use runtime::Services;
use runtime::agents::{AgentRefused, KnownAgent};
use wire::Code;

/// What an agent's route names its agent by.
const ID: &str = "agent_id";

/// An agent (`ag_live_`); where the path names one, that one.
#[derive(Clone, Debug)]
pub struct AgentCaller(KnownAgent);

impl AgentCaller {
    /// The agent, seconds old.
    pub fn agent(&self) -> &Agent {
        &self.0.agent
    }

    /// For whom it works.
    pub fn user(&self) -> &User {
        &self.0.user
    }
}

impl FromRequestParts<Services> for AgentCaller {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, services: &Services) -> ApiResult<Self> {
        let bearer = bearer(parts)
            .map(str::to_owned)
            .ok_or_else(|| ApiError::new(Code::AgentTokenRequired))?;
        let now = services.clock.now();
        let agents = &services.credentials.agents;
        let known = agents.resolve(&services.store, now, &bearer).await;
        let known = known.map_err(|refused| match refused {
            AgentRefused::Shape => ApiError::new(Code::AgentTokenPrefix),
            AgentRefused::Unknown => ApiError::new(Code::AgentTokenUnknown),
            AgentRefused::Store(error) => error.into(),
        })?;
        let path = RawPathParams::from_request_parts(parts, services).await;
        let is_other = |(name, value): (&str, &str)| name == ID && value != known.agent.id;
        match path.is_ok_and(|path| path.iter().any(is_other)) {
            true => Err(ApiError::new(Code::AgentForeign)),
            false => Ok(Self(known)),
        }
    }
}

/// Whoever may revoke an agent: a person, or the agent itself.
#[derive(Clone, Debug)]
pub enum OwnerOrAgent {
    /// A person.
    Owner(Caller),
    /// The agent the path names.
    Agent(AgentCaller),
}

impl FromRequestParts<Services> for OwnerOrAgent {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, services: &Services) -> ApiResult<Self> {
        let is_agent = bearer(parts).is_some_and(|token| token.starts_with(AGENT_PREFIX));
        if is_agent {
            let agent = AgentCaller::from_request_parts(parts, services).await?;
            return Ok(Self::Agent(agent));
        }
        let owner = Caller::from_request_parts(parts, services).await?;
        Ok(Self::Owner(owner))
    }
}

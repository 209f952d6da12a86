//! Finding the command an agent speaks of.

use domain::agent::Agent;
use domain::command::Command;
use store::commands::CommandPlace;
use store::{Store, Versioned};
use web::{ApiError, ApiResult};
use wire::Code;

/// The command `id`, if it is for `agent` to speak of.
pub async fn held(store: &Store, agent: &Agent, id: &str) -> ApiResult<Versioned<Command>> {
    let place = CommandPlace {
        runner: agent.user_id,
        host: agent.place.hostname.clone(),
        id: id.to_owned(),
    };
    let found = store.command(&place).await?;
    let found = found.filter(|found| found.value.is_for(agent));
    found.ok_or_else(|| ApiError::new(Code::CommandNotFound))
}

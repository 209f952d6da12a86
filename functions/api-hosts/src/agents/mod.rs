//! Agents: how they register, ask for commands, answer, and say how runs ended; and what their
//! owners see and change of them.

mod ack;
mod due;
mod edit;
mod exit;
mod heartbeat;
mod held;
mod list;
mod poll;
mod register;
mod run;

use utoipa_axum::routes;
use web::Routes;

/// The routes of agents.
pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(list::list_agents))
        .routes(routes!(register::register_agent))
        .routes(routes!(edit::edit_agent, edit::revoke_agent))
        .routes(routes!(poll::list_agent_jobs))
        .routes(routes!(ack::ack_command))
        .routes(routes!(exit::report_exit))
        .routes(routes!(heartbeat::heartbeat))
}

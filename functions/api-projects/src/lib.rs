//! Projects: what the batches of one name come to.
//!
//! The tables are made of the batches: [`load`] reads those the caller may see with their live
//! jobs. Settings, members and recipients lie beside them; [`owned`] says who may change those.

mod active;
mod cards;
mod create;
pub mod delete;
mod edit;
mod export;
mod guardrails;
mod leaderboard;
mod load;
mod matrix;
mod members;
mod owned;
mod public;
mod recipients;
mod replay;
mod resources;
mod restore;
mod settings;
mod show;
mod usage;

use utoipa_axum::routes;
use web::Routes;

/// The routes of this function.
pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(cards::list_projects, create::create_project))
        .routes(routes!(
            show::show_project,
            edit::edit_project,
            delete::delete_project
        ))
        .routes(routes!(restore::restore_project))
        .routes(routes!(members::list_members, members::add_member))
        .routes(routes!(members::change_member, members::remove_member))
        .routes(routes!(
            recipients::list_recipients,
            recipients::add_recipient
        ))
        .routes(routes!(
            recipients::edit_recipient,
            recipients::remove_recipient
        ))
        .routes(routes!(replay::replay_guardrails))
        .routes(routes!(active::active_batches))
        .routes(routes!(leaderboard::show_leaderboard))
        .routes(routes!(matrix::show_matrix))
        .routes(routes!(resources::show_resources))
        .routes(routes!(usage::project_usage))
        .routes(routes!(public::list_public_projects))
        .routes(routes!(public::show_public_project))
        .routes(routes!(public::public_batches))
        .routes(routes!(public::public_active_batches))
        .routes(routes!(public::public_leaderboard))
        .routes(routes!(public::public_matrix))
        .routes(routes!(public::public_project_resources))
        .routes(routes!(export::export_best))
        .routes(routes!(export::export_raw))
}

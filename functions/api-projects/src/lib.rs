//! Projects: what the batches of one name come to.
//!
//! A project is seen through its batches: [`load`] reads those the caller may see with their live
//! jobs, and every table here is made of exactly these.

mod active;
mod cards;
mod delete;
mod export;
mod leaderboard;
mod load;
mod matrix;
mod resources;
mod show;

use utoipa_axum::routes;
use web::Routes;

/// The routes of this function.
pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(cards::list_projects))
        .routes(routes!(show::show_project, delete::delete_project))
        .routes(routes!(active::active_batches))
        .routes(routes!(leaderboard::show_leaderboard))
        .routes(routes!(matrix::show_matrix))
        .routes(routes!(resources::show_resources))
        .routes(routes!(export::export_best))
        .routes(routes!(export::export_raw))
}

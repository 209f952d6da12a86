//! Reads of batches and jobs, and the stop button.
//!
//! Every route loads the batch first and asks [`visible`] whether the caller may see it; what is
//! invisible answers exactly like what does not exist.

mod batch_epochs;
mod batch_logs;
mod compact;
mod epochs;
mod job_epochs;
mod job_logs;
mod jobs;
mod list;
mod logs;
mod meta;
mod resources;
mod show;
mod stop;
mod view;
mod visible;

use utoipa_axum::routes;
use web::Routes;

/// The routes of this function.
pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(list::list_batches))
        .routes(routes!(compact::list_compact))
        .routes(routes!(show::show_batch))
        .routes(routes!(jobs::list_jobs))
        .routes(routes!(resources::batch_resources))
        .routes(routes!(batch_logs::batch_log_lines))
        .routes(routes!(batch_epochs::batch_epochs))
        .routes(routes!(jobs::epochs_latest))
        .routes(routes!(stop::stop_batch))
        .routes(routes!(jobs::show_job))
        .routes(routes!(job_epochs::job_epochs))
        .routes(routes!(job_logs::job_log_lines))
        .routes(routes!(meta::health))
        .route("/openapi.json", axum::routing::get(meta::openapi))
        .route("/docs", axum::routing::get(meta::docs))
}

//! Batches and jobs: reads, and what their owners do to them.
//!
//! Every route loads the batch first and asks [`web::visible`] whether the caller may see it; what is
//! invisible answers exactly like what does not exist.

mod act_link;
mod all_jobs;
mod batch_epochs;
mod batch_logs;
mod compact;
mod compare;
mod delete;
mod edit;
mod epochs;
mod export;
mod filter;
mod health;
mod incidents;
mod job_delete;
mod job_epochs;
mod job_logs;
mod jobs;
mod list;
mod logs;
mod meta;
mod metric_keys;
mod public_link;
mod rerun;
mod resources;
mod restore;
mod show;
mod stop;
mod studies;
mod trials;
mod usage;
mod view;

use utoipa_axum::routes;
use web::Routes;

/// The routes of this function.
pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(list::list_batches))
        .routes(routes!(compact::list_compact))
        .routes(routes!(delete::delete_batches))
        .routes(routes!(
            show::show_batch,
            edit::edit_batch,
            delete::delete_batch
        ))
        .routes(routes!(health::batch_health))
        .routes(routes!(health::batch_eta))
        .routes(routes!(health::jobs_eta))
        .routes(routes!(export::export_batch))
        .routes(routes!(jobs::list_jobs))
        .routes(routes!(resources::batch_resources))
        .routes(routes!(batch_logs::batch_log_lines))
        .routes(routes!(batch_epochs::batch_epochs))
        .routes(routes!(jobs::epochs_latest))
        .routes(routes!(usage::batch_usage))
        .routes(routes!(stop::stop_batch))
        .routes(routes!(rerun::rerun_batch))
        .routes(routes!(rerun::rerun_info))
        .routes(routes!(act_link::ask_act, act_link::act))
        .routes(routes!(restore::restore_batch))
        .routes(routes!(all_jobs::list_all_jobs))
        .routes(routes!(job_delete::delete_jobs))
        .routes(routes!(jobs::show_job, job_delete::delete_job))
        .routes(routes!(health::job_eta))
        .routes(routes!(metric_keys::metric_keys))
        .routes(routes!(job_epochs::job_epochs))
        .routes(routes!(job_logs::job_log_lines))
        .routes(routes!(incidents::job_incidents))
        .routes(routes!(compare::compare))
        .routes(routes!(compare::compare_export))
        .routes(routes!(studies::list_studies))
        .routes(routes!(studies::show_study))
        .routes(routes!(studies::show_trial))
        .routes(routes!(public_link::public_batch))
        .routes(routes!(public_link::public_jobs))
        .routes(routes!(public_link::public_job))
        .routes(routes!(public_link::public_job_epochs))
        .routes(routes!(public_link::public_epochs_latest))
        .routes(routes!(public_link::public_log_lines))
        .routes(routes!(public_link::public_resources))
        .routes(routes!(public_link::public_env))
        .routes(routes!(meta::health))
        .route("/openapi.json", axum::routing::get(meta::openapi))
        .route("/docs", axum::routing::get(meta::docs))
}

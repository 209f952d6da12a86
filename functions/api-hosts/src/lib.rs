//! Hosts: where the caller's batches run, and how the machines are doing.
//!
//! A host is nobody's property; what a caller sees of it is what the batches they may see reported
//! from it. [`web::known_hosts`] finds that, [`web::snapshots`] reads it newest first.

mod agents;
mod cards;
pub mod delete;
mod names;
mod rate;
mod refused;
mod resources;
mod timeseries;
mod watchdog;

use utoipa_axum::routes;
use web::Routes;

/// The routes of this function.
pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(names::list_host_names))
        .routes(routes!(resources::list_resources))
        .routes(routes!(cards::list_hosts))
        .routes(routes!(timeseries::host_timeseries))
        .routes(routes!(delete::delete_host))
        .routes(routes!(rate::show_host_rate, rate::set_host_rate))
        .merge(agents::routes())
        .merge(watchdog::routes())
}

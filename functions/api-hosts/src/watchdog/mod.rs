//! Watchdogs: what they report of their hosts, and what people ask of them.

mod heartbeat;
mod policy;
mod records;
mod reports;
mod show;
mod wishes;

use utoipa_axum::routes;
use web::Routes;

/// The routes of watchdogs.
pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(reports::report))
        .routes(routes!(heartbeat::watchdog_heartbeat))
        .routes(routes!(policy::watchdog_policy))
        .routes(routes!(show::list_watchdogs))
        .routes(routes!(show::host_watchdogs))
        .routes(routes!(records::host_records))
        .routes(routes!(wishes::set_wishes))
        .routes(routes!(wishes::answer_ask))
}

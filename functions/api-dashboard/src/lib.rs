//! The first page: what is at work, what happened lately, how the machines are doing.
//!
//! [`seen`] loads the batches the caller may see with their live jobs; everything shown is made of
//! these, so what is deleted is gone at once and a stranger's work is never counted.

mod dashboard;
mod gpu_hours;
mod hints;
mod hosts;
mod panels;
mod seen;

use utoipa_axum::routes;
use web::Routes;

/// The routes of this function.
pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(dashboard::show_dashboard))
        .routes(routes!(gpu_hours::gpu_hours_by_user))
        .routes(routes!(hints::show_hints))
}

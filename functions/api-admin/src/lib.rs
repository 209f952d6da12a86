//! What administrators do to the whole installation.

mod session_keys;

use utoipa_axum::routes;
use web::Routes;

/// The routes of this function.
pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(session_keys::show_status))
        .routes(routes!(session_keys::rotate))
        .routes(routes!(session_keys::rotate_short))
}

//! What people keep for themselves: API tokens. Browser sessions only; a token cannot make tokens.

mod create;
mod list;
mod revoke;
mod view;

use utoipa_axum::routes;
use web::Routes;

/// The routes of this function.
pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(list::list_tokens))
        .routes(routes!(create::create_token))
        .routes(routes!(revoke::revoke_token))
}

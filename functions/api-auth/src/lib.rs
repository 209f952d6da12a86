//! Accounts and browser sessions: registration, login, sessions, e-mail verification.
//!
//! The first account ever becomes administrator, race-safe. Sessions are rows: ending one is seen
//! by every instance within seconds, on one machine at once.

mod login;
mod logout;
mod mail;
mod me;
mod refresh;
mod register;
mod session;
mod sessions;
mod verify_email;
mod view;

use utoipa_axum::routes;
use web::Routes;

/// The routes of this function.
pub fn routes() -> Routes {
    Routes::new()
        .routes(routes!(register::register))
        .routes(routes!(login::login))
        .routes(routes!(logout::logout))
        .routes(routes!(refresh::refresh))
        .routes(routes!(me::me))
        .routes(routes!(verify_email::verify_email))
        .routes(routes!(sessions::list_sessions))
        .routes(routes!(sessions::revoke_session))
}

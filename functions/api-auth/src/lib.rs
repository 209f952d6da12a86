//! Accounts and browser sessions: registration, login, sessions, e-mail verification.
//!
//! The first account ever becomes administrator, race-safe. Sessions are rows: ending one is seen
//! by every instance within seconds, on one machine at once.

mod change_email;
mod change_password;
mod end_sessions;
mod link;
mod login;
mod logout;
mod mail;
mod me;
mod oauth;
mod passwords;
mod refresh;
mod register;
mod resend_verification;
pub mod reset_password;
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
        .routes(routes!(end_sessions::revoke_others))
        .routes(routes!(end_sessions::revoke_all))
        .routes(routes!(reset_password::request_reset))
        .routes(routes!(reset_password::reset_password))
        .routes(routes!(change_password::change_password))
        .routes(routes!(change_email::change_email))
        .routes(routes!(change_email::verify_new_email))
        .routes(routes!(resend_verification::resend_verification))
        .routes(routes!(oauth::start::config))
        .routes(routes!(oauth::start::start))
        .routes(routes!(
            oauth::start::link_start,
            oauth::start::link_start_post
        ))
        .routes(routes!(oauth::start::link_init))
        .routes(routes!(oauth::callback::callback))
        .routes(routes!(oauth::leave::unlink))
        .routes(routes!(oauth::leave::set_password))
        .merge(oauth::alias())
}

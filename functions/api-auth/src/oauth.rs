//! Login with GitHub or an OpenID Connect provider: one path for both.
//!
//! The state of a login is a row that is good once, for ten minutes, and only in the browser that
//! holds its cookie; the code is bound to it by a proof key. Who has no account gets one only
//! where registration is open; an account is linked by its address only if both sides verified it.

pub mod callback;
mod enter;
mod github;
pub mod leave;
mod oidc;
mod provider;
pub mod start;

use axum::routing::{get, post};
use web::Routes;

/// The routes under the address that older descriptions give, `/api/oauth`. They are not in the
/// document: there is one name to learn.
pub fn alias() -> Routes {
    let at = |rest: &str| format!("/api/oauth/{{provider}}/{rest}");
    let link_start = get(start::link_start).post(start::link_start_post);
    Routes::new()
        .route("/api/oauth/config", get(start::config))
        .route(&at("start"), get(start::start))
        .route(&at("callback"), get(callback::callback))
        .route(&at("link/start"), link_start)
        .route(&at("link/init"), post(start::link_init))
        .route(&at("unlink"), post(leave::unlink))
        .route(&at("set-password"), post(leave::set_password))
}

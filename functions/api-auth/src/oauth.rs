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

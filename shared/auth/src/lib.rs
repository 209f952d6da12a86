//! Formats and verification of credentials. Given now and entropy; stores and fetches nothing.

pub mod id_token;
pub mod password;
pub mod pkce;
pub mod rules;
pub mod run_token;
pub mod seal;
pub mod secret;
pub mod session;
mod signed;
pub mod ticket;
pub mod token;

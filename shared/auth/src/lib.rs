//! Formats and verification of credentials. Given now and entropy; stores and fetches nothing.

pub mod id_token;
pub mod password;
pub mod pkce;
pub mod rules;
pub mod seal;
pub mod secret;
pub mod session;
pub mod ticket;
pub mod token;

//! Formats and verification of credentials. Given now and entropy; stores and fetches nothing.

pub mod password;
pub mod rules;
pub mod secret;
pub mod session;
pub mod token;

//! Notification channels: what is sent where, signed how, and what an answer means. Sends nothing
//! itself.
//!
//! Reading order: [`request`] (what every kind is sent), [`sign`], [`answer`], [`place`] and
//! [`address`] (where channels may point to).

pub mod address;
pub mod answer;
pub mod place;
pub mod request;
pub mod sign;

pub use answer::judge;
pub use request::{Message, Prepared, prepare};

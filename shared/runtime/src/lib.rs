//! What a process needs to serve: configuration, clients, clock, telemetry, who is calling.

pub mod agents;
pub mod aws;
mod channels;
pub mod clock;
pub mod config;
pub mod credentials;
pub mod entropy;
pub mod mail;
pub mod meter;
pub mod outbound;
pub mod services;
pub mod session_keys;
pub mod settings;
pub mod telemetry;
pub mod vars;

pub use clock::Clock;
pub use config::Config;
pub use credentials::{Credential, Identity, Refused};
pub use services::Services;

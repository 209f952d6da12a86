//! The real binary against a strict server on loopback.

#![allow(clippy::unwrap_used)]

mod agent;
mod crash;
mod hostile;
mod http;
mod install;
mod life;
mod server;
mod states;

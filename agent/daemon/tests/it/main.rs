//! The real binary against a strict server on loopback.

mod agent;
mod crash;
mod hostile;
mod http;
mod install;
mod life;
mod server;
mod states;

//! The watchdog against a real kernel, real programs, and strict servers on loopback.

mod clean;
mod command;
mod cycle;
mod injection;
mod kill;
mod manager;
mod namespace;
mod policy;
mod records;
mod server;
mod stub;
mod systemd;
mod telegram;
mod tmux;
mod tools;
mod trees;

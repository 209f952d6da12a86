//! The real `argus-local` process: crashes, signals, directories, ports.

mod crash;
mod process;
mod setup_token;
mod spills;
mod starting;
mod stopping;
mod watched;

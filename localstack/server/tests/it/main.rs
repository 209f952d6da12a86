//! The real `argus-local` process: crashes, signals, directories, ports.

mod copies;
mod crash;
mod moving;
mod original;
mod process;
mod rotating;
mod setup_token;
mod spills;
mod starting;
mod stopping;
mod watched;

//! The real `argus-local` process: crashes, signals, directories, ports.

mod crash;
mod process;
mod spills;
mod starting;
mod stopping;
mod watched;

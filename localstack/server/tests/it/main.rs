//! The real `argus-local` process: crashes, signals, directories, ports.

mod crash;
mod process;
mod starting;
mod stopping;

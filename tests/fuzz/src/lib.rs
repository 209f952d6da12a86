//! What strangers send, as bytes nobody chose: events, list cursors, credentials, multipart forms and the
//! position of a live stream. Each target asks the whole server and says what must hold for every input.
//!
//! `cargo test` runs them over the corpus and mutations of it, for a bounded time; `cargo fuzz` runs the very
//! same functions for as long as somebody likes (`cargo/`).

mod stage;
pub mod targets;

#[cfg(test)]
mod mutate;
#[cfg(test)]
mod rounds;

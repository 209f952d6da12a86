//! Empties the outbox: claims what is due, sends it, and settles what became of it.
//!
//! [`tick`] takes no input and may run anywhere any number of times at once: a message is sent by
//! whoever moved its row to the end of a lease.

mod chosen;
pub mod client;
mod deliver;
mod note;
mod post;
pub mod ses;
mod tick;
pub mod transport;

pub use client::{Client, Reach};
pub use note::note;
pub use tick::{LEASE_SECS, Mailer, Report, tick};
pub use transport::Transport;

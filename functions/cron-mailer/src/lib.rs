//! Empties the outbox: claims what is due, sends it, and settles what became of it.
//!
//! What happened becomes a mail in three steps, each a message of its own: `tell` finds whom it
//! concerns and collects, `collected` puts a mail into words, `deliver` sends it. Every step ends
//! in a transaction that removes its message, so whoever dies in one repeats only that one.
//!
//! [`tick`] takes no input and may run anywhere any number of times at once: a message is sent by
//! whoever moved its row to the end of a lease.

mod chosen;
mod collected;
mod concerned;
mod deliver;
mod note;
mod post;
pub mod ses;
mod taps;
mod tell;
mod tick;
pub mod transport;
mod wording;

pub use note::note;
pub use tick::{LEASE_SECS, Mailer, Report, tick};
pub use transport::Transport;

//! Telling people. An alert waits in the outbox until a channel has proven to have it; only then
//! does the same alert count as told.

mod outbox;
mod relay;
mod telegram;

pub use outbox::Lines;
pub use outbox::{Outbox, Pending};
pub(crate) use relay::keep as keep_for_relay;
pub use relay::{Relay, Urgency, event as relay_event};
pub use telegram::{Telegram, split};

/// What became of one try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The channel has it.
    Delivered,
    /// Not now; seconds the channel wants to be left alone, if it said so, and why.
    Later(Option<u64>, String),
}

//! What the Argus server is told, and what it may say: less, never more, than the host's own rules.

mod link;
mod policy;
mod spool;

pub use link::{Beat, CycleNote, Link};
pub use policy::{Maintenance, Mute, ServerPolicy};
pub use spool::{Item, Spool};

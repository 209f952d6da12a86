//! Removes what is kept no longer: deleted batches once the time to restore them is over, detail
//! past its days, rows an engine forgot, objects nobody points at.
//!
//! Detail expires by itself: every row says until when it is kept. The sweep sees to it that this
//! never comes near while the batch runs, and that changed settings reach what is stored already.
//!
//! [`tick`] takes no input, may run anywhere any number of times at once, and goes on where the
//! last one stopped. [`sweep`] does the same for somebody who watches, or only looks.

mod sweep;
mod tick;

pub use sweep::{Outcome, Wish, sweep};
pub use tick::{NAME, tick, watched};

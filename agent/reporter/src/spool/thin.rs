//! What is given up first when unsent events need more room than there is.

use crate::event::{Kind, kind_of};

/// Steps of thinning.
pub const LEVELS: u8 = 3;
/// One epoch in so many is kept at the second step.
const STRIDE: usize = 8;

/// Whether an event stays at a level: 1 drops log lines and gauges, 2 most epochs as well, 3 all
/// detail. Lifecycle events always stay, and so does what cannot be understood.
pub fn keeps(level: u8, position: usize, line: &[u8]) -> bool {
    match kind_of(line) {
        Some(Kind::LogLine | Kind::ResourceSnapshot) => level < 1,
        Some(Kind::JobEpoch) => level < 2 || (level == 2 && position.is_multiple_of(STRIDE)),
        _ => true,
    }
}

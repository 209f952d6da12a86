//! How much waits, for whoever watches an installation.

use crate::Store;

/// Rows of a queue that are counted; more are as bad.
const COUNTED: usize = 10_000;

impl Store {
    /// Rows that wait, by queue: `outbox`, `dead_letters`, `spills`. 10000 stands for that many or
    /// more; a queue that cannot be read is left out.
    pub async fn queue_depths(&self) -> Vec<(&'static str, usize)> {
        let (outbox, dead, spills) = futures::join!(
            self.outbox_depth(COUNTED),
            self.dead_letter_depth(COUNTED),
            self.unfinished_spills(None),
        );
        let depths = [
            ("outbox", outbox),
            ("dead_letters", dead),
            ("spills", spills.map(|ids| ids.len())),
        ];
        let depths = depths.into_iter();
        depths
            .filter_map(|(name, depth)| Some((name, depth.ok()?)))
            .collect()
    }
}

//! Keys of what is kept how long. The table of all keys is in the parent.

use super::{Key, batch_partition, instant, key, part};
use domain::time::Timestamp;

/// Partition of the deleted batches whose rows are still there.
pub const DELETED: &str = "DELETED";

/// Entry of a batch that was deleted at `at`: oldest deletion first.
pub fn deleted(at: Timestamp, batch: &str) -> Key {
    key(
        DELETED.to_owned(),
        format!("{}#{}", instant(at), part(batch)),
    )
}

/// Upper bound of the entries up to `at`.
pub fn deleted_until(at: Timestamp) -> String {
    instant(Timestamp(at.0.saturating_add(1)))
}

/// Partition of the deleted projects that can be brought back.
pub const DROPPED: &str = "DROPPED";

/// A deleted project.
pub fn dropped(project: &str) -> Key {
    key(DROPPED.to_owned(), part(project))
}

/// Until when the detail of a batch is kept at least.
pub fn kept(batch: &str) -> Key {
    key(batch_partition(batch), "KEPT")
}

/// Prefix of the markers in a batch's partition.
pub const MARKER_PREFIX: &str = "M#";

//! What people mark for themselves: a few pinned batches, any number of stars.

use crate::limits::PINS_PER_USER;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A batch somebody keeps on top.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin {
    /// Which batch.
    pub batch_id: String,
    /// Since when.
    pub pinned_at: Timestamp,
}

/// What a star is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StarTarget {
    /// A project, by name.
    Project,
    /// A batch, by id.
    Batch,
}

impl StarTarget {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Project => "project",
            Self::Batch => "batch",
        }
    }

    /// Reads the word on the wire.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Project, Self::Batch]
            .into_iter()
            .find(|target| target.as_str() == word)
    }
}

/// A favourite. What it names need not exist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Star {
    /// Kind of target.
    pub target_type: StarTarget,
    /// Project name or batch id.
    pub target_id: String,
    /// Since when.
    pub starred_at: Timestamp,
}

/// Every place for a pin is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PinsFull;

/// The pins after adding `batch_id`, oldest first; unchanged when it is pinned already. Pins whose
/// batch is no longer visible give way, so they never use up the quota.
pub fn pin(
    pins: &[Pin],
    batch_id: &str,
    now: Timestamp,
    is_visible: impl Fn(&str) -> bool,
) -> Result<Vec<Pin>, PinsFull> {
    if pins.iter().any(|pin| pin.batch_id == batch_id) {
        return Ok(pins.to_vec());
    }
    let mut kept: Vec<Pin> = pins
        .iter()
        .filter(|pin| is_visible(&pin.batch_id))
        .cloned()
        .collect();
    if kept.len() >= PINS_PER_USER {
        return Err(PinsFull);
    }
    kept.push(Pin {
        batch_id: batch_id.to_owned(),
        pinned_at: now,
    });
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pinned(ids: &[&str]) -> Vec<Pin> {
        let pin = |(i, id): (usize, &&str)| Pin {
            batch_id: (*id).to_owned(),
            pinned_at: Timestamp(i as i64),
        };
        ids.iter().enumerate().map(pin).collect()
    }

    fn ids(pins: &[Pin]) -> Vec<&str> {
        pins.iter().map(|pin| pin.batch_id.as_str()).collect()
    }

    #[test]
    fn the_quota_counts_visible_batches_only() {
        let full = pinned(&["a", "b", "c", "d"]);
        assert_eq!(pin(&full, "e", Timestamp(9), |_| true), Err(PinsFull));
        let after = pin(&full, "e", Timestamp(9), |id| id != "b").expect("a place is free");
        assert_eq!(ids(&after), ["a", "c", "d", "e"]);
    }

    #[test]
    fn pinning_again_changes_nothing() {
        let full = pinned(&["a", "b", "c", "d"]);
        assert_eq!(pin(&full, "b", Timestamp(9), |_| true), Ok(full.clone()));
    }

    #[test]
    fn targets_have_words() {
        assert_eq!(StarTarget::parse("project"), Some(StarTarget::Project));
        assert_eq!(StarTarget::parse("batch"), Some(StarTarget::Batch));
        assert_eq!(StarTarget::parse("Batch"), None);
    }
}

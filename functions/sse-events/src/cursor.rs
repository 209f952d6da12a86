//! What an `id:` means: how far each followed feed was told.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::ids::event_fingerprint;
use domain::time::Timestamp;
use std::collections::HashMap;

/// Events of one feed item that a position can count; more than a request may hold.
const EVENTS: u64 = 4096;

/// Position in a feed: everything up to event `index` of item `seq` was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Item number.
    pub seq: u64,
    /// Events of that item told, at least one.
    pub told: u64,
}

impl Position {
    /// `told` of an item that was told to its end.
    pub const WHOLE: u64 = EVENTS - 1;
}

/// Positions of all followed feeds, and the instant they speak for: a feed without a position
/// was told nothing from before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// When the stream that wrote it had begun, server time.
    pub since: Timestamp,
    positions: HashMap<u64, Position>,
}

impl Cursor {
    /// A cursor that was told nothing.
    pub fn new(since: Timestamp) -> Self {
        Self {
            since,
            positions: HashMap::new(),
        }
    }

    /// Position in the feed of `batch`.
    pub fn get(&self, batch: &str) -> Option<Position> {
        self.positions.get(&event_fingerprint(batch)).copied()
    }

    /// Moves the position in the feed of `batch`.
    pub fn set(&mut self, batch: &str, position: Position) {
        self.positions.insert(event_fingerprint(batch), position);
    }

    /// Forgets a feed nobody follows any more.
    pub fn forget(&mut self, batch: &str) {
        self.positions.remove(&event_fingerprint(batch));
    }

    /// The text of an `id:` line: version, instant, then feed and position pairs.
    pub fn to_text(&self) -> String {
        let mut bytes = Vec::with_capacity(9 + self.positions.len() * 16);
        bytes.push(1);
        bytes.extend_from_slice(&self.since.0.to_be_bytes());
        let mut sorted: Vec<_> = self.positions.iter().collect();
        sorted.sort_unstable_by_key(|(feed, _)| **feed);
        for (feed, position) in sorted {
            bytes.extend_from_slice(&feed.to_be_bytes());
            let packed = position.seq * EVENTS + position.told.min(Position::WHOLE);
            bytes.extend_from_slice(&packed.to_be_bytes());
        }
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads [`Cursor::to_text`]; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text.trim()).ok()?;
        let (&version, rest) = bytes.split_first()?;
        if version != 1 || rest.len() < 8 || rest.len() % 16 != 8 {
            return None;
        }
        let (since, pairs) = rest.split_at(8);
        let number = |eight: &[u8]| eight.try_into().ok().map(u64::from_be_bytes);
        let mut positions = HashMap::new();
        for pair in pairs.chunks_exact(16) {
            let packed = number(&pair[8..])?;
            let position = Position {
                seq: packed / EVENTS,
                told: packed % EVENTS,
            };
            positions.insert(number(&pair[..8])?, position);
        }
        let since = i64::from_be_bytes(since.try_into().ok()?);
        Some(Self {
            since: Timestamp(since),
            positions,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn texts_round_trip(
            since in 0i64..4_000_000_000_000,
            feeds in prop::collection::hash_map("[a-z]{1,8}", (1u64..2_000_000_000_000, 1u64..500), 0..64),
        ) {
            let mut cursor = Cursor::new(Timestamp(since));
            for (batch, (seq, told)) in &feeds {
                cursor.set(batch, Position { seq: *seq, told: *told });
            }
            prop_assert_eq!(Cursor::parse(&cursor.to_text()), Some(cursor));
        }

        #[test]
        fn nonsense_is_no_cursor_and_no_panic(text in ".{0,80}") {
            let _ = Cursor::parse(&text);
        }
    }
}

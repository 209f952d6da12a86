//! Ids the server makes.

use crate::time::Timestamp;

/// Milliseconds at which our integer ids start counting: 2024-01-01T00:00:00Z.
const ID_EPOCH_MS: i64 = 1_704_067_200_000;
/// Low bits that tell apart ids of one millisecond.
const LOW_BITS: u32 = 12;

/// A 53-bit, time-ordered integer id: 41 bits of milliseconds, 12 bits of entropy.
///
/// Fits a JavaScript number. Collisions are possible by design; whoever stores it uses a
/// conditional put and draws again.
pub fn time_ordered_id(now: Timestamp, entropy: u64) -> u64 {
    let ms = u64::try_from(now.0 - ID_EPOCH_MS).unwrap_or(0) & ((1 << 41) - 1);
    (ms << LOW_BITS) | (entropy & ((1 << LOW_BITS) - 1))
}

/// The 64-bit fingerprint by which a chunk remembers an `event_id` (FNV-1a, then mixed).
///
/// Not cryptographic: a client can only collide with its own events.
pub fn event_fingerprint(event_id: &str) -> u64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in event_id.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    // FNV leaves the high bits of short, similar inputs weakly mixed.
    hash ^= hash >> 32;
    hash = hash.wrapping_mul(0xd6e8_feb8_6659_fd93);
    hash ^ (hash >> 32)
}

/// A UUID of version 7: later instants have later ones, of one instant those with the larger
/// random part.
pub fn uuid7(at: Timestamp, random: [u64; 2]) -> String {
    let ms = u64::try_from(at.0).unwrap_or(0) & 0xffff_ffff_ffff;
    let (a, b) = (random[0] & 0x0fff, random[1] & 0x3fff_ffff_ffff_ffff);
    let (high, low) = ((ms << 16) | 0x7000 | a, (1 << 63) | b);
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xffff,
        low >> 48,
        low & 0xffff_ffff_ffff,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_ordered_by_time_and_safe_in_javascript() {
        let a = time_ordered_id(Timestamp(1_795_234_839_000), u64::MAX);
        let b = time_ordered_id(Timestamp(1_795_234_839_001), 0);
        assert!(a < b);
        assert!(time_ordered_id(Timestamp(253_402_300_799_999), u64::MAX) < (1 << 53));
    }

    #[test]
    fn fingerprints_differ_for_neighbours() {
        let all: std::collections::HashSet<u64> = (0..10_000)
            .map(|i| event_fingerprint(&format!("event-{i:08}")))
            .collect();
        assert_eq!(all.len(), 10_000);
    }
}

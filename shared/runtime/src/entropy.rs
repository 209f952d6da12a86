//! Randomness from the operating system.

use domain::ids::time_ordered_id;
use domain::time::Timestamp;

/// `N` random bytes.
///
/// # Panics
/// When the operating system has no entropy source; nothing secure can go on then.
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut out = [0; N];
    getrandom::fill(&mut out).expect("the operating system provides entropy");
    out
}

/// A random 64-bit number.
pub fn number() -> u64 {
    u64::from_le_bytes(bytes())
}

/// A fresh time-ordered id; store it with a condition and draw again on a collision.
pub fn new_id(now: Timestamp) -> u64 {
    time_ordered_id(now, number())
}

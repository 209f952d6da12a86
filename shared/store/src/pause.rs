//! Waiting politely after a lost race.

use std::time::Duration;

/// Pauses stop growing after this many doublings.
const DOUBLINGS: u32 = 5;

/// Pauses before round `round + 1`: a random time up to `first_ms` milliseconds, doubled with
/// every round up to 32 times. Random, since the losers of one race would otherwise all meet
/// again at the next.
pub async fn after_lost_race(round: u32, first_ms: u64) {
    let most = first_ms << round.min(DOUBLINGS);
    tokio::time::sleep(Duration::from_millis(1 + random() % most)).await;
}

/// A number that differs between instances; zero when the system has no entropy, which only
/// costs politeness.
fn random() -> u64 {
    let mut bytes = [0; 8];
    match getrandom::fill(&mut bytes) {
        Ok(()) => u64::from_le_bytes(bytes),
        Err(_) => 0,
    }
}

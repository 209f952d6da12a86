//! Numbers that look random and are the same every time.

/// Draws numbers by splitmix64.
pub struct Dice(u64);

impl Dice {
    /// Dice whose throws follow from `seed`.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number from `low` to below `high`.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        low + (high - low) * ((mixed >> 11) as f64 / (1_u64 << 53) as f64)
    }
}

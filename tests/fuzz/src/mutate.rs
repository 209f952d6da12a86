//! Inputs that resemble good ones.

/// Numbers of a fixed sequence, so that a failure comes again.
pub struct Dice(u64);

impl Dice {
    /// A sequence of its own for each seed.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A number below `end`, which is at least one.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap_or_default() % end.max(1)
    }
}

/// Pieces that parsers stumble over.
const PIECES: [&[u8]; 16] = [
    b"\0",
    b"\r\n\r\n",
    b"--",
    b"\"",
    b"{",
    b"[[[[[[[[",
    b"NaN",
    b"-1e999",
    b"null",
    b"18446744073709551616",
    b"\xff\xfe",
    b"%00",
    b"\xed\xa0\x80",
    b"..",
    b"=",
    b"\\ud800",
];

/// Longest input.
const LONGEST: usize = 64 << 10;

/// One to eight changes of an input, some of them with parts of another one.
pub fn mutated(dice: &mut Dice, from: &[u8], other: &[u8]) -> Vec<u8> {
    let mut data = from.to_vec();
    for _ in 0..=dice.below(8) {
        let at = dice.below(data.len() + 1);
        match dice.below(7) {
            0 if !data.is_empty() => {
                let at = at.min(data.len() - 1);
                data[at] ^= 1 << dice.below(8);
            }
            1 => data.insert(at, dice.below(256) as u8),
            2 => data.truncate(at),
            3 => {
                let end = (at + dice.below(16)).min(data.len());
                data.drain(at..end);
            }
            4 => {
                let piece = PIECES[dice.below(PIECES.len())];
                data.splice(at..at, piece.iter().copied());
            }
            5 => {
                let end = (at + dice.below(64)).min(data.len());
                let again = data[at..end].repeat(1 + dice.below(20));
                data.splice(at..at, again);
            }
            _ => {
                let begin = dice.below(other.len() + 1);
                data.truncate(at);
                data.extend_from_slice(&other[begin..]);
            }
        }
    }
    data.truncate(LONGEST);
    data
}

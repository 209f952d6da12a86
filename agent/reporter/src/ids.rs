//! Ids of batches and events.

use crate::git;
use sha2::{Digest, Sha256};
use std::path::Path;

/// A fresh `<prefix>-<12 hex>` id.
pub fn new_batch_id(prefix: &str) -> String {
    format!("{prefix}-{}", &hex::encode(random::<16>())[..12])
}

/// The same id for the same project, experiment and commit, so that a relaunch goes on with the
/// batch it had: `<prefix>-<16 hex>`. Without `git_sha` the commit checked out in the working
/// directory counts; `no-git` stands for none.
pub fn derive_batch_id(
    project: &str,
    experiment: &str,
    git_sha: Option<&str>,
    prefix: &str,
) -> String {
    let found = match git_sha {
        Some(sha) => Some(sha.to_owned()),
        None => git::Checkout::at(Path::new(".")).and_then(|checkout| checkout.commit),
    };
    let sha = found.filter(|sha| !sha.is_empty());
    let sha = sha.as_deref().unwrap_or("no-git");
    let digest = Sha256::digest(format!("{project}|{experiment}|{sha}"));
    format!("{prefix}-{}", hex::encode(&digest[..8]))
}

/// Random bytes from the system; the clock's where it gives none.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    if getrandom::fill(&mut bytes).is_err() {
        let clock = crate::clock::since_epoch().as_nanos();
        let seed = Sha256::digest(format!("{clock}-{}", std::process::id()));
        for (byte, seed) in bytes.iter_mut().zip(seed.iter().cycle()) {
            *byte = *seed;
        }
    }
    bytes
}

/// Makes event ids without asking the system each time. Not for secrets.
#[derive(Debug)]
pub struct EventIds {
    state: [u64; 2],
}

impl EventIds {
    /// Seeds from the system.
    pub fn new() -> Self {
        let seed = random::<16>();
        let half = |part: &[u8]| part.iter().fold(0, |n, byte| n << 8 | u64::from(*byte));
        Self {
            state: [half(&seed[..8]) | 1, half(&seed[8..])],
        }
    }

    /// Appends a version 4 UUID as text.
    pub fn write_next(&mut self, out: &mut Vec<u8>) {
        let (high, low) = (self.next(), self.next());
        let high = high & !0xf000 | 0x4000;
        let low = low & !(0xc0 << 56) | 0x80 << 56;
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&high.to_be_bytes());
        bytes[8..].copy_from_slice(&low.to_be_bytes());
        let mut text = [0; 32];
        // The buffer has exactly the length it needs.
        let _ = hex::encode_to_slice(bytes, &mut text);
        for (i, part) in [0..8, 8..12, 12..16, 16..20, 20..32]
            .into_iter()
            .enumerate()
        {
            if i > 0 {
                out.push(b'-');
            }
            out.extend_from_slice(&text[part]);
        }
    }

    /// xoroshiro128+, small and good enough for ids that must only differ.
    fn next(&mut self) -> u64 {
        let [a, mut b] = self.state;
        let result = a.wrapping_add(b);
        b ^= a;
        self.state = [a.rotate_left(24) ^ b ^ (b << 16), b.rotate_left(37)];
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn derived_ids_are_those_of_the_original() {
        let cases = [
            (
                ("my-bench", "dam_forecast", "abc123", "bench"),
                "bench-80b6895091c4cc98",
            ),
            (("项目", "exp-1", "", "bench"), "bench-ca583084cfc7093b"),
            (
                (
                    "p",
                    "e",
                    "0123456789abcdef0123456789abcdef01234567",
                    "sweep",
                ),
                "sweep-268c0be6b50c173b",
            ),
            (("a|b", "c", "d", "bench"), "bench-b54856b7a8705958"),
        ];
        for ((project, experiment, sha, prefix), id) in cases {
            assert_eq!(derive_batch_id(project, experiment, Some(sha), prefix), id);
        }
    }

    #[test]
    fn event_ids_are_uuids_and_differ() {
        let mut ids = EventIds::new();
        let mut seen = HashSet::new();
        for _ in 0..100_000 {
            let mut out = Vec::new();
            ids.write_next(&mut out);
            let id = String::from_utf8(out).expect("text");
            assert_eq!((id.len(), &id[14..15]), (36, "4"));
            assert!(["8", "9", "a", "b"].contains(&&id[19..20]), "{id}");
            assert!(seen.insert(id));
        }
    }
}

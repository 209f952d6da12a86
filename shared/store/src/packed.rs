//! Compressed payloads of chunks and feed items: one tag byte, then plain or zstd bytes.

use crate::error::StoreError;
use domain::limits::{CHUNK_BYTES, EVENT_BYTES, EVENTS_PER_BATCH};
use std::cell::RefCell;
use zstd::bulk::Compressor;

const PLAIN: u8 = 0;
const ZSTD: u8 = 1;
/// Fast level: payloads are small JSON, higher levels win a few percent for twice the time.
const LEVEL: i32 = 1;
/// Below this many bytes compression gains nothing.
const WORTH_IT: usize = 256;
/// Bound on what unpacking may allocate.
const UNPACKED_BYTES: usize = EVENTS_PER_BATCH * EVENT_BYTES;

thread_local! {
    // Its tables are far larger than most payloads: made anew, they cost more than the work.
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = RefCell::new(Compressor::new(LEVEL).ok());
}

fn compress(bytes: &[u8]) -> Option<Vec<u8>> {
    COMPRESSOR.with_borrow_mut(|compressor| compressor.as_mut()?.compress(bytes).ok())
}

/// Packs `bytes`, compressed when that is smaller.
pub fn pack(bytes: &[u8]) -> Vec<u8> {
    if bytes.len() >= WORTH_IT
        && let Some(small) = compress(bytes)
        && small.len() < bytes.len()
    {
        return tagged(ZSTD, &small);
    }
    tagged(PLAIN, bytes)
}

fn tagged(tag: u8, bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + 1);
    out.push(tag);
    out.extend_from_slice(bytes);
    out
}

/// Reads what [`pack`] wrote.
pub fn unpack(packed: &[u8]) -> Result<Vec<u8>, StoreError> {
    match packed.split_first() {
        Some((&PLAIN, rest)) => Ok(rest.to_vec()),
        Some((&ZSTD, rest)) => {
            let size = zstd::zstd_safe::get_frame_content_size(rest).ok().flatten();
            let size = size
                .and_then(|s| usize::try_from(s).ok())
                .unwrap_or(UNPACKED_BYTES);
            zstd::bulk::decompress(rest, size.min(UNPACKED_BYTES))
                .map_err(|e| StoreError::Corrupt(format!("payload: {e}")))
        }
        _ => Err(StoreError::Corrupt("payload has no known tag".into())),
    }
}

/// Whether a packed payload fits an item.
pub fn fits(packed: &[u8]) -> bool {
    packed.len() <= CHUNK_BYTES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trips_small_and_large() {
        for bytes in [vec![], b"tiny".to_vec(), b"abc".repeat(10_000)] {
            assert_eq!(unpack(&pack(&bytes)).expect("unpacks"), bytes);
        }
        assert!(pack(&b"abc".repeat(10_000)).len() < 300);
        assert!(unpack(&[9, 1]).is_err());
    }
}

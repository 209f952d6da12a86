//! Chunks this process read by an index, kept for the next reader: a chunk never changes, so one
//! that is known is not asked for again. Only the end of its keeping may move.

use super::Chunk;
use crate::keys::Key;
use domain::time::Timestamp;
use lru::LruCache;
use std::sync::{Arc, Mutex, MutexGuard};

/// Bytes kept over all chunks; those asked for longest ago go first.
const BYTES: usize = 16 << 20;
/// Bytes a record takes beside its data, about.
const RECORD: usize = 120;

/// Chunks in memory.
pub struct Recent(Mutex<Kept>);

struct Kept {
    chunks: LruCache<Key, Arc<Chunk>>,
    bytes: usize,
}

impl Default for Recent {
    fn default() -> Self {
        Self(Mutex::new(Kept {
            chunks: LruCache::unbounded(),
            bytes: 0,
        }))
    }
}

fn bytes(chunk: &Chunk) -> usize {
    let data = chunk.records.iter().map(|record| record.data.get().len());
    data.sum::<usize>() + (chunk.records.len() + 1) * RECORD
}

/// Whether a chunk is still kept at `now`.
pub(super) fn is_kept(chunk: &Chunk, now: Timestamp) -> bool {
    chunk.expires_at.is_none_or(|until| until > now)
}

impl Recent {
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// Those of `keys` that are known, and the keys of the others. What seems over is unknown: its
    /// end may have been put off.
    pub(super) fn known(&self, keys: Vec<Key>, now: Timestamp) -> (Vec<Arc<Chunk>>, Vec<Key>) {
        let mut kept = self.lock();
        let (mut known, mut unknown) = (Vec::with_capacity(keys.len()), vec![]);
        for key in keys {
            match kept.chunks.get(&key) {
                Some(chunk) if is_kept(chunk, now) => known.push(Arc::clone(chunk)),
                _ => unknown.push(key),
            }
        }
        (known, unknown)
    }

    /// Keeps a chunk.
    pub(super) fn put(&self, key: Key, chunk: &Arc<Chunk>) {
        let mut kept = self.lock();
        kept.bytes += bytes(chunk);
        if let Some((_, before)) = kept.chunks.push(key, Arc::clone(chunk)) {
            kept.bytes -= bytes(&before);
        }
        while kept.bytes > BYTES {
            let Some((_, oldest)) = kept.chunks.pop_lru() else {
                return;
            };
            kept.bytes -= bytes(&oldest);
        }
    }
}

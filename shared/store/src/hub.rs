//! In-process notification: hands appended feed items to this process' live readers.
//!
//! A shortcut only. Readers take what the hub offers when the numbers fit, and read the feed
//! itself whenever they do not.

use crate::feed::FeedItem;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::sync::broadcast;

/// Items a slow reader may lag behind before it has to read the feed.
const BACKLOG: usize = 256;

/// Per-batch and overall notification.
pub struct FeedHub {
    batches: Mutex<HashMap<String, broadcast::Sender<Arc<FeedItem>>>>,
    all: broadcast::Sender<Arc<FeedItem>>,
}

impl Default for FeedHub {
    fn default() -> Self {
        Self {
            batches: Mutex::default(),
            all: broadcast::channel(BACKLOG).0,
        }
    }
}

impl FeedHub {
    /// Follows one batch.
    pub fn follow(&self, batch: &str) -> broadcast::Receiver<Arc<FeedItem>> {
        let mut batches = self.batches.lock().unwrap_or_else(|e| e.into_inner());
        let sender = batches
            .entry(batch.to_owned())
            .or_insert_with(|| broadcast::channel(BACKLOG).0);
        sender.subscribe()
    }

    /// Follows every batch.
    pub fn follow_all(&self) -> broadcast::Receiver<Arc<FeedItem>> {
        self.all.subscribe()
    }

    /// Tells the readers; feeds nobody follows cost nothing.
    pub(crate) fn publish(&self, item: Arc<FeedItem>) {
        let mut batches = self.batches.lock().unwrap_or_else(|e| e.into_inner());
        if let Some(sender) = batches.get(&item.batch_id)
            && sender.send(Arc::clone(&item)).is_err()
        {
            batches.remove(&item.batch_id);
        }
        drop(batches);
        let _ = self.all.send(item);
    }
}

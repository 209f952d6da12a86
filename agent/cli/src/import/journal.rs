//! What of an import the server already has, so that a broken one goes on where it was.
//!
//! Events of a run come in the same order every time. The journal keeps how many of them the
//! server took and the id of the last: where both still fit, the beginning is not sent again. It
//! saves time only; the server itself stores nothing twice.

use crate::fault::Fault;
use crate::ids;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

/// The journal of one run on one server.
pub struct Journal {
    path: PathBuf,
}

impl Journal {
    /// In the folder of spools.
    pub fn of(folder: &Path, url: &str, batch: &str) -> Self {
        let name = format!("{}.json", ids::stable(&["journal", url, batch]));
        Self {
            path: folder.join("imports").join(name),
        }
    }

    /// How many of `events` need not be sent.
    pub fn sent(&self, events: &[Value]) -> usize {
        let read = || {
            let text = fs::read_to_string(&self.path).ok()?;
            let kept: Value = serde_json::from_str(&text).ok()?;
            let sent = usize::try_from(kept["sent"].as_u64()?).ok()?;
            let last = events.get(sent.checked_sub(1)?)?;
            (last["event_id"] == kept["last"]).then_some(sent)
        };
        read().unwrap_or(0)
    }

    /// The first `sent` events are stored.
    pub fn keep(&self, events: &[Value], sent: usize) -> Result<(), Fault> {
        let Some(last) = sent.checked_sub(1).and_then(|at| events.get(at)) else {
            return Ok(());
        };
        let fault = |error| Fault::file(self.path.display(), &error);
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder).map_err(fault)?;
        }
        let beside = self.path.with_extension("new");
        let text = json!({"sent": sent, "last": last["event_id"]}).to_string();
        fs::write(&beside, text).map_err(fault)?;
        fs::rename(&beside, &self.path).map_err(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_unchanged_beginning_is_skipped() {
        let folder = tempfile::tempdir().expect("folder");
        let journal = Journal::of(folder.path(), "http://a", "b");
        let events: Vec<Value> = (0..5).map(|n| json!({"event_id": n})).collect();
        assert_eq!(journal.sent(&events), 0);
        journal.keep(&events, 3).expect("kept");
        assert_eq!(journal.sent(&events), 3);
        assert_eq!(journal.sent(&events[1..]), 0);
        assert_eq!(journal.sent(&events[..2]), 0);
        assert_eq!(
            Journal::of(folder.path(), "http://other", "b").sent(&events),
            0
        );
    }
}

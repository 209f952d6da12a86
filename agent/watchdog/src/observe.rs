//! Observations: notes that become an alert when they repeat cycle after cycle.

use crate::ledger::Notes;
use crate::time::Stamp;
use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// Size from which on the file is moved away.
const LARGEST: u64 = 512_000;

/// Adds a line to the file of observations.
pub fn write(file: &Path, at: Stamp, text: &str) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    if fs::metadata(file).is_ok_and(|m| m.len() > LARGEST) {
        fs::rename(file, crate::state::beside(file, "old"))?;
    }
    let fresh = !file.exists();
    let mut out = OpenOptions::new().append(true).create(true).open(file)?;
    if fresh {
        out.write_all(b"# Observations of the watchdog\n\n")?;
    }
    out.write_all(format!("- **[{at}]** {text}\n").as_bytes())
}

/// The observation without its figures: `memory at 81 %` and `memory at 82 %` are the same.
#[must_use]
pub fn essence(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut in_number = false;
    for c in text.to_lowercase().chars() {
        let number = c.is_ascii_digit() || in_number && matches!(c, '.' | ',');
        if number && !in_number {
            out.push('#');
        } else if !number && !c.is_whitespace() {
            out.push(c);
        }
        in_number = number;
    }
    crate::text::short_hash(&out)
}

/// Counts the observations of one cycle; those that repeat for the `limit`th time in a row are
/// returned. What was not observed this time begins anew.
pub fn streaks(notes: &mut Notes, texts: &[String], limit: u32) -> Vec<String> {
    let seen: BTreeSet<String> = texts.iter().map(|t| essence(t)).collect();
    notes.streaks.retain(|key, _| seen.contains(key));
    for key in &seen {
        *notes.streaks.entry(key.clone()).or_default() += 1;
    }
    let mut told = BTreeSet::new();
    let due = |text: &&String| {
        let key = essence(text);
        notes.streaks.get(&key) == Some(&limit) && told.insert(key)
    };
    texts.iter().filter(due).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_in_a_row_escalate_once_whatever_the_figures() {
        let mut notes = Notes::default();
        let say = |n: u32| vec![format!("memory at {n}.5 % and --help")];
        assert!(streaks(&mut notes, &say(81), 3).is_empty());
        assert!(streaks(&mut notes, &say(82), 3).is_empty());
        assert_eq!(streaks(&mut notes, &say(83), 3), say(83));
        assert!(streaks(&mut notes, &say(84), 3).is_empty(), "once");
        assert!(streaks(&mut notes, &[], 3).is_empty());
        assert!(
            streaks(&mut notes, &say(85), 3).is_empty(),
            "the row was broken"
        );
    }
}

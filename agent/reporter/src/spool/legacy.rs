//! Files the original reporter left: `spill-*.jsonl`, and `*.draining` of replays that died.
//!
//! A file is renamed into the spool's folder first, so that nobody else takes it, then its events
//! become the spool's own, then it goes. A crash in between repeats events, which their ids make
//! harmless.

use super::Spool;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// The original reads and deletes a `.draining` file at once; older ones belong to nobody.
const DRAINING: Duration = Duration::from_secs(60);
/// Bytes of events appended together.
const CHUNK: usize = 1024 * 1024;
/// Name of a file that was taken over.
const TAKEN: &str = "legacy-";

/// Takes over every file of the original below `dir`; says how many events that were.
///
/// # Errors
/// Those of the file system; what was taken until then stays taken.
pub fn adopt(dir: &Path, spool: &mut Spool) -> io::Result<u64> {
    let mut events = 0;
    for file in waiting(dir) {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let taken = spool.home.create()?.join(format!("{TAKEN}{name}"));
        match fs::rename(&file, &taken) {
            Ok(()) => events += absorb_file(&taken, spool)?,
            // Another process was faster.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(events)
}

/// Finishes what a process that died had begun in its own folder.
pub(super) fn absorb(spool: &mut Spool) -> io::Result<u64> {
    let Some(folder) = spool.path() else {
        return Ok(0);
    };
    let mut events = 0;
    for entry in fs::read_dir(folder)?.flatten() {
        if entry.file_name().to_string_lossy().starts_with(TAKEN) {
            events += absorb_file(&entry.path(), spool)?;
        }
    }
    Ok(events)
}

fn waiting(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let changed = entry.metadata().and_then(|meta| meta.modified());
        let changed = changed.unwrap_or(SystemTime::UNIX_EPOCH);
        let abandoned = changed.elapsed().is_ok_and(|age| age > DRAINING);
        let spilled = name.starts_with("spill-") && name.ends_with(".jsonl");
        if spilled || (name.ends_with(".jsonl.draining") && abandoned) {
            found.push((changed, entry.path()));
        }
    }
    found.sort();
    found.into_iter().map(|(_, path)| path).collect()
}

fn absorb_file(path: &Path, spool: &mut Spool) -> io::Result<u64> {
    let mut reader = BufReader::new(File::open(path)?);
    let (mut events, mut lines, mut line) = (0, Vec::new(), Vec::new());
    loop {
        line.clear();
        let ended = reader.read_until(b'\n', &mut line)? == 0;
        if let Some(event) = readable(line.trim_ascii()) {
            lines.extend_from_slice(&event);
            lines.push(b'\n');
            events += 1;
        } else if !line.trim_ascii().is_empty() {
            spool.losses.damaged += 1;
        }
        if lines.len() >= CHUNK || (ended && !lines.is_empty()) {
            spool.append(&lines);
            lines.clear();
        }
        if ended {
            break;
        }
    }
    for file in spool.unsynced() {
        file.sync_data()?;
    }
    fs::remove_file(path)?;
    Ok(events)
}

/// An event as JSON; Python's bare NaN and infinities become texts.
fn readable(line: &[u8]) -> Option<Vec<u8>> {
    let is_json = |text: &[u8]| {
        text.starts_with(b"{") && serde_json::from_slice::<serde::de::IgnoredAny>(text).is_ok()
    };
    if is_json(line) {
        return Some(line.to_owned());
    }
    let quoted = quote(line);
    is_json(&quoted).then_some(quoted)
}

fn quote(json: &[u8]) -> Vec<u8> {
    let words = [&b"NaN"[..], b"-Infinity", b"Infinity"];
    let mut out = Vec::with_capacity(json.len() + 16);
    let (mut i, mut inside) = (0, false);
    while i < json.len() {
        let word = words.iter().find(|word| json[i..].starts_with(word));
        match (word, json[i]) {
            (Some(word), _) if !inside => {
                out.push(b'"');
                out.extend_from_slice(word);
                out.push(b'"');
                i += word.len();
                continue;
            }
            (_, b'\\') if inside => {
                out.push(b'\\');
                i += 1;
            }
            (_, b'"') => inside = !inside,
            _ => {}
        }
        out.extend(json.get(i));
        i += 1;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bare_words_are_quoted_outside_of_texts() {
        let line = br#"{"a": NaN, "b": [-Infinity, Infinity], "c": "NaN \" NaN"}"#;
        let fixed = readable(line).expect("an event");
        let expected = r#"{"a": "NaN", "b": ["-Infinity", "Infinity"], "c": "NaN \" NaN"}"#;
        assert_eq!(String::from_utf8_lossy(&fixed), expected);
        assert_eq!(readable(b"{\"torn"), None);
    }
}

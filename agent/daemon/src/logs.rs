//! Logs of runs: plain files the runs write to themselves, so that an agent that dies, waits or is
//! replaced never stands in their way.

use rustix::fs::{FallocateFlags, Mode, OFlags, SeekFrom};
use std::fs::File;
use std::io::{Read, Seek};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Longest line passed on, in characters.
pub const LINE: usize = 2000;
/// Blocks of file systems.
const BLOCK: u64 = 4096;

/// A fresh log, closed to others.
///
/// # Errors
/// When the disk says no, or something else stands there.
pub fn create(path: &Path) -> std::io::Result<File> {
    let flags =
        OFlags::WRONLY | OFlags::CREATE | OFlags::APPEND | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(File::from(rustix::fs::open(
        path,
        flags,
        Mode::from_raw_mode(0o600),
    )?))
}

/// Opens a log.
///
/// # Errors
/// When there is none.
pub fn open(path: &Path) -> std::io::Result<File> {
    let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(File::from(rustix::fs::open(path, flags, Mode::empty())?))
}

/// Gives the oldest part of a log back to the disk, without moving the rest: positions in it stay
/// what they are, and the run goes on writing. Where the file system cannot do that, nothing is.
pub fn cap(file: &File, most: u64) -> std::io::Result<()> {
    let len = file.metadata()?.len();
    let surplus = len.saturating_sub(most) / BLOCK * BLOCK;
    let held = file
        .metadata()
        .map(|m| std::os::unix::fs::MetadataExt::blocks(&m) * 512)?;
    if surplus == 0 || held <= most + most / 8 {
        return Ok(());
    }
    let flags = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
    rustix::fs::fallocate(file, flags, 0, surplus)?;
    Ok(())
}

/// Where the part that is still there begins.
pub fn begin(file: &File) -> u64 {
    rustix::fs::seek(file, SeekFrom::Data(0)).unwrap_or(0)
}

/// Up to `most` bytes from a place on.
///
/// # Errors
/// When the disk says no.
pub fn read_at(mut file: &File, from: u64, most: usize) -> std::io::Result<Vec<u8>> {
    file.seek(std::io::SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.take(most as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Whole lines in `bytes`: where each begins, and its text. A carriage return ends a line, too,
/// since progress bars never end theirs; of several rewritten ones the last counts. What is left
/// over is told by the second part: how many bytes were used.
pub fn lines(bytes: &[u8], ended: bool) -> (Vec<(usize, String)>, usize) {
    let mut found = Vec::new();
    let mut begin = 0;
    for (at, byte) in bytes.iter().enumerate() {
        if *byte == b'\n' {
            found.push((begin, text(&bytes[begin..at])));
            begin = at + 1;
        }
    }
    // A line longer than any that would be shown is passed on in parts.
    let rest = &bytes[begin..];
    let redrawn = rest.iter().rposition(|b| *b == b'\r').filter(|at| *at > 0);
    if !rest.is_empty() && (ended || rest.len() > LINE * 4) {
        found.push((begin, text(rest)));
        begin = bytes.len();
    } else if let Some(at) = redrawn {
        found.push((begin, text(&rest[..at])));
        begin += at + 1;
    }
    (found, begin)
}

/// A line as it may be shown: what a terminal would act on is written out, colours are dropped.
fn text(bytes: &[u8]) -> String {
    let line = String::from_utf8_lossy(bytes);
    let line = line.trim_end_matches('\r');
    let last = line
        .rsplit('\r')
        .find(|part| !part.trim().is_empty())
        .unwrap_or("");
    let mut out = String::new();
    let mut chars = last.chars().peekable();
    let mut count = 0;
    while let Some(c) = chars.next() {
        if count >= LINE {
            break;
        }
        count += 1;
        match c {
            '\u{1b}' if chars.peek() == Some(&'[') => {
                chars.next();
                for c in chars.by_ref() {
                    if ('@'..='~').contains(&c) {
                        break;
                    }
                }
            }
            '\t' => out.push('\t'),
            c if c.is_control() => out.push_str(&format!("\\x{:02x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

/// Removes logs nobody wrote to for so long, but for those kept.
pub fn tidy(folder: &Path, age: Duration, kept: &[PathBuf]) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let changed = entry.metadata().and_then(|m| m.modified()).ok();
        let old = changed
            .and_then(|t| t.elapsed().ok())
            .is_some_and(|since| since > age);
        if old && !kept.contains(&path.with_extension("log")) {
            let _ = std::fs::remove_file(&path);
        }
    }
}

/// The last lines of a log, at most `count`.
pub fn tail(path: &Path, count: usize) -> Vec<String> {
    const MOST: u64 = 256 * 1024;
    let read = || -> std::io::Result<Vec<u8>> {
        let file = open(path)?;
        let len = file.metadata()?.len();
        read_at(&file, len.saturating_sub(MOST), MOST as usize)
    };
    let bytes = read().unwrap_or_default();
    let (found, _) = lines(&bytes, true);
    let skip = found.len().saturating_sub(count);
    found.into_iter().skip(skip).map(|(_, text)| text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn lines_are_whole_and_harmless() {
        let (found, used) = lines(b"one\n\x1b[31mred\x1b[0m\x07\n 10%\r 20%\r\nhalf", false);
        let texts: Vec<_> = found.iter().map(|(at, t)| (*at, t.as_str())).collect();
        assert_eq!(texts, [(0, "one"), (4, "red\\x07"), (18, " 20%")]);
        assert_eq!(used, 29);
        let (found, used) = lines(b"half", true);
        assert_eq!((found[0].1.as_str(), used), ("half", 4));
        let (found, used) = lines(b" 10%\r 20%", false);
        assert_eq!((found[0].1.as_str(), used), (" 10%", 5));
        assert_eq!(lines(&[b'x'; 9000], false).1, 9000);
        assert_eq!(lines(&[b'x'; 9000], false).0[0].1.len(), LINE);
    }

    #[test]
    fn a_capped_log_keeps_its_places() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let mut log = create(&path).unwrap();
        for i in 0..40_000 {
            writeln!(log, "{i:>15}").unwrap();
        }
        let file = open(&path).unwrap();
        cap(&file, 64 * 1024).unwrap();
        let held = std::os::unix::fs::MetadataExt::blocks(&file.metadata().unwrap()) * 512;
        assert!(held <= 80 * 1024, "{held} bytes are kept");
        assert!(begin(&file) > 500_000);
        writeln!(log, "last").unwrap();
        assert_eq!(tail(&path, 2), ["          39999", "last"]);
        assert_eq!(read_at(&file, 640_000, 100).unwrap(), b"last\n");
    }

    #[test]
    fn old_logs_go_and_those_of_open_runs_stay() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["old.log", "old.sent", "open.log", "open.sent", "young.log"] {
            let file = File::create(at(name)).unwrap();
            if name != "young.log" {
                let then = std::time::SystemTime::now() - Duration::from_secs(100);
                file.set_modified(then).unwrap();
            }
        }
        tidy(folder.path(), Duration::from_secs(50), &[at("open.log")]);
        let left: Vec<_> = ["old.log", "old.sent", "open.log", "open.sent", "young.log"]
            .into_iter()
            .filter(|name| at(name).exists())
            .collect();
        assert_eq!(left, ["open.log", "open.sent", "young.log"]);
    }

    #[test]
    fn links_are_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("target");
        std::os::unix::fs::symlink(&target, folder.path().join("log")).unwrap();
        assert!(create(&folder.path().join("log")).is_err() && !target.exists());
    }
}

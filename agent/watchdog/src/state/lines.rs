//! Files of JSON lines: appended to, rotated by size, read one line at a time.

use super::{beside, give_up_reserve, is_full};
use serde::Serialize;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Longest line that is understood, in bytes; longer ones are skipped.
const LONGEST: u64 = 1024 * 1024;

/// Appends one line, durable when this returns. A line cut off by a crash is closed first, so that
/// it spoils itself only.
pub fn append<T: Serialize>(file: &Path, row: &T) -> io::Result<()> {
    let mut line = serde_json::to_vec(row)?;
    line.push(b'\n');
    match write_line(file, &line) {
        Err(cause) if is_full(&cause) && give_up_reserve(file) => write_line(file, &line),
        other => other,
    }
}

fn write_line(file: &Path, line: &[u8]) -> io::Result<()> {
    let mut out = OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .mode(0o600)
        .open(file)?;
    let length = out.metadata()?.len();
    if length == 0 {
        super::give_to_owner(&out, file)?;
    } else {
        let mut last = [0_u8];
        out.seek(SeekFrom::End(-1))?;
        out.read_exact(&mut last)?;
        if last[0] != b'\n' {
            out.write_all(b"\n")?;
        }
    }
    if let Err(cause) = out.write_all(line) {
        // Half a line helps nobody.
        let _ = out.set_len(length);
        return Err(cause);
    }
    out.sync_data()
}

/// Replaces the whole file by these lines; removes it when there are none.
pub fn replace_lines(file: &Path, lines: &[&str]) -> io::Result<()> {
    if lines.is_empty() {
        return fs::remove_file(file);
    }
    let mut text = lines.join("\n");
    text.push('\n');
    super::write_whole(file, text.as_bytes())
}

/// Moves `file` to `.1`, `.1` to `.2` and so on when it is larger than `most_bytes`; keeps `copies`.
pub fn rotate(file: &Path, most_bytes: u64, copies: u32) -> io::Result<bool> {
    match fs::metadata(file) {
        Ok(meta) if meta.len() > most_bytes => {}
        _ => return Ok(false),
    }
    for number in (1..copies).rev() {
        let older = beside(file, &number.to_string());
        if older.exists() {
            fs::rename(older, beside(file, &(number + 1).to_string()))?;
        }
    }
    fs::rename(file, beside(file, "1"))?;
    Ok(true)
}

/// Calls `each` with every line of the rotated copies and of `file`, oldest first, without holding
/// more than one. Lines that are no text or too long are counted, not fatal; so is what `each`
/// refuses (by saying `false`). Returns how many there were.
pub fn rows(file: &Path, mut each: impl FnMut(&[u8]) -> bool) -> io::Result<u64> {
    let mut bad = 0;
    let mut names: Vec<PathBuf> = (1..=9).map(|n| beside(file, &n.to_string())).collect();
    names.reverse();
    names.push(file.to_owned());
    for name in names {
        let open = match File::open(&name) {
            Ok(open) => open,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => continue,
            Err(cause) => return Err(cause),
        };
        bad += lines(BufReader::with_capacity(64 * 1024, open), &mut each)?;
    }
    Ok(bad)
}

fn lines(mut from: impl BufRead, each: &mut impl FnMut(&[u8]) -> bool) -> io::Result<u64> {
    let (mut line, mut bad) = (Vec::with_capacity(1024), 0);
    loop {
        line.clear();
        let read = from.by_ref().take(LONGEST).read_until(b'\n', &mut line)?;
        if read == 0 {
            return Ok(bad);
        }
        let whole = line.trim_ascii();
        if whole.is_empty() {
            continue;
        }
        if read as u64 == LONGEST && !line.ends_with(b"\n") {
            bad += 1;
            from.skip_until(b'\n')?;
        } else if !each(whole) {
            bad += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_cut_off_by_a_crash_spoils_only_itself() {
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join("a.jsonl");
        fs::write(&file, "{\"a\":1}\n{\"a\":").expect("write");
        append(&file, &serde_json::json!({"a": 3})).expect("append");
        let mut good = 0;
        let bad = rows(&file, |line| {
            let ok = serde_json::from_slice::<serde_json::Value>(line).is_ok();
            good += u32::from(ok);
            ok
        });
        assert_eq!((bad.expect("read"), good), (1, 2));
    }

    #[test]
    fn only_what_is_too_large_is_moved() {
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join("a.log");
        fs::write(&file, [b'x'; 10]).expect("write");
        assert!(!rotate(&file, 10, 3).expect("kept"));
        for round in 0..5 {
            fs::write(&file, format!("{round:011}")).expect("write");
            assert!(rotate(&file, 10, 3).expect("moved"));
        }
        let read = |n: &str| fs::read_to_string(beside(&file, n)).expect("copy");
        assert_eq!(read("1"), "00000000004");
        assert_eq!(read("3"), "00000000002");
        assert!(!beside(&file, "4").exists());
    }
}

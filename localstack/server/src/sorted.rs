//! Lines in order, however many: what does not fit memory waits in files.

use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Lines, Write};
use std::path::{Path, PathBuf};

/// Bytes of lines held in memory.
const HELD: usize = 64 << 20;

/// A line and what orders it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Line(pub String, pub String, pub String);

/// Lines that are collected. Dropping it removes its files.
pub struct Sorter {
    dir: PathBuf,
    held: Vec<Line>,
    bytes: usize,
    runs: Vec<PathBuf>,
}

impl Sorter {
    /// An empty one, with its files in the new directory `dir`.
    pub fn new(dir: &Path) -> io::Result<Self> {
        fs::create_dir_all(dir)?;
        Ok(Self {
            dir: dir.to_owned(),
            held: Vec::new(),
            bytes: 0,
            runs: Vec::new(),
        })
    }

    /// Adds a line.
    pub fn push(&mut self, line: Line) -> io::Result<()> {
        self.bytes += line.0.len() + line.1.len() + line.2.len();
        self.held.push(line);
        match self.bytes >= HELD {
            true => self.spill(),
            false => Ok(()),
        }
    }

    fn spill(&mut self) -> io::Result<()> {
        self.held.sort();
        let path = self.dir.join(format!("{}.run", self.runs.len()));
        let mut file = BufWriter::new(File::create(&path)?);
        for line in self.held.drain(..) {
            serde_json::to_writer(&mut file, &line)?;
            file.write_all(b"\n")?;
        }
        file.flush()?;
        self.bytes = 0;
        self.runs.push(path);
        Ok(())
    }

    /// Hands all lines to `take`, in order.
    pub fn drain<E: From<io::Error>>(
        mut self,
        mut take: impl FnMut(Line) -> Result<(), E>,
    ) -> Result<(), E> {
        if self.runs.is_empty() {
            self.held.sort();
            return self.held.drain(..).try_for_each(take);
        }
        self.spill()?;
        let mut runs = Vec::with_capacity(self.runs.len());
        let mut heads = BinaryHeap::with_capacity(self.runs.len());
        for path in &self.runs {
            let mut run = BufReader::new(File::open(path)?).lines();
            heads.extend(next(&mut run)?.map(|line| Reverse((line, runs.len()))));
            runs.push(run);
        }
        while let Some(Reverse((line, from))) = heads.pop() {
            take(line)?;
            heads.extend(next(&mut runs[from])?.map(|line| Reverse((line, from))));
        }
        Ok(())
    }
}

impl Drop for Sorter {
    fn drop(&mut self) {
        // What stays is removed with the file beside it.
        let _ = fs::remove_dir_all(&self.dir);
    }
}

fn next(run: &mut Lines<BufReader<File>>) -> io::Result<Option<Line>> {
    let Some(text) = run.next().transpose()? else {
        return Ok(None);
    };
    Ok(Some(serde_json::from_str(&text)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_out_in_order_from_memory_and_from_files() {
        let dir = tempfile::tempdir().expect("a directory");
        for spills in [false, true] {
            let mut sorter = Sorter::new(&dir.path().join("runs")).expect("made");
            for n in [3, 1, 2, 5, 4] {
                let line = Line(format!("p{}", n % 2), format!("{n}"), format!("line {n}"));
                sorter.push(line).expect("pushed");
                if spills {
                    sorter.spill().expect("spilled");
                }
            }
            let mut seen = Vec::new();
            let take = |line: Line| {
                seen.push(line.2);
                Ok::<(), io::Error>(())
            };
            sorter.drain(take).expect("drained");
            assert_eq!(seen, ["line 2", "line 4", "line 1", "line 3", "line 5"]);
        }
        assert!(!dir.path().join("runs").exists());
    }
}

//! Files somebody has open, has locked, or stands in: they are not old, whatever their times say.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Device and inode of every such file this user may learn of.
#[derive(Debug, Default)]
pub(super) struct OpenFiles {
    files: BTreeSet<(u64, u64)>,
    locked: BTreeSet<u64>,
}

impl OpenFiles {
    pub(super) fn now() -> Self {
        let mut found = Self::default();
        for process in fs::read_dir("/proc").into_iter().flatten().flatten() {
            let path = process.path();
            if !process
                .file_name()
                .as_encoded_bytes()
                .iter()
                .all(u8::is_ascii_digit)
            {
                continue;
            }
            found.note(&path.join("cwd"));
            for file in fs::read_dir(path.join("fd"))
                .into_iter()
                .flatten()
                .flatten()
            {
                found.note(&file.path());
            }
        }
        // `1: FLOCK  ADVISORY  WRITE 123 08:01:4567 0 EOF`; the inode alone is compared, since
        // device numbers are written differently by some file systems. Sparing one too many is fine.
        let locks = fs::read_to_string("/proc/locks").unwrap_or_default();
        for line in locks.lines() {
            let inode = line
                .split_whitespace()
                .find_map(|word| word.rsplit_once(':').filter(|(head, _)| head.contains(':')));
            found
                .locked
                .extend(inode.and_then(|(_, inode)| inode.parse::<u64>().ok()));
        }
        found
    }

    fn note(&mut self, link: &Path) {
        // Followed on purpose: the link leads to the open file itself.
        if let Ok(meta) = fs::metadata(link) {
            self.files.insert((meta.dev(), meta.ino()));
        }
    }

    pub(super) fn holds(&self, device: u64, inode: u64) -> bool {
        self.files.contains(&(device, inode)) || self.locked.contains(&inode)
    }
}

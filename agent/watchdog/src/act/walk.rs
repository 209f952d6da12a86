//! A walk through a folder that cannot be led astray.
//!
//! The root is opened once, refusing links anywhere in its path. From there on everything happens
//! relative to open folders: the kernel refuses to follow links, to leave the root, or to enter
//! another file system, at the moment of opening and not at that of a check before.

use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::fs::{
    AtFlags, Dir, FileType, Mode, OFlags, ResolveFlags, Statx, StatxFlags, openat2, statx, unlinkat,
};
use rustix::io::Errno;
use std::ffi::{CStr, CString};
use std::path::Path;

/// Deepest folder that is entered, counted from the root.
const DEEPEST: u32 = 64;

/// What to do with an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Leave it.
    Keep,
    /// Remove it.
    Remove,
    /// Stop altogether.
    Stop,
}

/// An entry as it was found.
pub(super) struct Entry<'a> {
    pub(super) name: &'a CStr,
    pub(super) kind: FileType,
    pub(super) stat: &'a Statx,
    /// Whether it lies directly in the root.
    pub(super) top: bool,
}

/// Judges entries, and hears what became of them.
pub(super) trait Judge {
    /// Shall this file, or this folder that is empty now, go?
    fn judge(&mut self, entry: &Entry<'_>) -> Verdict;
    /// Shall this folder be looked into?
    fn enter(&mut self, entry: &Entry<'_>) -> bool;
    /// It is gone (or would be).
    fn removed(&mut self, entry: &Entry<'_>);
    /// It could not be removed.
    fn failed(&mut self);
}

/// Walks below `root`; removes what the judge says, if `execute`. An error means that the root
/// itself cannot be used.
pub(super) fn walk(root: &Path, execute: bool, judge: &mut impl Judge) -> Result<(), Errno> {
    let relative = root.strip_prefix("/").map_err(|_| Errno::INVAL)?;
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let top = rustix::fs::open("/", flags, Mode::empty())?;
    let no_links = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    let folder = openat2(
        &top,
        relative,
        flags | OFlags::NOFOLLOW,
        Mode::empty(),
        no_links,
    )?;
    let stat = look(folder.as_fd(), c"")?;
    let walk = Walk {
        execute,
        device: (stat.stx_dev_major, stat.stx_dev_minor),
        mount: stat.stx_mnt_id,
    };
    walk.folder(&folder, 0, judge);
    Ok(())
}

fn look(folder: BorrowedFd<'_>, name: &CStr) -> Result<Statx, Errno> {
    let mut flags = AtFlags::SYMLINK_NOFOLLOW | AtFlags::NO_AUTOMOUNT;
    if name.is_empty() {
        flags |= AtFlags::EMPTY_PATH;
    }
    statx(
        folder,
        name,
        flags,
        StatxFlags::BASIC_STATS | StatxFlags::MNT_ID,
    )
}

struct Walk {
    execute: bool,
    device: (u32, u32),
    mount: u64,
}

impl Walk {
    /// Says whether to go on.
    fn folder(&self, folder: &OwnedFd, depth: u32, judge: &mut impl Judge) -> bool {
        let Ok(entries) = Dir::read_from(folder) else {
            return true;
        };
        // Names first: removing while reading skips entries on some file systems.
        let names: Vec<CString> = entries
            .filter_map(|e| e.ok().map(|e| e.file_name().to_owned()))
            .filter(|name| !matches!(name.to_bytes(), b"." | b".."))
            .collect();
        names
            .iter()
            .all(|name| self.entry(folder, name, depth, judge))
    }

    fn entry(&self, folder: &OwnedFd, name: &CStr, depth: u32, judge: &mut impl Judge) -> bool {
        let Ok(stat) = look(folder.as_fd(), name) else {
            return true;
        };
        let same_mount = stat.stx_mnt_id == self.mount
            && (stat.stx_dev_major, stat.stx_dev_minor) == self.device;
        if !same_mount {
            return true;
        }
        let kind = FileType::from_raw_mode(stat.stx_mode.into());
        let entry = Entry {
            name,
            kind,
            stat: &stat,
            top: depth == 0,
        };
        if kind == FileType::Directory {
            if depth >= DEEPEST || !judge.enter(&entry) {
                return true;
            }
            match self.enter(folder, name) {
                Ok(inner) if !self.folder(&inner, depth + 1, judge) => return false,
                // Vanished, swapped for a link, or a mount since the look: not ours.
                Err(_) => return true,
                Ok(_) => {}
            }
        }
        match judge.judge(&entry) {
            Verdict::Keep => true,
            Verdict::Stop => false,
            Verdict::Remove => {
                self.remove(folder, &entry, judge);
                true
            }
        }
    }

    fn enter(&self, folder: &OwnedFd, name: &CStr) -> Result<OwnedFd, Errno> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let confined = ResolveFlags::BENEATH
            | ResolveFlags::NO_SYMLINKS
            | ResolveFlags::NO_MAGICLINKS
            | ResolveFlags::NO_XDEV;
        openat2(folder, name, flags, Mode::empty(), confined)
    }

    fn remove(&self, folder: &OwnedFd, entry: &Entry<'_>, judge: &mut impl Judge) {
        let is_folder = entry.kind == FileType::Directory;
        if !self.execute {
            judge.removed(entry);
            return;
        }
        // Relative to the open folder, and never through a link: `unlink` removes the link itself.
        let flags = if is_folder {
            AtFlags::REMOVEDIR
        } else {
            AtFlags::empty()
        };
        match unlinkat(folder, entry.name, flags) {
            Ok(()) => judge.removed(entry),
            // Not empty: something in it was kept. That is no failure.
            Err(Errno::NOTEMPTY | Errno::EXIST | Errno::NOENT) => {}
            Err(_) => judge.failed(),
        }
    }
}

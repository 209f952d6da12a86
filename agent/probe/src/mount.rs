//! Mounted file systems and how full they are.

use crate::read::text;
use crate::{Probe, ProbeError};
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

/// One line of `/proc/self/mountinfo`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mount {
    /// Number of the mount.
    pub id: u64,
    /// Major and minor number of the device, as `8:1`.
    pub device: String,
    /// Where it is mounted.
    pub path: PathBuf,
    /// Kind of file system: `ext4`, `tmpfs`, `nfs4`, …
    pub fs: String,
    /// What is mounted: `/dev/sda1`, `server:/export`, …
    pub source: String,
    /// Whether nothing can be written.
    pub read_only: bool,
}

impl Mount {
    /// Whether files of people may lie on it: a device, a network share, memory. Not the kernel's
    /// own trees, nor read-only images.
    #[must_use]
    pub fn holds_files(&self) -> bool {
        const KERNEL: [&str; 26] = [
            "autofs",
            "binfmt_misc",
            "bpf",
            "cgroup",
            "cgroup2",
            "configfs",
            "debugfs",
            "devpts",
            "devtmpfs",
            "efivarfs",
            "fusectl",
            "fuse.gvfsd-fuse",
            "fuse.lxcfs",
            "fuse.portal",
            "hugetlbfs",
            "mqueue",
            "nsfs",
            "proc",
            "pstore",
            "ramfs",
            "rpc_pipefs",
            "securityfs",
            "selinuxfs",
            "squashfs",
            "sysfs",
            "tracefs",
        ];
        !KERNEL.contains(&self.fs.as_str()) && !self.read_only
    }

    /// Whether asking it may block because another machine answers.
    #[must_use]
    pub fn is_remote(&self) -> bool {
        let fs = self.fs.as_str();
        matches!(
            fs,
            "nfs" | "nfs4" | "cifs" | "smb3" | "9p" | "ceph" | "lustre" | "glusterfs"
        ) || fs.starts_with("fuse")
    }
}

/// How full a file system is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FsUsage {
    /// Size in bytes.
    pub total_bytes: u64,
    /// Used bytes.
    pub used_bytes: u64,
    /// Bytes an ordinary user may still write.
    pub available_bytes: u64,
    /// Number of inodes; 0 where the file system has none of its own.
    pub inodes: u64,
    /// Free inodes.
    pub inodes_free: u64,
}

impl FsUsage {
    /// Share of what people can use that is used, in percent, as `df` counts it.
    #[must_use]
    pub fn used_pct(&self) -> f64 {
        let reach = self.used_bytes.saturating_add(self.available_bytes);
        if reach == 0 {
            return 0.0;
        }
        self.used_bytes as f64 / reach as f64 * 100.0
    }

    /// Share of inodes in use, in percent; `None` where they are not counted.
    #[must_use]
    pub fn inodes_pct(&self) -> Option<f64> {
        (self.inodes > 0).then(|| {
            self.inodes.saturating_sub(self.inodes_free) as f64 / self.inodes as f64 * 100.0
        })
    }
}

impl Probe {
    /// Everything that is mounted, in the order of mounting. A path mounted over twice comes twice.
    pub fn mounts(&self) -> Result<Vec<Mount>, ProbeError> {
        let file = text(self, "proc/self/mountinfo")?;
        Ok(file.lines().filter_map(parse_line).collect())
    }

    /// Mounts that hold files, once for each device: binds of the same device are left out, and a
    /// mount hidden below a later one of the same path too.
    pub fn disks(&self) -> Result<Vec<Mount>, ProbeError> {
        let mut kept: Vec<Mount> = Vec::new();
        for mount in self.mounts()?.into_iter().filter(Mount::holds_files) {
            kept.retain(|earlier| earlier.path != mount.path);
            if !kept.iter().any(|earlier| earlier.device == mount.device) {
                kept.push(mount);
            }
        }
        Ok(kept)
    }

    /// How full the file system at `path` is. Blocks as long as a remote one does not answer, see
    /// [`Mount::is_remote`].
    pub fn fs_usage(&self, path: &Path) -> Result<FsUsage, ProbeError> {
        let full = self.path(path.strip_prefix("/").unwrap_or(path));
        let stat = rustix::fs::statvfs(&full).map_err(|cause| ProbeError::Read {
            path: full,
            cause: cause.into(),
        })?;
        let unit = stat.f_frsize.max(1);
        Ok(FsUsage {
            total_bytes: stat.f_blocks.saturating_mul(unit),
            used_bytes: stat
                .f_blocks
                .saturating_sub(stat.f_bfree)
                .saturating_mul(unit),
            available_bytes: stat.f_bavail.saturating_mul(unit),
            inodes: stat.f_files,
            inodes_free: stat.f_ffree,
        })
    }
}

fn parse_line(line: &str) -> Option<Mount> {
    let (left, right) = line.split_once(" - ")?;
    let left: Vec<&str> = left.split(' ').collect();
    let mut right = right.split(' ');
    let (fs, source, super_options) = (right.next()?, right.next()?, right.next().unwrap_or(""));
    let options = left.get(5)?;
    let read_only = |options: &str| options.split(',').any(|o| o == "ro");
    Some(Mount {
        id: left.first()?.parse().ok()?,
        device: (*left.get(2)?).to_owned(),
        path: unescape(left.get(4)?),
        fs: fs.to_owned(),
        source: source.to_owned(),
        read_only: read_only(options) || read_only(super_options),
    })
}

/// Undoes `\040` and its like.
fn unescape(text: &str) -> PathBuf {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let octal = bytes
            .get(at + 1..at + 4)
            .filter(|_| bytes[at] == b'\\')
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 8).ok());
        match octal {
            Some(byte) => {
                out.push(byte);
                at += 4;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    PathBuf::from(OsString::from_vec(out))
}

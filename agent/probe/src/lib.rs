//! What a Linux host says about itself. Reads below a given root; writes nothing, signals nobody.
//!
//! Every reader hangs on a [`Probe`], which holds the directory that stands for `/`: a live host
//! uses [`Probe::live`], a test lays a fake tree in a temporary directory. What a kernel does not
//! offer (no pressure files, no cgroup, no NVIDIA driver) is `None` or empty, never an error; an
//! error means that something that must be there could not be read. This crate knows no policy:
//! it does not say what is too much, and it does not know jobs, servers or watchdogs.

mod cgroup;
mod cpu;
mod gpu;
mod host;
mod memory;
mod mount;
mod nvml;
mod process;
mod read;

pub use cgroup::{Cgroup, CgroupEvents};
pub use cpu::{CpuTimes, Load, Pressure, PressureLine, Pressures};
pub use gpu::{Gpu, GpuProcess, Gpus};
pub use host::Clock;
pub use memory::{Memory, VmEvents};
pub use mount::{FsUsage, Mount};
pub use process::{Identity, Process};

use std::io;
use std::path::{Path, PathBuf};

/// Something that must be readable was not.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// The file could not be read.
    #[error("cannot read {path}: {cause}")]
    Read {
        /// Where, below the root.
        path: PathBuf,
        /// What the kernel said.
        cause: io::Error,
    },
    /// The file says something this crate does not understand.
    #[error("cannot understand {path}: {what}")]
    Format {
        /// Where, below the root.
        path: PathBuf,
        /// What is missing or wrong.
        what: &'static str,
    },
}

/// A host, or a directory that looks like one.
#[derive(Clone, Debug)]
pub struct Probe {
    root: PathBuf,
}

impl Probe {
    /// The host this program runs on.
    #[must_use]
    pub fn live() -> Self {
        Self::new("/")
    }

    /// A host whose `/proc`, `/sys` and `/etc` lie below `root`.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Where `path` (written without a leading slash) lies below the root.
    #[must_use]
    pub fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.root.join(path)
    }
}

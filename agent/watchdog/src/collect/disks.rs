//! File systems: all that hold people's files, unless told otherwise.

use crate::settings::Settings;
use crate::snapshot::{Blind, Disk, Source};
use probe::Probe;

pub(super) fn look(probe: &Probe, settings: &Settings, blind: &mut Vec<Blind>) -> Vec<Disk> {
    let mut unseen = |why: String| {
        blind.push(Blind {
            what: Source::Disks,
            why,
        })
    };
    let mounts = match probe.disks() {
        Ok(mounts) => mounts,
        Err(e) => {
            unseen(e.to_string());
            return Vec::new();
        }
    };
    let mut found = Vec::new();
    for mount in mounts {
        // A share whose server is gone would hold the whole cycle.
        let asked = settings.disk.remote || !mount.is_remote();
        if !asked || settings.disk.ignore.contains(&mount.path) {
            continue;
        }
        match probe.fs_usage(&mount.path) {
            Ok(usage) if usage.total_bytes > 0 => found.push(Disk {
                handle: format!("d{}", found.len() + 1),
                mount: mount.path,
                fs: mount.fs,
                usage,
            }),
            Ok(_) => {}
            Err(e) => unseen(e.to_string()),
        }
    }
    found
}

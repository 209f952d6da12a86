//! Disks that fill up, in space or in inodes.

use super::{Level, Reading, Remedy};
use crate::problem::Kind;
use crate::settings::Settings;
use crate::snapshot::{Disk, Snapshot, Source};
use crate::text::size;
use std::path::Path;

pub(super) fn read(snapshot: &Snapshot, settings: &Settings, all: &mut Vec<Reading>) {
    for disk in &snapshot.disks {
        let mount = crate::text::clean(&disk.mount.to_string_lossy(), 100);
        let cleanable = roots_on(disk, snapshot, settings);
        let limits = &settings.disk;
        let level = |pct| Level::of(pct, limits.warn, limits.critical, limits.margin);
        let remedy = || cleanable.then(|| Remedy::Clean(disk.handle.clone()));
        let used = disk.usage.used_pct();
        all.push(Reading {
            id: format!("disk_full:{mount}"),
            source: Source::Disks,
            kind: Kind::Disk,
            title: format!("Disk {mount} is almost full"),
            detail: format!("{used:.1}% used, {} free", size(disk.usage.available_bytes)),
            level: level(used),
            remedy: remedy(),
            sightings: (1, 1),
        });
        if let Some(inodes) = disk.usage.inodes_pct() {
            all.push(Reading {
                id: format!("disk_inodes:{mount}"),
                source: Source::Disks,
                kind: Kind::Disk,
                title: format!("Disk {mount} is almost out of inodes"),
                detail: format!(
                    "{inodes:.1}% of inodes used, {} free",
                    disk.usage.inodes_free
                ),
                level: level(inodes),
                remedy: remedy(),
                sightings: (1, 1),
            });
        }
    }
}

/// Whether any folder that may be cleaned lies on this disk.
fn roots_on(disk: &Disk, snapshot: &Snapshot, settings: &Settings) -> bool {
    let roots = settings.clean.roots.iter().chain(&settings.clean.archives);
    roots
        .into_iter()
        .any(|root| mount_of(root, snapshot) == Some(disk.mount.as_path()))
}

/// The mount a path lies on, by its name alone.
pub(crate) fn mount_of<'a>(path: &Path, snapshot: &'a Snapshot) -> Option<&'a Path> {
    let mounts = snapshot.disks.iter().map(|d| d.mount.as_path());
    mounts
        .filter(|m| path.starts_with(m))
        .max_by_key(|m| m.components().count())
}

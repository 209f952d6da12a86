//! Cleaning that cannot be led astray.

use crate::namespace::is_inside;
use argus_watchdog::act::clean::{Report, Scope, clean};
use argus_watchdog::settings::Clean;
use argus_watchdog::time::Stamp;
use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

/// Looks from `days` ahead: change times cannot be set back, so today is moved instead.
fn run(root: &Path, days_ahead: i64, execute: bool) -> Report {
    let scope = Scope {
        roots: vec![root.to_owned()],
        archives: Vec::new(),
    };
    let now = Stamp(Stamp::now().0 + days_ahead * 86_400);
    clean(&scope, &Clean::default(), now, execute)
}

fn put(path: &Path) {
    fs::create_dir_all(path.parent().expect("folder")).expect("folder");
    fs::write(path, "x".repeat(5000)).expect("file");
}

#[test]
fn each_file_is_judged_by_itself_and_a_dry_run_counts_the_same() {
    let root = tempfile::tempdir().expect("folder");
    let at = |p: &str| root.path().join(p);
    put(&at("old/a.bin"));
    put(&at("old/deep/b.bin"));
    assert_eq!(run(root.path(), 0, true).removed_entries, 0, "all fresh");
    let dry = run(root.path(), 30, false);
    assert_eq!(dry.removed_entries, 4);
    assert!(at("old/a.bin").exists());
    let wet = run(root.path(), 30, true);
    assert_eq!(
        (wet.removed_entries, wet.reclaimed_bytes),
        (4, dry.reclaimed_bytes)
    );
    assert!(
        !at("old").exists() && root.path().exists(),
        "the root itself stays"
    );
}

#[test]
fn what_is_fresh_open_locked_or_a_door_stays() {
    let root = tempfile::tempdir().expect("folder");
    let at = |p: &str| root.path().join(p);
    for name in ["open", "read-lately", "gone"] {
        put(&at(name));
    }
    let _open = fs::File::open(at("open")).expect("open");
    let _door = UnixListener::bind(at("door")).expect("socket");
    // Read in the future, as seen from now: still fresh for a cleaning thirty days ahead.
    let touched = Command::new("touch")
        .args(["-a", "-d", "29 days"])
        .arg(at("read-lately"))
        .status();
    assert!(touched.expect("touch").success());
    let report = run(root.path(), 30, true);
    assert_eq!(report.removed_entries, 1, "{report:?}");
    assert!(at("open").exists() && at("read-lately").exists() && at("door").exists());
    assert!(!at("gone").exists());
}

#[test]
fn links_are_removed_and_never_followed() {
    let (root, other) = (
        tempfile::tempdir().expect("folder"),
        tempfile::tempdir().expect("folder"),
    );
    put(&other.path().join("precious"));
    symlink(other.path(), root.path().join("link")).expect("link");
    symlink(other.path().join("precious"), root.path().join("file-link")).expect("link");
    let report = run(root.path(), 30, true);
    assert_eq!(report.removed_entries, 2, "the links themselves");
    assert!(other.path().join("precious").exists());
}

#[test]
fn a_root_whose_path_holds_a_link_is_not_used() {
    let (real, base) = (
        tempfile::tempdir().expect("folder"),
        tempfile::tempdir().expect("folder"),
    );
    put(&real.path().join("pip/precious"));
    symlink(real.path(), base.path().join(".cache")).expect("link");
    let report = run(&base.path().join(".cache/pip"), 30, true);
    assert_eq!(report.removed_entries, 0);
    assert!(report.unusable[0].contains("link"), "{report:?}");
    assert!(real.path().join("pip/precious").exists());
}

#[test]
fn a_folder_swapped_for_a_link_while_cleaning_leads_nowhere() {
    let (root, other) = (
        tempfile::tempdir().expect("folder"),
        tempfile::tempdir().expect("folder"),
    );
    for n in 0..50 {
        put(&other.path().join(format!("precious-{n}")));
    }
    let (door, parked) = (root.path().join("door"), root.path().join(".parked"));
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                let _ = fs::create_dir(&door);
                let _ = fs::write(door.join("bait"), "x");
                let _ = fs::rename(&door, &parked);
                let _ = symlink(other.path(), &door);
                let _ = fs::remove_file(&door);
                let _ = fs::rename(&parked, &door);
            }
        });
        for _ in 0..120 {
            run(root.path(), 30, true);
        }
        stop.store(true, Ordering::Relaxed);
    });
    assert_eq!(fs::read_dir(other.path()).expect("list").count(), 50);
}

#[test]
fn a_mount_inside_a_root_is_another_world() {
    if !is_inside("clean::a_mount_inside_a_root_is_another_world") {
        return;
    }
    let root = tempfile::tempdir().expect("folder");
    let (disk, bind, source) = (
        root.path().join("disk"),
        root.path().join("bind"),
        tempfile::tempdir().expect("folder"),
    );
    for folder in [&disk, &bind] {
        fs::create_dir(folder).expect("folder");
    }
    let mount = |arguments: &[&str]| {
        assert!(
            Command::new("mount")
                .args(arguments)
                .status()
                .expect("mount")
                .success()
        )
    };
    mount(&["-t", "tmpfs", "none", disk.to_str().expect("text")]);
    mount(&[
        "--bind",
        source.path().to_str().expect("text"),
        bind.to_str().expect("text"),
    ]);
    put(&disk.join("precious"));
    put(&bind.join("precious"));
    put(&root.path().join("old"));
    let report = run(root.path(), 30, true);
    assert!(disk.join("precious").exists() && source.path().join("precious").exists());
    assert_eq!(report.removed_entries, 1, "{report:?}");
}

#[test]
fn only_rotated_logs_leave_an_archive() {
    let root = tempfile::tempdir().expect("folder");
    let names = ["a.log.1.gz", "a.log", "b.gz", "sub/a.log.2.gz"];
    names.iter().for_each(|n| put(&root.path().join(n)));
    let scope = Scope {
        roots: Vec::new(),
        archives: vec![root.path().to_owned()],
    };
    let report = clean(
        &scope,
        &Clean::default(),
        Stamp(Stamp::now().0 + 30 * 86_400),
        true,
    );
    assert_eq!(report.removed_entries, 1);
    let left: Vec<PathBuf> = names[1..]
        .iter()
        .map(|n| root.path().join(n))
        .filter(|p| p.exists())
        .collect();
    assert_eq!(left.len(), 3);
}

#[test]
fn limits_end_a_cleaning_early() {
    let root = tempfile::tempdir().expect("folder");
    (0..20).for_each(|n| put(&root.path().join(format!("f{n}"))));
    let scope = Scope {
        roots: vec![root.path().to_owned()],
        archives: Vec::new(),
    };
    let rule = Clean {
        max_entries: 5,
        ..Clean::default()
    };
    let report = clean(&scope, &rule, Stamp(Stamp::now().0 + 30 * 86_400), true);
    assert!(report.capped);
    assert_eq!(report.removed_entries, 5);
}

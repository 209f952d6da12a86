//! A made-up host in a temporary directory, and the real one.

use argus_probe::{Clock, Probe};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

fn put(root: &Path, path: &str, text: &str) {
    let file = root.join(path);
    fs::create_dir_all(file.parent().expect("a folder")).expect("folder");
    fs::write(file, text).expect("file");
}

fn host() -> tempfile::TempDir {
    let root = tempfile::tempdir().expect("temporary directory");
    let at = root.path();
    put(
        at,
        "proc/stat",
        "cpu  10 0 10 70 10 0 0 0 0 0\ncpu0 5 0 5 35 5 0 0 0 0 0\ncpu1 5 0 5 35 5 0 0 0 0 0\nctxt 1\n",
    );
    put(at, "proc/loadavg", "1.50 2.25 3.00 1/99 4242\n");
    put(
        at,
        "proc/meminfo",
        "MemTotal:  1000 kB\nMemFree: 10 kB\nMemAvailable: 250 kB\nSwapTotal: 400 kB\nSwapFree: 100 kB\n",
    );
    put(at, "proc/vmstat", "pswpin 3\npswpout 4\noom_kill 2\n");
    put(
        at,
        "proc/pressure/memory",
        "some avg10=1.50 avg60=2.00 avg300=0.10 total=77\nfull avg10=0.50 avg60=0.25 avg300=0.00 total=7\n",
    );
    put(
        at,
        "proc/self/mountinfo",
        "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n\
         23 22 0:5 / /proc rw - proc proc rw\n\
         24 22 8:1 /home /bind rw - ext4 /dev/sda1 rw\n\
         25 22 0:44 / /mnt/my\\040disk rw - nfs4 srv:/x rw\n\
         26 22 8:2 / /iso ro - ext4 /dev/sdb rw\n",
    );
    put(at, "proc/sys/kernel/random/boot_id", "b-1\n");
    put(at, "etc/machine-id", "m-1\n");
    put(
        at,
        "proc/77/stat",
        "77 (node) S 1 77 77 0 -1 4194304 1 0 0 0 11 22 0 0 20 0 1 0 987 1000 5 99",
    );
    put(at, "proc/77/cmdline", "/usr/bin/node\0--test\0");
    put(at, "proc/77/environ", "PATH=/bin\0ARGUS_BATCH_ID=b-77\0");
    put(
        at,
        "proc/77/status",
        "Name:\tnode\nUid:\t1000\t1000\t1000\t1000\n",
    );
    put(at, "proc/77/cgroup", "0::/user.slice/a.scope\n");
    symlink("/usr/bin/node", at.join("proc/77/exe")).expect("link");
    put(at, "sys/fs/cgroup/cgroup.controllers", "memory\n");
    put(
        at,
        "sys/fs/cgroup/user.slice/a.scope/memory.current",
        "90\n",
    );
    put(at, "sys/fs/cgroup/user.slice/a.scope/memory.max", "100\n");
    put(
        at,
        "sys/fs/cgroup/user.slice/a.scope/memory.events",
        "low 0\nhigh 0\nmax 5\noom 2\noom_kill 1\noom_group_kill 0\n",
    );
    put(
        at,
        "sys/fs/cgroup/user.slice/a.scope/cpu.max",
        "150000 100000\n",
    );
    root
}

#[test]
fn figures_come_from_the_given_root() {
    let root = host();
    let probe = Probe::new(root.path());
    let cpu = probe.cpu_times().expect("cpu");
    assert_eq!((cpu.busy, cpu.total, probe.cores()), (20, 100, 2));
    assert_eq!(probe.load().expect("load").five, 2.25);
    let memory = probe.memory().expect("memory");
    assert_eq!(memory.used_pct(), 75.0);
    assert_eq!(memory.swap_used_pct(), Some(75.0));
    assert_eq!(probe.vm_events().oom_kills, 2);
    let pressures = probe.pressures();
    assert_eq!(pressures.memory.expect("memory").some.avg10, 1.5);
    assert!(pressures.io.is_none());
    assert_eq!(probe.boot_id().expect("boot id"), "b-1");
    assert_eq!(probe.machine_id().as_deref(), Some("m-1"));
}

#[test]
fn mounts_are_told_apart() {
    let root = host();
    let probe = Probe::new(root.path());
    assert_eq!(probe.mounts().expect("mounts").len(), 5);
    let disks = probe.disks().expect("disks");
    let paths: Vec<_> = disks
        .iter()
        .map(|d| d.path.to_str().expect("text"))
        .collect();
    assert_eq!(paths, ["/", "/mnt/my disk"]);
    assert!(disks[1].is_remote());
    let usage = Probe::live().fs_usage(Path::new("/")).expect("usage");
    assert!(usage.total_bytes > 0 && usage.used_pct() <= 100.0);
}

#[test]
fn a_process_is_known_by_more_than_its_number() {
    let root = host();
    let probe = Probe::new(root.path());
    let all = probe.processes().expect("processes");
    assert_eq!(all.len(), 1);
    let identity = probe.identity(77).expect("identity");
    assert_eq!((identity.start_ticks, identity.uid), (987, 1000));
    assert_eq!(identity.exe, Path::new("/usr/bin/node"));
    assert_eq!(probe.argv(77), ["/usr/bin/node", "--test"]);
    assert_eq!(
        probe.variable(77, "ARGUS_BATCH_ID").as_deref(),
        Some("b-77")
    );
    assert_eq!(probe.variable(77, "BATCH_ID"), None);
    assert!(probe.identity(78).is_none());
}

#[test]
fn limits_and_their_breaches_are_seen() {
    let root = host();
    let probe = Probe::new(root.path());
    let path = probe.cgroup_of(77).expect("a group");
    let group = probe.cgroup(&path).expect("its figures");
    assert_eq!(group.memory_limit_bytes, Some(100));
    assert_eq!(group.cpu_limit, Some(1.5));
    assert_eq!((group.events.oom, group.events.oom_kill), (2, 1));
    assert!(probe.cgroup("/nowhere").is_none());
}

#[test]
fn a_set_clock_is_told_from_passing_time() {
    let earlier = Clock {
        wall_s: 1000.0,
        boot_s: 50.0,
    };
    let later = Clock {
        wall_s: 4610.0,
        boot_s: 60.0,
    };
    assert_eq!(later.jumped_since(&earlier), 3600.0);
}

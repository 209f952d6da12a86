//! What the watchdog costs, beside what the first one did. `make bench SECTIONS=watchdog`.
//!
//! Fails when a budget is broken. Processor time is what the kernel booked for the whole process;
//! processes are counted in a namespace of their own, where the last number given out is the count.

use argus_watchdog::cycle::{Trace, Watchdog};
use argus_watchdog::settings::{Environment, Settings};
use argus_watchdog::stats::stats;
use argus_watchdog::time::Stamp;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const PROGRAM: &str = env!("CARGO_BIN_EXE_argus-watchdog");
const CYCLES: u32 = 40;

struct Line {
    what: &'static str,
    first: &'static str,
    now: f64,
    unit: &'static str,
    budget: f64,
}

fn main() {
    let folder = tempfile::tempdir().expect("folder");
    let mut lines = vec![
        Line {
            what: "healthy cycle, processor time",
            first: "430 ms",
            now: cycle_ms(folder.path()),
            unit: "ms",
            budget: 15.0,
        },
        Line {
            what: "whole `--once`, processor time",
            first: "430 ms",
            now: once_ms(folder.path()),
            unit: "ms",
            budget: 30.0,
        },
        Line {
            what: "`run` after three cycles, memory",
            first: "10 MB",
            now: memory_mb(folder.path()),
            unit: "MB",
            budget: 12.0,
        },
    ];
    if let Some(count) = started(folder.path()) {
        lines.push(Line {
            what: "healthy cycle, processes started",
            first: "87",
            now: count,
            unit: "",
            budget: 0.0,
        });
    }
    let (ms, grown) = registry(folder.path());
    lines.push(Line {
        what: "stats over 100,000 rows",
        first: "3300 ms",
        now: ms,
        unit: "ms",
        budget: 100.0,
    });
    lines.push(Line {
        what: "stats over 100,000 rows, memory",
        first: "120 MB",
        now: grown,
        unit: "MB",
        budget: 2.0,
    });
    println!("{:36} {:>10} {:>10} {:>10}", "", "first", "now", "budget");
    let mut broken = false;
    for line in &lines {
        let mark = if line.now > line.budget { "  OVER" } else { "" };
        broken |= line.now > line.budget;
        let with = |n: f64| format!("{n:.1} {}", line.unit);
        println!(
            "{:36} {:>10} {:>10} {:>10}{mark}",
            line.what,
            line.first,
            with(line.now),
            with(line.budget)
        );
    }
    if broken {
        std::process::exit(1);
    }
}

fn calm(folder: &Path) -> std::path::PathBuf {
    let file = folder.join("watchdog.toml");
    let text = "dry_run = false\n[disk]\nwarn = 100.0\ncritical = 100.0\n[memory]\nwarn = 100.0\ncritical = 100.0\n\
                swap_warn = 100.0\nswap_critical = 100.0\n[pressure]\nmemory = 1000.0\nio = 1000.0\ncpu = 1000.0\nload = 1000.0\n[orphans]\nenabled = false\n";
    fs::write(&file, text).expect("settings");
    file
}

fn command(folder: &Path) -> Command {
    let mut command = Command::new(PROGRAM);
    command
        .env_clear()
        .env("HOME", folder)
        .env("PATH", "/usr/bin:/bin")
        .env("TMUX_TMPDIR", folder);
    command
        .env("ARGUS_STATE_DIR", folder.join("state"))
        .arg("--config")
        .arg(calm(folder))
        .stdout(Stdio::null());
    command
}

/// Ticks of a process: its own, or those of its children that ended.
fn ticks(children: bool) -> u64 {
    let stat = fs::read_to_string("/proc/self/stat").expect("stat");
    let rest = stat.rsplit_once(')').expect("fields").1;
    let fields: Vec<u64> = rest
        .split_whitespace()
        .map(|f| f.parse().unwrap_or(0))
        .collect();
    let first = if children { 13 } else { 11 };
    fields[first] + fields[first + 1]
}

fn cycle_ms(folder: &Path) -> f64 {
    let home = folder.to_str().expect("text");
    let state = folder.join("state-in-process");
    let environment = Environment::of([
        ("HOME", home),
        ("PATH", "/usr/bin:/bin"),
        ("TMUX_TMPDIR", home),
        ("ARGUS_STATE_DIR", state.to_str().expect("text")),
    ]);
    let settings = Settings::load(Some(&calm(folder)), &environment).expect("settings");
    argus_watchdog::state::prepare(&state).expect("state");
    let mut dog = Watchdog::new(
        settings,
        environment,
        probe::Probe::live(),
        Trace::Full,
        false,
    )
    .expect("watchdog");
    dog.cycle().expect("warm");
    let before = ticks(false);
    for _ in 0..CYCLES {
        let outcome = dog.cycle().expect("cycle");
        assert_eq!(
            (outcome.actions, outcome.troubles.len()),
            (0, 0),
            "not a healthy cycle"
        );
    }
    (ticks(false) - before) as f64 * 10.0 / f64::from(CYCLES)
}

fn once_ms(folder: &Path) -> f64 {
    let before = ticks(true);
    for _ in 0..CYCLES {
        assert!(
            command(folder)
                .arg("--once")
                .status()
                .expect("run")
                .success()
        );
    }
    (ticks(true) - before) as f64 * 10.0 / f64::from(CYCLES)
}

fn memory_mb(folder: &Path) -> f64 {
    let mut child = command(folder)
        .env("ARGUS_INTERVAL", "10")
        .arg("run")
        .spawn()
        .expect("run");
    let end = Instant::now() + Duration::from_secs(25);
    let mut peak = 0.0;
    while Instant::now() < end {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let kib = status
            .lines()
            .find_map(|l| l.strip_prefix("VmHWM:"))
            .and_then(|l| l.split_whitespace().next()?.parse::<f64>().ok());
        peak = kib.unwrap_or(0.0).max(peak);
        std::thread::park_timeout(Duration::from_millis(200));
    }
    let _ = child.kill();
    let _ = child.wait();
    peak / 1024.0
}

fn started(folder: &Path) -> Option<f64> {
    // The shell is number 1 and the watchdog number 2; whatever it starts counts on from there.
    let script = format!(
        "HOME='{home}' PATH=/usr/bin:/bin TMUX_TMPDIR='{home}' ARGUS_STATE_DIR='{home}/state' '{PROGRAM}' --config '{home}/watchdog.toml' --once >/dev/null; read last < /proc/sys/kernel/ns_last_pid; echo $last",
        home = folder.display(),
    );
    let out = Command::new("unshare")
        .args(["-U", "-r", "-p", "-f", "--mount-proc", "sh", "-c", &script])
        .output()
        .ok()?;
    let last: f64 = String::from_utf8_lossy(&out.stdout).trim().parse().ok()?;
    Some(last - 2.0)
}

fn registry(folder: &Path) -> (f64, f64) {
    let file = folder.join("problems.jsonl");
    let row = |n: u32| {
        format!(
            "{{\"ts\":\"{}\",\"severity\":\"warning\",\"type\":\"{}\",\"description\":\"Disk / is almost full (9{}.1% used, 3.4 GiB free); somewhat longer than most\",\"action_taken\":\"alert:telegram\",\"action_result\":\"{}\",\"bead_id\":null,\"host\":\"host.example.org\"}}\n",
            Stamp(1_792_000_000 + i64::from(n) * 6),
            ["disk", "memory", "service"][n as usize % 3],
            n % 10,
            ["success", "suppressed"][n as usize % 2],
        )
    };
    fs::write(&file, (0..100_000).map(row).collect::<String>()).expect("registry");
    let rss = || {
        let text = fs::read_to_string("/proc/self/statm").expect("statm");
        text.split_whitespace()
            .nth(1)
            .and_then(|p| p.parse::<f64>().ok())
            .expect("pages")
            * 4096.0
            / 1e6
    };
    let now = Stamp(1_792_000_000 + 600_000);
    let once = || {
        let began = Instant::now();
        assert_eq!(
            stats(&file, &BTreeMap::new(), now, 7)
                .expect("figures")
                .total_problems,
            100_000
        );
        began.elapsed().as_secs_f64() * 1000.0
    };
    let before = rss();
    let mut all: Vec<f64> = (0..7).map(|_| once()).collect();
    all.sort_by(f64::total_cmp);
    (all[3], (rss() - before).max(0.0))
}

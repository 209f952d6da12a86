//! Figures and patterns over registries of any age and state.

use crate::namespace::is_inside;
use crate::trees::settings;
use argus_watchdog::patterns;
use argus_watchdog::registry::last;
use argus_watchdog::stats::stats;
use argus_watchdog::time::Stamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufWriter, Write};

/// A row of the first watchdog.
fn old(ts: &str, kind: &str, action: &str, result: &str, description: &str) -> String {
    json!({"ts": ts, "severity": "warning", "type": kind, "description": description, "action_taken": action,
           "action_result": result, "bead_id": null, "host": "h"}).to_string() + "\n"
}

#[test]
fn figures_have_the_shape_readers_know() {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("problems.jsonl");
    let rows = [
        old(
            "2026-02-20T13:10:00Z",
            "disk",
            "clean_disk:safelist",
            "success",
            "a",
        ),
        old(
            "2026-02-20T13:59:59Z",
            "disk",
            "alert:telegram",
            "failure",
            "b",
        ),
        old(
            "2026-02-21T00:00:00Z",
            "service",
            "restart_service:x",
            "skipped",
            "c",
        ),
        old(
            "2020-01-01T00:00:00Z",
            "disk",
            "alert:telegram",
            "success",
            "too old",
        ),
        "{\"no\":\"row at all\"}\n".to_owned(),
        "{\"ts\":\"2026-02-2".to_owned(),
    ];
    fs::write(&file, rows.concat()).expect("registry");
    let tally = BTreeMap::from([("2026-02-20".to_owned(), [3, 1])]);
    let now = Stamp::parse("2026-02-21T12:00:00Z").expect("instant");
    let figures =
        serde_json::to_value(stats(&file, &tally, now, 7).expect("figures")).expect("JSON");
    let expected = json!({
        "generated_at": "2026-02-21T12:00:00Z", "window_days": 7, "total_problems": 3,
        "by_type": {"disk": 2, "service": 1}, "by_severity": {"warning": 3},
        "action_results": {"success": 1, "failure": 1, "skipped": 1},
        "action_success_rate": 1.0 / 3.0 * 100.0,
        "hourly": [{"bucket": "2026-02-20T13:00Z", "count": 2}, {"bucket": "2026-02-21T00:00Z", "count": 1}],
        "daily": [{"bucket": "2026-02-20", "count": 2}, {"bucket": "2026-02-21", "count": 1}],
        "unreadable_lines": 1,
        "recovery": {"recovered": 3, "escalated": 1, "score_pct": 75.0},
    });
    assert_eq!(figures, expected);
    let newest = last(&file, 2, |_| true).expect("rows");
    assert_eq!(newest.len(), 2);
    let none =
        stats(&folder.path().join("none"), &BTreeMap::new(), now, 7).expect("no registry yet");
    assert_eq!((none.total_problems, none.action_success_rate), (0, 0.0));
}

#[test]
fn what_comes_back_is_found_and_reported_once_a_day() {
    let folder = tempfile::tempdir().expect("folder");
    let settings = settings(folder.path(), "");
    let now = Stamp::parse("2026-02-21T12:00:00Z").expect("instant");
    let mut rows = String::new();
    for hour in [1, 2, 3] {
        rows += &old(
            &format!("2026-02-20T0{hour}:00:00Z"),
            "service",
            "restart_service:x",
            "success",
            "r",
        );
        rows += &old(
            &format!("2026-02-2{}T05:00:00Z", hour.min(1)),
            "disk",
            "alert:telegram",
            "success",
            "d",
        );
        let hog = format!("Memory; hog_process=python3,hog_pid={hour},hog_rss_kb=1");
        rows += &old(
            &format!("2026-02-20T0{}:30:00Z", hour + 5),
            "memory",
            "alert:telegram",
            "success",
            &hog,
        );
    }
    rows += &old(
        "2026-02-19T05:00:00Z",
        "disk",
        "alert:telegram",
        "success",
        "d",
    );
    fs::write(&settings.files.problems, rows).expect("registry");
    let found = patterns::analyse(&settings, now).expect("patterns");
    let ids: Vec<&str> = found.patterns.iter().map(|p| p.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "service-restarts-2026-02-20",
            "disk-pressure-trend",
            "memory-hog-python3",
            "time-correlation-05"
        ]
    );
    assert_eq!(
        found.patterns[3].data,
        json!({"hour_utc": "05", "count": 4})
    );
    let compact = serde_json::to_string(&found.patterns).expect("JSON") + "\n";
    assert_eq!(
        found.signature(),
        argus_watchdog::text::hash(compact.as_bytes())
    );
    assert!(
        patterns::detect(&settings, None, now)
            .expect("report")
            .contains("4 patterns")
    );
    assert!(
        patterns::detect(&settings, None, now)
            .expect("report")
            .contains("already")
    );
    let tomorrow = Stamp(now.0 + 86_400);
    patterns::detect(&settings, None, tomorrow).expect("report");
    let log = fs::read_to_string(&settings.patterns.log_file).expect("log");
    let lines: Vec<Value> = log
        .lines()
        .map(|l| serde_json::from_str(l).expect("one per line"))
        .collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["pattern_count"], 4);
}

#[test]
fn a_long_registry_needs_no_more_memory_than_a_short_one() {
    // Inside: a process of its own, in which nothing else takes memory.
    if !is_inside("records::a_long_registry_needs_no_more_memory_than_a_short_one") {
        return;
    }
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("problems.jsonl");
    let line = old(
        "2026-02-20T13:10:00Z",
        "disk",
        "alert:telegram",
        "success",
        &"x".repeat(100),
    );
    let now = Stamp::parse("2026-02-21T00:00:00Z").expect("instant");
    let peak_after = |rows: u64| {
        let mut out = BufWriter::new(fs::File::create(&file).expect("registry"));
        (0..rows).for_each(|_| out.write_all(line.as_bytes()).expect("row"));
        drop(out);
        let figures = stats(&file, &BTreeMap::new(), now, 7).expect("figures");
        assert_eq!(figures.total_problems, rows);
        let status = fs::read_to_string("/proc/self/status").expect("status");
        let peak = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
        let kib = peak.and_then(|l| l.split_whitespace().next()?.parse::<u64>().ok());
        kib.expect("a number")
    };
    let short = peak_after(1000);
    let long = peak_after(100_000);
    assert!(
        long - short < 1000,
        "{short} KiB, then {long} KiB for 25 MB"
    );
}

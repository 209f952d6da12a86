//! What the disk does to events.

use super::*;
use std::fs;
use std::path::Path;

const MB: u64 = 1024 * 1024;

fn spool(dir: &Path) -> Spool {
    Spool::new(Home::new(dir, Label::default()), 1024 * MB)
}

fn event(kind: &str, number: usize) -> String {
    format!("{{\"event_type\":\"{kind}\",\"n\":{number}}}\n")
}

fn all(spool: &mut Spool) -> Vec<String> {
    let mut found = Vec::new();
    while let Some(batch) = spool.peek(500, 1 << 20) {
        assert!(batch.lines.len() <= 500);
        found.extend(
            batch
                .lines
                .iter()
                .map(|l| String::from_utf8_lossy(l).into_owned() + "\n"),
        );
        spool.done(&batch);
    }
    found
}

#[test]
fn what_was_not_sent_is_there_for_the_next_process() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut first = spool(dir.path());
    let events: Vec<String> = (0..1200).map(|n| event("job_epoch", n)).collect();
    first.append(events.concat().as_bytes());
    let batch = first.peek(500, 1 << 20).expect("events");
    assert_eq!(batch.lines.len(), 500);
    first.put_back();
    let path = first.path().expect("a folder");
    assert!(Home::take_over(&path).is_none(), "its owner lives");
    drop(first);
    let home = Home::take_over(&path).expect("free");
    let mut second = Spool::reopen(home, MB).expect("opened");
    assert_eq!(all(&mut second), events);
    assert!(second.close());
    assert!(!path.exists());
}

#[test]
fn torn_and_damaged_lines_are_skipped() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut first = spool(dir.path());
    let events: Vec<String> = (0..4).map(|n| event("log_line", n)).collect();
    first.append(events.concat().as_bytes());
    let path = first.path().expect("a folder");
    drop(first);
    let file = path.join("00000001.seg");
    let mut bytes = fs::read(&file).expect("read");
    let second = bytes.iter().position(|b| *b == b'\n').expect("a line") + 20;
    bytes[second] ^= 1;
    bytes.truncate(bytes.len() - 5);
    fs::write(&file, bytes).expect("written");
    let mut again = Spool::reopen(Home::take_over(&path).expect("free"), MB).expect("opened");
    assert_eq!(all(&mut again), [events[0].clone(), events[2].clone()]);
    assert_eq!(again.losses.damaged, 2);
}

#[test]
fn room_is_made_by_dropping_the_oldest_detail_but_no_lifecycle_event() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut spool = Spool::new(Home::new(dir.path(), Label::default()), 6 * MB);
    let padding = "x".repeat(1000);
    let mut lifecycle = 0;
    for n in 0..12_000 {
        let kind = match n % 100 {
            0 => "job_start",
            1 => "job_done",
            2..50 => "log_line",
            _ => "job_epoch",
        };
        lifecycle += usize::from(n % 100 < 2);
        spool.append(
            format!("{{\"event_type\":\"{kind}\",\"n\":{n},\"p\":\"{padding}\"}}\n").as_bytes(),
        );
    }
    assert!(spool.bytes() <= 7 * MB, "{}", spool.bytes());
    assert!(spool.losses.thinned > 0);
    let kept = all(&mut spool);
    let count = |kind: &str| kept.iter().filter(|line| line.contains(kind)).count();
    assert_eq!(count("job_start") + count("job_done"), lifecycle);
    assert_eq!(kept.len() + spool.losses.thinned as usize, 12_000);
    assert!(
        kept.last().is_some_and(|line| line.contains("\"n\":11999")),
        "the newest stay"
    );
}

#[test]
fn without_a_disk_events_stay_in_memory() {
    let dir = tempfile::tempdir().expect("a folder");
    let blocked = dir.path().join("file");
    fs::write(&blocked, "").expect("written");
    let mut spool = spool(&blocked);
    let events: Vec<String> = (0..3).map(|n| event("job_epoch", n)).collect();
    for event in &events {
        spool.append(event.as_bytes());
    }
    assert!(spool.disk_error.is_some());
    fs::remove_file(&blocked).expect("removed");
    spool.append(event("job_done", 3).as_bytes());
    assert!(spool.path().is_some(), "there is a disk again");
    assert_eq!(all(&mut spool).len(), 4);
}

#[test]
fn files_of_the_original_become_events_of_the_spool() {
    let dir = tempfile::tempdir().expect("a folder");
    let long: String = (0..1200).map(|n| format!("{{\"n\": {n}}}\n")).collect();
    fs::write(
        dir.path().join("spill-1-1.jsonl"),
        long + "{\"n\": NaN}\n{\"torn",
    )
    .expect("written");
    fs::write(dir.path().join("spill-1-2.jsonl.draining"), "{\"n\": 1}\n").expect("written");
    let mut spool = spool(dir.path());
    assert_eq!(adopt_legacy(dir.path(), &mut spool).expect("adopted"), 1201);
    assert_eq!(spool.losses.damaged, 1);
    let events = all(&mut spool);
    assert_eq!(
        (events.len(), events[1200].as_str()),
        (1201, "{\"n\": \"NaN\"}\n")
    );
    let left: Vec<_> = fs::read_dir(dir.path())
        .expect("listed")
        .flatten()
        .collect();
    assert_eq!(
        left.len(),
        2,
        "the young .draining file may have an owner: {left:?}"
    );
}

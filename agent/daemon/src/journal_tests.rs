//! The journal after crashes, on full disks, and over years.

use super::*;
use proptest::prelude::*;

fn record(cmd: &str, phase: Phase) -> Record {
    Record {
        cmd: cmd.to_owned(),
        batch_id: "rerun-1".to_owned(),
        phase,
        argv: vec!["python".to_owned(), "träin.py".to_owned()],
        cwd: "/home/me".to_owned(),
        gpus: Vec::new(),
        process: None,
        acked: false,
        started_at: None,
        stop: None,
        end: None,
        refusal: None,
    }
}

#[test]
fn the_last_line_of_a_command_counts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let (mut journal, found) = Journal::open(&path, 0).unwrap();
    assert!(found.is_empty());
    for phase in [Phase::Received, Phase::Spawning, Phase::Spawned] {
        journal.write(&record("a", phase), 1).unwrap();
    }
    journal.write(&record("b", Phase::Done), 1).unwrap();
    let (_, found) = Journal::open(&path, 2).unwrap();
    assert_eq!(
        found,
        [record("a", Phase::Spawned), record("b", Phase::Done)]
    );
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn it_does_not_grow_for_ever_and_forgets_only_what_is_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let (mut journal, _) = Journal::open(&path, 0).unwrap();
    journal.write(&record("living", Phase::Acked), 0).unwrap();
    for i in 0..200 {
        journal
            .write(&record(&format!("old-{i}"), Phase::Done), 0)
            .unwrap();
    }
    journal
        .write(&record("young", Phase::Done), REMEMBERED_S)
        .unwrap();
    drop(journal);
    let before = std::fs::metadata(&path).unwrap().len();
    let (mut journal, found) = Journal::open(&path, REMEMBERED_S + 10).unwrap();
    assert_eq!(
        found,
        [record("living", Phase::Acked), record("young", Phase::Done)]
    );
    assert!(std::fs::metadata(&path).unwrap().len() < before / 10);
    journal
        .write(&record("next", Phase::Received), REMEMBERED_S)
        .unwrap();
    let (_, found) = Journal::open(&path, REMEMBERED_S + 10).unwrap();
    assert_eq!(found.len(), 3);
}

#[test]
fn a_newer_form_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    std::fs::write(&path, "{\"v\":2,\"new\":true}\n").unwrap();
    assert!(matches!(
        Journal::open(&path, 0),
        Err(JournalError::Newer(_, 2))
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_crash_at_any_byte_loses_at_most_the_line_it_cut(phases in prop::collection::vec(0usize..5, 1..8), cut in 0usize..4000) {
        let all = [Phase::Received, Phase::Spawning, Phase::Spawned, Phase::Acked, Phase::Exited];
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let (mut journal, _) = Journal::open(&path, 0).unwrap();
        let mut ends = vec![0];
        for phase in &phases {
            journal.write(&record("a", all[*phase]), 1).unwrap();
            ends.push(journal.len as usize);
        }
        let bytes = std::fs::read(&path).unwrap();
        let cut = cut.min(bytes.len());
        std::fs::write(&path, &bytes[..cut]).unwrap();
        let whole = ends.iter().filter(|end| **end <= cut).count() - 1;
        let (mut journal, found) = Journal::open(&path, 2).unwrap();
        let expected: Vec<_> = phases[..whole].last().map(|p| record("a", all[*p])).into_iter().collect();
        prop_assert_eq!(found, expected);
        journal.write(&record("b", Phase::Received), 2).unwrap();
        let (_, found) = Journal::open(&path, 2).unwrap();
        prop_assert!(found.contains(&record("b", Phase::Received)));
    }
}

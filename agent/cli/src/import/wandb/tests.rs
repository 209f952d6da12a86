//! A file written by the wandb client 0.31 in offline mode; see `fixtures/make.py`.

use super::*;
use crate::import::model::Outcome;
use std::path::PathBuf;

const RUN: &str = "fixtures/wandb/offline-run-20231114_221320-r1run/run-r1run.wandb";

fn load(path: &str) -> Batch {
    let asked = Asked {
        path: PathBuf::from(path),
        project: None,
    };
    let mut loads = find(&asked).expect("runs");
    assert_eq!(loads.len(), 1);
    loads.remove(0)().expect("readable")
}

#[test]
fn a_run_keeps_its_name_config_tags_and_notes() {
    let batch = load("fixtures/wandb");
    assert_eq!(
        (batch.id.as_str(), batch.project.as_str()),
        ("wandb-r1run", "mnist")
    );
    assert_eq!(batch.name.as_deref(), Some("first try"));
    assert_eq!(batch.notes.as_deref(), Some("a note"));
    assert_eq!(batch.tags, ["cnn", "small", "group:sweep-a"]);
    let params = &batch.jobs[0].params;
    assert_eq!(params["lr"], 0.01);
    assert_eq!(params["model"]["depth"], 3);
    assert!(batch.damage.is_empty());
}

#[test]
fn history_summary_and_console_are_read() {
    let batch = load(RUN);
    let job = &batch.jobs[0];
    assert_eq!(job.points.len(), 7);
    assert!((job.points[&3].values["train/loss"] - 0.25).abs() < 1e-12);
    assert_eq!(job.points[&3].values["nested.a"], 3.0);
    assert!(job.points[&6].values["train/loss"].is_nan());
    assert_eq!(job.summary["best"], 0.9);
    assert_eq!(job.outcome, Outcome::Done);
    let lines: Vec<&str> = job.lines.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(lines, ["epoch 0", "epoch 1"]);
}

#[test]
fn a_run_that_was_killed_is_read_as_far_as_it_was_written() {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("run-x.wandb");
    let whole = fs::read(RUN).expect("bytes");
    let read = |bytes: &[u8]| {
        fs::write(&file, bytes).expect("written");
        load(&file.display().to_string())
    };
    let cut = read(&whole[..whole.len() / 2]);
    assert_eq!(cut.jobs[0].outcome, Outcome::Running);
    assert!(cut.damage.is_empty() && !cut.jobs[0].points.is_empty());
    let mut bent = whole.clone();
    let middle = bent.len() / 2;
    bent[middle] ^= 1;
    assert_eq!(read(&bent).damage.len(), 1);
}

//! Files written by tensorboardX and TensorBoard itself; see `fixtures/make.py`.

use super::*;
use crate::import::model::Batch;
use crate::moment::Moment;

fn asked(path: &str) -> Asked {
    Asked {
        path: PathBuf::from(path),
        project: Some("demo".to_owned()),
    }
}

fn load() -> Batch {
    let mut loads = find(&asked("fixtures/tensorboard")).expect("event files");
    assert_eq!(loads.len(), 1);
    loads.remove(0)().expect("readable")
}

#[test]
fn scalars_of_every_folder_become_a_job() {
    let batch = load();
    let ids: Vec<&str> = batch.jobs.iter().map(|job| job.id.as_str()).collect();
    assert_eq!(ids, ["lr_0.01", "lr_0.1", "tf2"]);
    assert!(batch.damage.is_empty(), "{:?}", batch.damage);
    let job = &batch.jobs[1];
    assert_eq!(job.points.len(), 5);
    let at_two = &job.points[&2];
    assert_eq!(at_two.at, Moment(1_700_000_002_000));
    assert!((at_two.values["loss/train"] - (1.0 / 3.0 + 0.1)).abs() < 1e-6);
    assert!(job.points[&4].values["loss/val"].is_nan());
}

#[test]
fn scalars_written_as_tensors_are_read_too() {
    let batch = load();
    let values: Vec<f64> = batch.jobs[2]
        .points
        .values()
        .map(|p| p.values["epoch_loss"])
        .collect();
    assert_eq!(values, [2.0, 1.5, 1.0]);
}

#[test]
fn hyper_parameters_are_found() {
    let params = &load().jobs[1].params;
    assert_eq!(params["opt"], "adam");
    assert_eq!(params["bsize"], 16.0);
}

#[test]
fn a_file_still_being_written_is_read_as_far_as_it_goes_and_damage_is_named() {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("events.out.tfevents.1.x");
    let whole = walk::files(Path::new("fixtures/tensorboard/tf2"), |_| true).expect("files");
    let whole = fs::read(&whole[0]).expect("bytes");
    let read = |bytes: &[u8]| {
        fs::write(&file, bytes).expect("written");
        let mut loads = find(&asked(&folder.path().display().to_string())).expect("found");
        let batch = loads.remove(0)().expect("readable");
        (
            batch.jobs.first().map_or(0, |job| job.points.len()),
            batch.damage.len(),
        )
    };
    assert_eq!(read(&whole), (3, 0));
    assert_eq!(read(&whole[..whole.len() - 3]), (2, 0));
    let mut bent = whole.clone();
    let last = bent.len() - 10;
    bent[last] ^= 1;
    assert_eq!(read(&bent), (2, 1));
}

//! Directories that cannot be opened are told apart.

use std::path::Path;

use argus_engine_dynamodb::{Engine, Location, OpenError};
use rusqlite::Connection;

fn open(directory: &Path) -> Result<Engine, OpenError> {
    Engine::open(Location::Dir(directory.to_owned()))
}

#[test]
fn a_directory_that_cannot_be_made_is_unwritable() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    let refused = open(&file.join("below")).unwrap_err();
    assert!(matches!(refused, OpenError::Unwritable { .. }), "{refused}");
}

#[test]
fn a_file_that_is_no_database_is_corrupted_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("dynamodb.sqlite");
    std::fs::write(&file, "this is no database at all, sorry").unwrap();
    let refused = open(dir.path()).unwrap_err();
    assert!(matches!(refused, OpenError::Corrupted { .. }), "{refused}");
    assert!(std::fs::read(&file).unwrap().starts_with(b"this is no"));
}

#[test]
fn a_file_of_a_newer_version_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    open(dir.path()).unwrap().close();
    let file = Connection::open(dir.path().join("dynamodb.sqlite")).unwrap();
    let newer = "UPDATE _config SET value = '9999' WHERE key = 'schema_version'";
    assert_eq!(file.execute(newer, []).unwrap(), 1);
    drop(file);
    let refused = open(dir.path()).unwrap_err();
    assert!(matches!(refused, OpenError::Newer { .. }), "{refused}");
}

#[test]
fn a_directory_has_one_engine_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let first = open(dir.path()).unwrap();
    let client = first.client();
    let refused = open(dir.path()).unwrap_err();
    assert!(matches!(refused, OpenError::InUse { .. }), "{refused}");
    first.close();
    // A client that is still around does not keep the directory.
    open(dir.path()).unwrap();
    drop(client);
}

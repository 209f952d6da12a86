//! Moving in from the original Argus: a database as its version 0.3 makes it, with runs it still has
//! the events of and runs it only remembers.

use argus_local::original::{OriginalError, move_in};
use domain::account::User;
use rusqlite::Connection;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use test_kit::app::Setup;
use test_kit::{Actor, TestApp};

const TABLES: &str = "
CREATE TABLE user (id INTEGER PRIMARY KEY, username TEXT, email TEXT, password_hash TEXT, is_active BOOLEAN,
  is_admin BOOLEAN, email_verified BOOLEAN, created_at TEXT, last_login TEXT, preferred_locale TEXT, github_id TEXT, github_login TEXT);
CREATE TABLE batch (id TEXT PRIMARY KEY, experiment_type TEXT, project TEXT, user TEXT, host TEXT, command TEXT, n_total INTEGER,
  n_done INTEGER, n_failed INTEGER, status TEXT, start_time TEXT, end_time TEXT, owner_id INTEGER, is_deleted BOOLEAN, env_snapshot_json TEXT);
CREATE TABLE job (id TEXT, batch_id TEXT, model TEXT, dataset TEXT, status TEXT, start_time TEXT, end_time TEXT, elapsed_s INTEGER,
  metrics TEXT, extra TEXT, is_deleted BOOLEAN, PRIMARY KEY (id, batch_id));
CREATE TABLE event (id INTEGER PRIMARY KEY, batch_id TEXT, job_id TEXT, event_type TEXT, timestamp TEXT, schema_version TEXT, data TEXT, event_id TEXT);
CREATE TABLE resource_snapshot (id INTEGER PRIMARY KEY, host TEXT, timestamp TEXT, gpu_util_pct REAL, ram_mb REAL, batch_id TEXT, extra TEXT);
CREATE TABLE system_config (\"group\" TEXT, key TEXT, value_json TEXT, encrypted BOOLEAN, description TEXT, updated_by INTEGER, updated_at TEXT);";

const ROWS: &str = "
INSERT INTO batch VALUES ('live', 'forecast', 'proj', 'ann', 'gpu-1', 'python train.py', 2, 1, 0, 'running', '2026-11-20T10:00:00Z', NULL, 2, 0, NULL);
INSERT INTO batch VALUES ('old', 'forecast', 'proj', 'ann', 'gpu-1', 'python old.py', 2, 1, 1, 'done', '2026-01-02T10:00:00Z', '2026-01-02T12:00:00Z', 2, 0, '{\"git_sha\": \"8ae3f1c\"}');
INSERT INTO batch VALUES ('nobodys', NULL, 'proj', NULL, NULL, NULL, NULL, 0, 0, 'running', '2026-11-19T10:00:00Z', NULL, NULL, 0, NULL);
INSERT INTO batch VALUES ('gone', NULL, 'proj', NULL, NULL, NULL, NULL, 0, 0, 'done', '2026-11-19T10:00:00Z', NULL, 2, 1, NULL);
INSERT INTO job VALUES ('j1', 'live', 'mlp', 'etth1', 'done', '2026-11-20T10:00:01Z', '2026-11-20T11:00:00Z', 3599, '{\"MSE\": 0.25}', NULL, 0);
INSERT INTO job VALUES ('j2', 'live', 'mlp', 'ettm1', 'running', '2026-11-20T10:00:02Z', NULL, NULL, NULL, NULL, 0);
INSERT INTO job VALUES ('a', 'old', 'lstm', 'etth1', 'done', '2026-01-02T10:00:01Z', '2026-01-02T11:00:00Z', 3599, '{\"MSE\": 0.5}', NULL, 0);
INSERT INTO job VALUES ('b', 'old', 'tcn', 'etth1', 'failed', '2026-01-02T10:00:01Z', '2026-01-02T11:30:00Z', 5399, NULL, NULL, 0);
INSERT INTO job VALUES ('dropped', 'old', 'tcn', 'etth1', 'done', '2026-01-02T10:00:01Z', NULL, NULL, NULL, NULL, 1);
INSERT INTO event VALUES (1, 'live', NULL, 'batch_start', '2026-11-20T10:00:00Z', '1.1', '{\"experiment_type\": \"forecast\", \"n_total_jobs\": 2}', 'e-1');
INSERT INTO event VALUES (2, 'live', 'j1', 'job_start', '2026-11-20T10:00:01Z', '1.1', '{\"model\": \"mlp\", \"dataset\": \"etth1\"}', 'e-2');
INSERT INTO event VALUES (3, 'live', 'j1', 'job_epoch', '2026-11-20T10:01:00Z', '1.1', '{\"epoch\": 0, \"val_loss\": 0.5}', 'e-3');
INSERT INTO event VALUES (4, 'live', 'j1', 'job_epoch', '2026-11-20T10:02:00Z', '1.0', '{\"epoch\": 1, \"val_loss\": NaN}', NULL);
INSERT INTO event VALUES (5, 'live', 'j1', 'log_line', '2026-11-20T10:02:01Z', '1.1', '{\"line\": \"hello\", \"level\": \"info\"}', 'e-5');
INSERT INTO event VALUES (6, 'live', NULL, 'batch_stop_requested', '2026-11-20T10:03:00Z', '1.1', '{}', 'e-6');
INSERT INTO event VALUES (7, 'live', NULL, 'resource_snapshot', '2026-11-20T10:04:00Z', '1.1', '{\"gpu_util_pct\": 93.0}', 'e-7');
INSERT INTO event VALUES (8, 'live', 'j1', 'job_done', '2026-11-20T11:00:00Z', '1.1', '{\"status\": \"DONE\", \"elapsed_s\": 3599, \"metrics\": {\"MSE\": 0.25}}', 'e-8');
INSERT INTO resource_snapshot VALUES (1, 'gpu-1', '2026-11-20T10:04:00Z', 93.0, NULL, 'live', NULL);
INSERT INTO resource_snapshot VALUES (2, 'gpu-1', '2026-11-20T10:05:00Z', 90.0, 64000.0, 'live', NULL);
INSERT INTO system_config VALUES ('retention', 'log_line_days', '21', 0, NULL, 1, '2026-05-01T10:00:00Z');
INSERT INTO system_config VALUES ('oauth', 'github_client_secret', '\"gAAAA\"', 1, NULL, 1, '2026-05-01T10:00:00Z');";

fn original(folder: &Path) -> PathBuf {
    let path = folder.join("argus.db");
    let database = Connection::open(&path).expect("made");
    database.execute_batch(TABLES).expect("tables");
    let people = "INSERT INTO user VALUES (?1, ?2, ?3, ?4, 1, ?5, 1, '2026-01-01T10:00:00Z', NULL, 'zh-CN', ?6, ?2)";
    let hash = auth::password::hash("correct-horse-7", [7; 16]);
    for (id, name, admin, github) in [(2, "ann", false, Some("4711")), (3, "root", true, None)] {
        let email = format!("{name}@Example.com");
        let row = (id, name, email, &hash, admin, github);
        database.execute(people, row).expect("a user");
    }
    database.execute_batch(ROWS).expect("rows");
    path
}

async fn place() -> TestApp {
    TestApp::with(argus_local::mount::routes(), Setup::default()).await
}

async fn user(app: &TestApp, name: &str) -> User {
    let found = app.services.store.user_by_name(name).await.expect("asked");
    found.expect("moved").value
}

async fn list(reader: &Actor, path: &str, field: &str) -> Vec<Value> {
    let found = reader.get(path).await.ok(200);
    let found = found.as_array().expect("a list").iter();
    found.map(|entry| entry[field].clone()).collect()
}

#[tokio::test]
async fn everything_moves_in_and_is_counted_again() {
    let folder = tempfile::tempdir().expect("a directory");
    let file = original(folder.path());
    let app = place().await;
    let moved = move_in(&app.services, &file, false)
        .await
        .expect("moved in");
    let told = moved.to_string();
    assert!(told.starts_with("2 users, 3 batches, 4 jobs, "), "{told}");
    assert!(told.contains("1 settings; counted again"), "{told}");
    assert!(told.contains("1 deleted batches stayed behind"), "{told}");
    assert!(
        told.contains("github_client_secret was left behind"),
        "{told}"
    );

    let (ann, root) = (user(&app, "ann").await, user(&app, "root").await);
    assert!(root.is_admin && !ann.is_admin && ann.email_verified);
    assert_eq!(
        (ann.email.as_str(), ann.locale.as_str()),
        ("ann@example.com", "zh-CN")
    );
    assert_eq!(ann.links[0].subject, "4711");
    let login = json!({"username_or_email": "ann", "password": "correct-horse-7"});
    app.anonymous()
        .post("/api/auth/login", &login)
        .await
        .ok(200);

    let reader = app.session(&ann).await;
    let live = reader.get("/api/batches/live").await.ok(200);
    assert_eq!(
        (&live["status"], &live["n_done"]),
        (&json!("running"), &json!(1))
    );
    assert_eq!(
        list(&reader, "/api/jobs/live/j1/epochs", "epoch").await,
        [0, 1]
    );
    assert_eq!(
        list(&reader, "/api/batches/live/log-lines", "line").await,
        ["hello"]
    );
    let snapshots = reader.get("/api/batches/live/resources").await.ok(200);
    let points = snapshots["snapshots"].as_array().map(Vec::len);
    assert_eq!(
        points,
        Some(2),
        "the one kept twice is there once: {snapshots}"
    );

    // Only its rows were left of this one.
    let old = reader.get("/api/batches/old").await.ok(200);
    assert_eq!(
        (&old["status"], &old["n_done"], &old["n_failed"]),
        (&json!("done"), &json!(1), &json!(1))
    );
    assert_eq!(
        list(&reader, "/api/batches/old/jobs", "status").await,
        ["done", "failed"]
    );
    assert_eq!(reader.get("/api/batches/gone").await.status, 404);
    assert_eq!(reader.get("/api/batches/nobodys").await.status, 404);
    app.session(&root)
        .await
        .get("/api/batches/nobodys")
        .await
        .ok(200);
}

#[tokio::test]
async fn moving_in_again_adds_nothing() {
    let folder = tempfile::tempdir().expect("a directory");
    let file = original(folder.path());
    let app = place().await;
    let first = move_in(&app.services, &file, false)
        .await
        .expect("moved in");
    let refused = move_in(&app.services, &file, false).await;
    assert!(matches!(refused, Err(OriginalError::NotEmpty)));
    let second = move_in(&app.services, &file, true).await.expect("again");
    assert_eq!(first.to_string(), second.to_string());
    let reader = app.session(&user(&app, "ann").await).await;
    assert_eq!(
        list(&reader, "/api/jobs/live/j1/epochs", "epoch").await,
        [0, 1]
    );
}

#[tokio::test]
async fn other_files_are_refused() {
    let folder = tempfile::tempdir().expect("a directory");
    let app = place().await;
    let missing = move_in(&app.services, &folder.path().join("none.db"), false).await;
    assert!(matches!(missing, Err(OriginalError::File(..))));
    let foreign = folder.path().join("foreign.db");
    let database = Connection::open(&foreign).expect("made");
    database
        .execute_batch("CREATE TABLE user (id INTEGER)")
        .expect("a table");
    let refused = move_in(&app.services, &foreign, false).await;
    assert!(matches!(refused, Err(OriginalError::Foreign(_, "batch"))));
    assert!(app.services.store.table.is_empty().await.expect("asked"));
}

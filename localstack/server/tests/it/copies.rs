//! Backups of a directory that is served, and moves from one place to another.

use crate::process::{Server, command, get, post};
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// A command of the program under test.
fn argus(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_argus-local"));
    command.args(arguments).env_remove("ARGUS_JWT_SECRET");
    command.output().expect("runs")
}

fn done(arguments: &[&str]) -> String {
    let output = argus(arguments);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments:?}: {told}");
    String::from_utf8(output.stdout).expect("text")
}

fn refused(arguments: &[&str], code: i32) -> String {
    let output = argus(arguments);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}");
    String::from_utf8(output.stderr).expect("text")
}

fn text(path: &Path) -> &str {
    path.to_str().expect("text")
}

fn event(kind: &str, batch: &str, id: u64, data: &Value) -> Value {
    json!({
        "event_id": format!("{batch}-{kind}-{id:08}"), "schema_version": "1.1", "event_type": kind,
        "timestamp": "2026-11-21T04:20:39Z", "batch_id": batch, "job_id": "j",
        "source": {"project": "proj", "host": "vm", "user": "alice"}, "data": data,
    })
}

/// Reports a batch with some epochs and a file.
fn report(host: &str, token: &str, batch: &str, epochs: u64) {
    let mut events = vec![event("batch_start", batch, 0, &json!({"n_total_jobs": 1}))];
    events.push(event("job_start", batch, 0, &json!({"model": "m"})));
    for epoch in 0..epochs {
        let data = json!({"epoch": epoch, "val_loss": 0.5});
        events.push(event("job_epoch", batch, epoch, &data));
    }
    let answer = post(host, "/api/events/batch", token, &json!({"events": events}));
    assert_eq!(answer.expect("an answer").0, 200);
}

/// What the API says of everything.
fn answers(host: &str, session: &str, batches: &[&str]) -> Vec<Value> {
    let mut paths = vec!["/api/batches".to_owned(), "/api/projects".to_owned()];
    for batch in batches {
        paths.push(format!("/api/batches/{batch}/jobs"));
        paths.push(format!("/api/jobs/{batch}/j/epochs"));
    }
    let answer = |path: &String| {
        let (status, answer) = get(host, path, session);
        assert_eq!(status, 200, "{path}");
        answer
    };
    paths.iter().map(answer).collect()
}

#[test]
fn a_backup_taken_while_scripts_report_is_a_whole_installation() {
    let place = tempfile::tempdir().expect("a directory");
    let (data, file) = (place.path().join("data"), place.path().join("copy.zip"));
    let server = Server::start(&data);
    let (session, token) = server.account("alice");
    report(&server.host, &token, "before", 20);
    let expected = answers(&server.host, &session, &["before"]);
    let stop = Arc::new(AtomicBool::new(false));
    let written = Arc::new(AtomicU64::new(0));
    let writer = {
        let (stop, written) = (Arc::clone(&stop), Arc::clone(&written));
        let (host, token) = (server.host.clone(), token.clone());
        std::thread::spawn(move || {
            while !stop.load(Ordering::SeqCst) {
                let number = written.load(Ordering::SeqCst);
                report(&host, &token, &format!("during-{number}"), 3);
                written.fetch_add(1, Ordering::SeqCst);
            }
        })
    };
    while written.load(Ordering::SeqCst) < 3 {
        std::thread::yield_now();
    }
    let known = written.load(Ordering::SeqCst);
    let told = done(&["backup", text(&file), "--data", text(&data)]);
    assert!(told.contains("bytes"), "{told}");
    stop.store(true, Ordering::SeqCst);
    writer.join().expect("wrote");
    server.kill();
    let copy = place.path().join("restored");
    done(&["restore", text(&file), "--data", text(&copy)]);
    // The keys of the machine came along: sessions and tokens still hold.
    let server = Server::start(&copy);
    let again = answers(&server.host, &session, &["before"]);
    assert_eq!(again[2..], expected[2..]);
    for number in 0..known {
        let path = format!("/api/jobs/during-{number}/j/epochs");
        let (status, epochs) = get(&server.host, &path, &session);
        assert_eq!((status, epochs.as_array().map(Vec::len)), (200, Some(3)));
    }
    report(&server.host, &token, "after", 1);
    server.terminate();
}

#[test]
fn a_restore_replaces_nothing_it_was_not_asked_to() {
    let place = tempfile::tempdir().expect("a directory");
    let (data, file) = (place.path().join("data"), place.path().join("copy.zip"));
    let nothing = refused(&["backup", text(&file), "--data", text(&data)], 4);
    assert!(nothing.contains("no data directory"), "{nothing}");
    let server = Server::start(&data);
    let (session, token) = server.account("alice");
    report(&server.host, &token, "b", 2);
    done(&["backup", text(&file), "--data", text(&data)]);
    report(&server.host, &token, "later", 2);
    let restore = ["restore", text(&file), "--data", text(&data)];
    let told = refused(&restore, 4);
    assert!(told.contains("--force"), "{told}");
    let forced = ["restore", text(&file), "--data", text(&data), "--force"];
    refused(&forced, 3);
    server.terminate();
    // A damaged archive leaves everything as it is.
    let mut bytes = std::fs::read(&file).expect("read");
    let middle = bytes.len() / 3;
    bytes[middle] ^= 0x55;
    let damaged = place.path().join("damaged.zip");
    std::fs::write(&damaged, bytes).expect("written");
    refused(
        &["restore", text(&damaged), "--data", text(&data), "--force"],
        4,
    );
    let server = Server::start(&data);
    assert_eq!(get(&server.host, "/api/batches/later", &session).0, 200);
    server.terminate();
    let told = done(&forced);
    assert!(told.contains("replaced-1"), "{told}");
    let server = Server::start(&data);
    assert_eq!(get(&server.host, "/api/batches/b", &session).0, 200);
    assert_eq!(get(&server.host, "/api/batches/later", &session).0, 404);
    server.terminate();
}

#[test]
fn an_export_of_an_import_is_the_same_export() {
    let place = tempfile::tempdir().expect("a directory");
    let at = |name: &str| place.path().join(name);
    let (data, other) = (at("data"), at("other"));
    let server = Server::start(&data);
    let (session, token) = server.account("alice");
    report(&server.host, &token, "b", 30);
    let file = json!({"filename": "m.bin", "size_bytes": 5, "sha256": SHA256_OF_HELLO});
    let path = "/api/batches/b/artifacts/uploads";
    let (status, ticket) = post(&server.host, path, &token, &file).expect("an answer");
    assert_eq!(status, 201, "{ticket}");
    let expected = answers(&server.host, &session, &["b"]);
    let (first, second) = (at("first.zip"), at("second.zip"));
    refused(&["export", text(&first), "--data", text(&data)], 3);
    server.terminate();
    refused(&["export", text(&first), "--data", text(&other)], 4);
    done(&["export", text(&first), "--data", text(&data)]);
    let told = done(&["import", text(&first), "--data", text(&other)]);
    assert!(told.contains("rows"), "{told}");
    let full = refused(&["import", text(&first), "--data", text(&other)], 4);
    assert!(full.contains("not empty"), "{full}");
    done(&["import", text(&first), "--data", text(&other), "--force"]);
    done(&["export", text(&second), "--data", text(&other)]);
    let bytes = |path: &Path| std::fs::read(path).expect("read");
    assert!(bytes(&first) == bytes(&second), "the same bytes");
    // Whoever has the password is let in; the machine's keys are others.
    let server = Server::start(&other);
    let login = json!({"username_or_email": "alice", "password": "correct-horse-7"});
    let login = post(&server.host, "/api/auth/login", "", &login).expect("an answer");
    let session = login.1["access_token"]
        .as_str()
        .expect("a session")
        .to_owned();
    assert_eq!(answers(&server.host, &session, &["b"]), expected);
    server.terminate();
}

/// SHA-256 of `hello`.
const SHA256_OF_HELLO: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

#[test]
fn commands_explain_themselves_and_serving_needs_none() {
    for name in ["backup", "restore", "export", "import"] {
        let help = done(&[name, "--help"]);
        assert!(help.contains("Examples:"), "{name}: {help}");
    }
    assert!(done(&["--help"]).contains("backup"));
    let place = tempfile::tempdir().expect("a directory");
    let asked = command(place.path(), "0").arg("backup").output();
    assert_eq!(asked.expect("runs").status.code(), Some(2), "not both");
}

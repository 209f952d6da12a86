//! Refusing to start: one clear line and an exit code.

use crate::process::{Server, command};
use std::net::TcpListener;
use std::path::Path;

fn refusal(data: &Path, port: &str) -> (Option<i32>, String) {
    let output = command(data, port).output().expect("ran");
    assert!(output.stdout.is_empty(), "nothing on standard output");
    let text = String::from_utf8(output.stderr).expect("utf-8");
    let last = text.lines().last().unwrap_or_default().to_owned();
    (output.status.code(), last)
}

#[test]
fn a_second_instance_on_one_directory() {
    let dir = tempfile::tempdir().expect("temp dir");
    let server = Server::start(dir.path());
    let (code, line) = refusal(dir.path(), "0");
    assert_eq!(code, Some(3));
    assert!(line.contains("in use by another argus-local"), "{line}");
    server.kill();
    Server::start(dir.path()).kill();
}

#[test]
fn a_taken_port() {
    let dir = tempfile::tempdir().expect("temp dir");
    let taken = TcpListener::bind("127.0.0.1:0").expect("bound");
    let port = taken.local_addr().expect("address").port().to_string();
    let (code, line) = refusal(dir.path(), &port);
    assert_eq!(code, Some(5));
    assert!(line.contains(&port) && line.contains("--port"), "{line}");
}

#[test]
fn a_directory_that_cannot_be_one() {
    let dir = tempfile::tempdir().expect("temp dir");
    let file = dir.path().join("file");
    std::fs::write(&file, "x").expect("written");
    let (code, line) = refusal(&file.join("data"), "0");
    assert_eq!(code, Some(4));
    assert!(line.contains("cannot be written"), "{line}");
}

#[test]
fn a_directory_from_a_newer_version() {
    let dir = tempfile::tempdir().expect("temp dir");
    std::fs::write(dir.path().join("format"), "99").expect("written");
    let (code, line) = refusal(dir.path(), "0");
    assert_eq!(code, Some(4));
    assert!(line.contains("upgrade argus-local"), "{line}");
}

#[test]
fn a_setting_without_meaning() {
    let dir = tempfile::tempdir().expect("temp dir");
    let output = command(dir.path(), "0")
        .env("ARGUS_JWT_TTL_SECONDS", "soon")
        .output()
        .expect("ran");
    let text = String::from_utf8(output.stderr).expect("utf-8");
    assert_eq!(output.status.code(), Some(2));
    assert!(text.contains("ARGUS_JWT_TTL_SECONDS"), "{text}");
}

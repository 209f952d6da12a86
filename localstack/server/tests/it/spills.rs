//! A spill upload over a socket: the upload alone wakes the replay, and a killed one goes on.

use crate::process::{Server, get, open, post};
use serde_json::{Value, json};
use std::io::Read;
use std::time::{Duration, Instant};

/// Lines of the file; enough that the kill falls into the replay as a rule.
const LINES: usize = 6000;

fn file() -> String {
    (0..LINES)
        .map(|epoch| {
            let event = json!({"event_id": format!("epoch-{epoch:08}"), "schema_version": "1.1",
                "event_type": "job_epoch", "timestamp": "2026-11-21T04:20:39Z", "batch_id": "b",
                "job_id": "j", "source": {"project": "p"}, "data": {"epoch": epoch}});
            format!("{event}\n")
        })
        .collect()
}

/// Uploads the file; returns the path of its progress.
fn upload(server: &Server, token: &str, file: &str) -> String {
    let wish = json!({"filename": "spill.jsonl", "size_bytes": file.len()});
    let (status, ticket) = post(&server.host, "/api/events/spill", token, &wish).expect("answer");
    assert_eq!(status, 201, "{ticket}");
    let url = ticket["url"].as_str().expect("an address");
    let path = url.split_once(&server.host).expect("our own address").1;
    let mut answer = String::new();
    open(&server.host, "PUT", path, "", file)
        .expect("sent")
        .read_to_string(&mut answer)
        .expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    format!("/api/events/spill/{}", ticket["id"])
}

fn wait(server: &Server, token: &str, path: &str) -> Value {
    let limit = Instant::now() + Duration::from_secs(60);
    loop {
        let (status, progress) = get(&server.host, path, token);
        assert_eq!(status, 200, "{progress}");
        if progress["state"] == "done" {
            return progress;
        }
        assert!(Instant::now() < limit, "{progress}");
    }
}

#[test]
fn an_upload_is_replayed_also_by_the_next_process() {
    let dir = tempfile::tempdir().expect("temp dir");
    let server = Server::start(dir.path());
    let (_, token) = server.account("alice");
    let file = file();
    let path = upload(&server, &token, &file);
    server.kill();
    let server = Server::start(dir.path());
    let progress = wait(&server, &token, &path);
    let count = |name: &str| progress[name].as_u64().unwrap_or_default();
    assert_eq!(count("accepted") + count("duplicate"), LINES as u64);
    assert_eq!(
        (count("rejected"), count("bytes_done")),
        (0, file.len() as u64)
    );
    // A second file in the same process, all of it known.
    let path = upload(&server, &token, &file);
    let progress = wait(&server, &token, &path);
    assert_eq!(progress["duplicate"], LINES);
    let (_, epochs) = get(
        &server.host,
        "/api/jobs/b/j/epochs?max_points=10000",
        &token,
    );
    assert_eq!(epochs.as_array().map(Vec::len), Some(LINES));
    server.kill();
}

//! SIGTERM: streams are told when to come back, the process ends well, everything stays.

use crate::process::{Server, get, open, post};
use serde_json::json;
use std::io::{BufRead, BufReader};

#[test]
fn an_orderly_end() {
    let dir = tempfile::tempdir().expect("temp dir");
    let server = Server::start(dir.path());
    let (session, token) = server.account("alice");
    let event = json!({"event_id": "start-0001", "schema_version": "1.1", "event_type": "batch_start",
        "timestamp": "2026-11-21T04:20:39Z", "batch_id": "b", "source": {"project": "p"}, "data": {}});
    assert_eq!(
        post(&server.host, "/api/events", &token, &event)
            .expect("answer")
            .0,
        200
    );
    let stream = open(
        &server.host,
        "GET",
        "/api/sse?channels=batch:b",
        &session,
        "",
    )
    .expect("opens");
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    assert!(lines.any(|line| line == "event: hello"));
    assert_eq!(server.terminate().code(), Some(0));
    assert!(lines.any(|line| line.starts_with("retry: ")));
    let server = Server::start(dir.path());
    assert_eq!(
        get(&server.host, "/api/batches/b", &session).0,
        200,
        "the session still holds"
    );
    server.kill();
}

#[test]
fn the_web_address_space_is_whole() {
    let dir = tempfile::tempdir().expect("temp dir");
    let server = Server::start(dir.path());
    assert_eq!(get(&server.host, "/health", "").1, json!({"status": "ok"}));
    let (status, document) = get(&server.host, "/openapi.json", "");
    assert_eq!(
        (status, &document["info"]["title"]),
        (200, &json!("Argus API"))
    );
    assert_eq!(get(&server.host, "/docs", "").0, 200);
    assert_eq!(get(&server.host, "/batches/some-page", "").0, 200);
    let (status, body) = get(&server.host, "/api/nothing-here", "");
    assert_eq!((status, &body["code"]), (404, &json!("not_found")));
    let (status, body) = post(&server.host, "/health", "", &json!({})).expect("answer");
    assert_eq!((status, &body["code"]), (405, &json!("method_not_allowed")));
    let (status, _) = get(&server.host, "/argus/some-object", "");
    assert_eq!(status, 403, "objects need a signed address");
    server.kill();
}

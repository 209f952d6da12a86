//! What operators see: figures, readiness, logs, traces.

use crate::process::{Server, command, get, open, post};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::Stdio;
use std::sync::mpsc;

fn page(host: &str, headers: &str) -> String {
    let mut answer = String::new();
    let path = format!("/metrics HTTP/1.1\r\n{headers}X-Rest: ");
    let stream = open(host, "GET", &path, "", "");
    let mut stream = stream.expect("a connection");
    stream.read_to_string(&mut answer).expect("text");
    answer
}

#[test]
fn figures_count_requests_and_events_by_pattern_and_are_not_for_strangers() {
    let data = tempfile::tempdir().expect("a directory");
    let server = Server::start(data.path());
    let (session, token) = server.account("alice");
    let event = json!({"event_id": "0123456789abcdef", "schema_version": "1.1", "event_type": "batch_start",
        "batch_id": "b", "timestamp": "2026-11-21T10:00:00Z", "source": {"project": "p"}, "data": {}});
    for _ in 0..2 {
        post(&server.host, "/api/events", &token, &event).expect("answer");
    }
    get(&server.host, "/api/batches/b", &session);
    assert_eq!(
        get(&server.host, "/health/ready", ""),
        (
            200,
            json!({"status": "ready", "table": true, "bucket": true})
        )
    );
    let text = page(&server.host, "");
    for line in [
        "argus_events_total{outcome=\"accepted\"} 1",
        "argus_events_total{outcome=\"deduplicated\"} 1",
        "argus_requests_total{method=\"GET\",route=\"/api/batches/{batch_id}\",status=\"200\"} 1",
        "argus_queue_depth{queue=\"dead_letters\"} 0",
        "argus_storage_bytes{part=\"table\"} ",
        "argus_request_duration_seconds_bucket{",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    let proxied = page(&server.host, "X-Forwarded-For: 192.0.2.1\r\n");
    assert!(proxied.starts_with("HTTP/1.1 401 "), "{proxied}");
    assert!(server.terminate().success());
}

#[test]
fn log_lines_are_objects_when_asked_and_name_the_request() {
    let data = tempfile::tempdir().expect("a directory");
    let mut child = command(data.path(), "0")
        .env("ARGUS_LOG_FORMAT", "json")
        .env("ARGUS_LOG_LEVEL", "debug")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    let mut line = String::new();
    let mut stdout = BufReader::new(child.stdout.take().expect("piped"));
    stdout.read_line(&mut line).expect("a line");
    let host = line.trim().rsplit('/').next().expect("a host").to_owned();
    let path = "/health HTTP/1.1\r\nX-Request-Id: a-name-of-my-own\r\nX-Rest: ";
    let mut stream = open(&host, "GET", path, "", "").expect("a connection");
    stream.read_to_string(&mut String::new()).expect("text");
    let stderr = BufReader::new(child.stderr.take().expect("piped"));
    let found = stderr.lines().map_while(Result::ok).find_map(|line| {
        let line: Value = serde_json::from_str(&line).expect("JSON");
        (line["span"]["request.id"] == "a-name-of-my-own").then_some(line)
    });
    child.kill().expect("killed");
    child.wait().expect("gone");
    let found = found.expect("a line about the request");
    assert_eq!(found["status"], 200);
    assert_eq!(found["span"]["http.route"], "/health");
}

/// A collector that takes one export of spans.
fn collector() -> (String, mpsc::Receiver<(String, Value)>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        let mut reader = BufReader::new(stream.try_clone().expect("a copy"));
        let (mut head, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).expect("a line");
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().expect("a number");
            }
            if line == "\r\n" {
                break;
            }
            head.push_str(&line);
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).expect("a body");
        stream
            .write_all(
                b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}",
            )
            .expect("answered");
        tell.send((head, serde_json::from_slice(&body).expect("JSON")))
            .expect("told");
    });
    (address, told)
}

#[test]
fn spans_reach_the_collector_the_environment_names() {
    let data = tempfile::tempdir().expect("a directory");
    let (address, told) = collector();
    let mut command = command(data.path(), "0");
    command
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", address)
        .env("OTEL_SERVICE_NAME", "lab");
    let server = Server::run(command);
    get(&server.host, "/health", "");
    // What is left is sent at the end.
    assert!(server.terminate().success());
    let (head, body) = told.recv().expect("an export");
    assert!(head.starts_with("POST /v1/traces "), "{head}");
    let text = body.to_string();
    let resource = &body["resourceSpans"][0]["resource"]["attributes"];
    assert!(resource.to_string().contains("\"lab\""), "{text}");
    let spans = &body["resourceSpans"][0]["scopeSpans"][0]["spans"];
    let spans = spans.as_array().expect("spans").iter();
    let routes: Vec<String> = spans.map(|span| span["attributes"].to_string()).collect();
    assert!(routes.iter().any(|all| all.contains("/health")), "{text}");
}

//! What is asked, and what must hold.

use crate::stage::{request, stage};
use domain::time::Timestamp;
use http::{Method, StatusCode};
use serde_json::Value;

/// A target: panics when something does not hold.
pub type Target = fn(&[u8]);

/// All of them, by the name of their corpus.
pub const ALL: [(&str, Target); 5] = [
    ("events", events),
    ("cursors", cursors),
    ("tokens", tokens),
    ("multipart", multipart),
    ("last_event_id", last_event_id),
];

/// Lists that can be walked by a cursor.
const LISTS: [&str; 4] = ["batches", "jobs", "hosts", "notifications"];

/// An answer is ours, whatever was asked: no failure of the server, and a refusal says why.
fn judged(what: &str, status: StatusCode, body: &[u8]) -> Option<Value> {
    assert!(
        !status.is_server_error(),
        "{what}: {status} {}",
        String::from_utf8_lossy(body)
    );
    let json: Option<Value> = serde_json::from_slice(body).ok();
    if status.is_client_error() {
        let json = json.as_ref().expect("a refusal is JSON");
        assert!(
            json["detail"].is_string() || json["detail"].is_array(),
            "{what}: {json}"
        );
    }
    json
}

/// Events as a body: every one is accepted, known or rejected with a reason, and all are counted.
pub fn events(data: &[u8]) {
    for path in ["/api/events/batch", "/api/events"] {
        let kind: &[u8] = b"application/json";
        let Some(request) = request(Method::POST, path, &[("content-type", kind)], data) else {
            return;
        };
        let (status, body) = stage().ask(request);
        let json = judged(path, status, &body);
        if path.ends_with("batch") && status == StatusCode::OK {
            let json = json.expect("JSON");
            let count = |name: &str| json[name].as_u64().unwrap_or_default();
            let sum = count("accepted") + count("deduplicated") + count("rejected");
            let results = json["results"].as_array().map_or(0, Vec::len) as u64;
            assert_eq!(sum, results, "{json}");
        }
    }
}

/// Text as the position in a list, and as the number of rows.
pub fn cursors(data: &[u8]) {
    let text = encoded(data);
    for list in LISTS {
        for name in ["cursor", "limit"] {
            let path = format!("/api/{list}?{name}={text}");
            if let Some(request) = request(Method::GET, &path, &[], b"") {
                let (status, body) = stage().ask(request);
                judged(&path, status, &body);
            }
        }
    }
}

/// Text as every kind of credential: none of it opens anything.
pub fn tokens(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Some(parts) = auth::token::parse(text) {
        assert!(text.contains(parts.lookup), "{text}");
    }
    let _ = auth::token::parse_agent(text);
    let (secret, now) = (
        "a secret of more than 32 characters!",
        Timestamp(1_795_000_000_000),
    );
    assert!(auth::ticket::open(secret, text, now).is_err(), "{text}");
    assert!(auth::run_token::open(secret, text, now).is_none(), "{text}");
    if text.contains(&stage().token) {
        return;
    }
    if let Some(request) = request(Method::GET, "/api/auth/me", &[("authorization", data)], b"") {
        let (status, body) = stage().ask(request);
        judged("a credential", status, &body);
        assert!(status.is_client_error(), "{text} is a credential");
    }
}

/// A line that is the content type, then the body of a form.
pub fn multipart(data: &[u8]) {
    let line = data
        .iter()
        .position(|byte| *byte == b'\n')
        .unwrap_or(data.len());
    let (kind, body) = data.split_at(line);
    let body = body.get(1..).unwrap_or_default();
    let path = "/api/jobs/j/artifacts?batch_id=b";
    if let Some(request) = request(Method::POST, path, &[("content-type", kind)], body) {
        let (status, body) = stage().ask(request);
        let json = judged(path, status, &body);
        assert!(status != StatusCode::OK, "made is 201");
        if status == StatusCode::CREATED {
            let json = json.expect("JSON");
            let name = json["filename"]
                .as_str()
                .map(domain::artifact::safe_filename);
            // It is kept as it was sent; what a download proposes leads nowhere.
            assert!(
                name.is_some_and(|name| !name.contains(['/', '\\', '\0'])),
                "a proposed name is no path"
            );
        }
    }
}

/// Bytes as the position a stream goes on from, as header and as parameter: it begins all the same, and
/// says so.
pub fn last_event_id(data: &[u8]) {
    let path = "/api/sse?channels=batch:b";
    let in_query = format!("{path}&last_event_id={}", encoded(data));
    let in_header = request(Method::GET, path, &[("last-event-id", data)], b"");
    let in_query = request(Method::GET, &in_query, &[], b"");
    for request in in_header.into_iter().chain(in_query) {
        let (status, first) = stage().open(request);
        judged("a stream", status, &first);
        if status == StatusCode::OK {
            let first = String::from_utf8(first).expect("frames are text");
            assert!(
                first.starts_with("event: ")
                    || first.starts_with("id: ")
                    || first.starts_with("retry: "),
                "{first}"
            );
        }
    }
}

/// Bytes as part of an address.
fn encoded(data: &[u8]) -> String {
    data.iter().map(|byte| format!("%{byte:02X}")).collect()
}

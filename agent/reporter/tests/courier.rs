//! What the courier puts on the wire, and what it makes of answers: against a loopback server that
//! reads every request strictly.

use argus_reporter::Settings;
use argus_reporter::send::{Cause, Courier};
use flate2::read::GzDecoder;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

/// A request as it came.
struct Seen {
    target: String,
    encoding: Option<String>,
    token: Option<String>,
    events: Vec<Value>,
    connection: usize,
}

/// Answers with what it is told, over as many connections as the client opens.
struct Server {
    url: String,
    seen: Receiver<Seen>,
}

type Reply = fn(&[Value]) -> String;

fn reply(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\n\r\n{body}")
}

fn stored(events: &[Value]) -> String {
    let results: Vec<Value> = events
        .iter()
        .map(|event| json!({"event_id": event["event_id"], "status": "accepted"}))
        .collect();
    let body = json!({"accepted": results.len(), "results": results, "stop": {"b": true}});
    reply("200 OK", "Accept-Encoding: gzip\r\n", &body.to_string())
}

fn serve(replies: Vec<Reply>) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").expect("bound");
    let url = format!("http://{}/base", listener.local_addr().expect("address"));
    let (send, seen) = channel();
    thread::spawn(move || {
        let mut replies = VecDeque::from(replies);
        for connection in 0.. {
            let Ok((mut stream, _)) = listener.accept() else {
                return;
            };
            while let Some(mut request) = read_request(&mut stream) {
                request.connection = connection;
                let answer = replies.pop_front().unwrap_or(stored)(&request.events);
                let ends = answer.is_empty();
                let _ = send.send(request);
                if ends || stream.write_all(answer.as_bytes()).is_err() {
                    break;
                }
            }
        }
    });
    Server { url, seen }
}

fn read_request(stream: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    loop {
        let mut headers = [httparse::EMPTY_HEADER; 32];
        let mut parsed = httparse::Request::new(&mut headers);
        if let httparse::Status::Complete(head) = parsed.parse(&bytes).expect("a request") {
            let header = |name: &str| {
                let all = parsed.headers.iter();
                let found: Vec<_> = all.filter(|h| h.name.eq_ignore_ascii_case(name)).collect();
                assert!(found.len() < 2, "{name} twice");
                found
                    .first()
                    .map(|h| String::from_utf8_lossy(h.value).into_owned())
            };
            assert_eq!(parsed.method, Some("POST"));
            assert_eq!(header("content-type").as_deref(), Some("application/json"));
            let length: usize = header("content-length")
                .expect("a length")
                .parse()
                .expect("a number");
            if bytes.len() >= head + length {
                assert_eq!(bytes.len(), head + length, "nothing follows the body");
                let encoding = header("content-encoding");
                let body = unpacked(&bytes[head..], encoding.as_deref());
                let body: Value = serde_json::from_slice(&body).expect("JSON");
                return Some(Seen {
                    target: parsed.path.unwrap_or_default().to_owned(),
                    token: header("authorization"),
                    encoding,
                    events: body["events"].as_array().cloned().expect("events"),
                    connection: 0,
                });
            }
        }
        let mut piece = [0; 4096];
        match stream.read(&mut piece) {
            Ok(0) | Err(_) => return None,
            Ok(read) => bytes.extend_from_slice(&piece[..read]),
        }
    }
}

fn unpacked(body: &[u8], encoding: Option<&str>) -> Vec<u8> {
    match encoding {
        None => body.to_owned(),
        Some("gzip") => {
            let mut out = Vec::new();
            GzDecoder::new(body).read_to_end(&mut out).expect("gzip");
            out
        }
        Some("zstd") => zstd::bulk::decompress(body, 1 << 24).expect("zstd"),
        Some(other) => panic!("unknown encoding {other}"),
    }
}

fn courier(server: &Server) -> Courier {
    let mut settings = Settings::resolve(Some(&server.url), Some("em_live_test"));
    settings.url = Some(server.url.clone());
    Courier::new(&settings).expect("an address")
}

fn events(count: usize) -> Vec<Vec<u8>> {
    let event = |n| json!({"event_id": format!("event-{n:04}"), "batch_id": "b"}).to_string();
    (0..count).map(|n| event(n).into_bytes()).collect()
}

#[test]
fn one_connection_carries_all_and_bodies_shrink_once_the_server_offers() {
    let zstd: Reply = |events| stored(events).replace(": gzip", ": gzip, zstd");
    let server = serve(vec![stored, zstd, stored]);
    let mut courier = courier(&server);
    for encoding in [None, Some("gzip"), Some("zstd")] {
        let report = courier.send(&events(100), &mut || true).expect("stored");
        assert_eq!((report.stored, report.refused.len()), (100, 0));
        assert_eq!(report.stop.get("b"), Some(&true));
        let seen = server.seen.recv().expect("a request");
        assert_eq!(seen.encoding.as_deref(), encoding);
        assert_eq!(
            (seen.target.as_str(), seen.connection),
            ("/base/api/events/batch", 0)
        );
        assert_eq!(seen.token.as_deref(), Some("Bearer em_live_test"));
        assert_eq!(seen.events.len(), 100);
    }
}

#[test]
fn an_encoding_that_does_not_get_through_is_no_longer_used() {
    for refusal in ["415 No", "400 Broken"] {
        let refuses: Reply = match refusal {
            "415 No" => |_| reply("415 No", "Accept-Encoding: zstd\r\n", "{}"),
            _ => |_| reply("400 Broken", "Accept-Encoding: gzip\r\n", "{}"),
        };
        let server = serve(vec![stored, refuses, stored, stored]);
        let mut courier = courier(&server);
        for _ in 0..3 {
            let report = courier.send(&events(100), &mut || true).expect("stored");
            assert_eq!((report.stored, report.refused.len()), (100, 0));
        }
        let seen: Vec<_> = server
            .seen
            .iter()
            .take(4)
            .map(|s| (s.encoding.is_some(), s.events.len()))
            .collect();
        let expected = [false, true, false, false].map(|packed| (packed, 100));
        assert_eq!(
            seen, expected,
            "{refusal}: nothing was split, and it stays plain"
        );
    }
}

#[test]
fn an_event_is_not_given_up_for_its_wrapping() {
    // Something between takes the header away and lets the bytes through.
    let garbled: Reply = |_| reply("422 No", "", r#"{"detail": "JSON decode error"}"#);
    let server = serve(vec![stored, garbled, stored]);
    let mut courier = courier(&server);
    let line = json!({"event_id": "long", "pad": "x".repeat(4000)}).to_string();
    for _ in 0..2 {
        let report = courier.send(&[line.clone().into_bytes()], &mut || true);
        let report = report.expect("stored");
        assert_eq!((report.stored, report.refused.len()), (1, 0));
    }
    let packed: Vec<_> = server
        .seen
        .iter()
        .take(3)
        .map(|s| s.encoding.is_some())
        .collect();
    assert_eq!(packed, [false, true, false]);
}

#[test]
fn the_one_bad_event_is_found() {
    let judge: Reply = |events| {
        let bad = events.iter().any(|event| event["event_id"] == "event-0337");
        match bad {
            true => reply("422 No", "", r#"{"detail": "batch_id too long"}"#),
            false => stored(events),
        }
    };
    let server = serve(vec![judge; 64]);
    let report = courier(&server)
        .send(&events(500), &mut || true)
        .expect("judged");
    assert_eq!((report.stored, report.refused.len()), (499, 1));
    assert_eq!(report.refused[0].0, 337);
    assert!(report.refused[0].1.contains("batch_id too long"));
    assert!(server.seen.try_iter().count() < 24);
}

#[test]
fn answers_say_how_long_to_wait() {
    let busy: Reply = |_| reply("429 Slow", "Retry-After: 7\r\n", "");
    let broken: Reply = |_| reply("500 Oops", "", "no");
    let token: Reply = |_| reply("401 Who", "", r#"{"detail": "token revoked"}"#);
    let login: Reply = |_| reply("200 OK", "", "<html>please log in</html>");
    let internal: Reply = |events| {
        let rows: Vec<_> = events
            .iter()
            .map(|_| json!({"status": "rejected", "error": "internal: locked"}))
            .collect();
        reply("200 OK", "", &json!({"results": rows}).to_string())
    };
    let server = serve(vec![busy, broken, token, login, internal, stored]);
    let mut courier = courier(&server);
    let mut next = || courier.send(&events(3), &mut || true);
    let wait = next().expect_err("busy");
    assert!(wait.cause == Cause::Busy && wait.after >= Duration::from_secs(7));
    assert!(matches!(
        next().expect_err("broken").cause,
        Cause::Trouble(_)
    ));
    let wait = next().expect_err("token");
    assert!(matches!(wait.cause, Cause::Token(why) if why.contains("token revoked")));
    assert_eq!(wait.after, Duration::from_secs(60));
    assert!(matches!(next().expect_err("login").cause, Cause::Route(_)));
    assert!(matches!(
        next().expect_err("internal").cause,
        Cause::Trouble(_)
    ));
    assert_eq!(next().expect("stored").stored, 3);
}

#[test]
fn a_connection_that_went_stale_is_replaced_without_a_word() {
    let hangs_up: Reply = |_| String::new();
    let server = serve(vec![stored, hangs_up, stored]);
    let mut courier = courier(&server);
    courier.send(&events(1), &mut || true).expect("stored");
    courier
        .send(&events(1), &mut || true)
        .expect("stored at the second attempt");
    let connections: Vec<_> = server.seen.iter().take(3).map(|s| s.connection).collect();
    assert_eq!(connections, [0, 0, 1]);
}

#[test]
fn the_pulse_ends_a_wait() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("bound");
    let url = format!("http://{}", listener.local_addr().expect("address"));
    let settings = Settings::resolve(Some(&url), None);
    let mut courier = Courier::new(&settings).expect("an address");
    let mut beats = 0;
    let wait = courier.send(&events(1), &mut || {
        beats += 1;
        beats < 3
    });
    assert_eq!(wait.expect_err("given up").cause, Cause::GivenUp);
}

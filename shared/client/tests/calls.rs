//! The client against servers that behave, misbehave, or are somebody else.

#![allow(clippy::unwrap_used)]

use argus_client::{Address, Client, Error, Fresh, Registration, Secret, Settings};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// A server that answers one raw text after the other, and tells what it was asked.
fn server(answers: Vec<String>) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (asked, seen) = channel();
    std::thread::spawn(move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            asked.send(request(&mut stream)).unwrap();
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    (url, seen)
}

fn request(stream: &mut TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let (mut text, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        text.push_str(&line);
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    text + &String::from_utf8(body).unwrap()
}

fn answer(status: u16, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    )
}

fn client(url: &str) -> Client {
    let mut settings = Settings::new(Address::parse(url).unwrap(), "test/1");
    settings.timeout = Duration::from_secs(5);
    Client::new(&settings.with_token(Secret::new("ag_live_x"))).unwrap()
}

#[test]
fn answers_become_values_or_one_of_five_troubles() {
    let big = format!("{{\"pad\":\"{}\"}}", "x".repeat(1_100_000));
    let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
    let refusal = json!({"detail": "no", "code": "not_yours", "more": 1}).to_string();
    let (url, seen) = server(vec![
        answer(200, "", "{\"a\":1}"),
        answer(403, "", &refusal),
        answer(429, "Retry-After: 7\r\n", ""),
        answer(503, "", "<html>"),
        answer(302, "Location: https://evil.example/\r\n", ""),
        answer(200, "", &big),
        answer(200, "", &deep),
        answer(422, "", "{\"detail\":[{\"loc\":[\"body\"]}]}"),
        "nonsense\r\n\r\n".to_owned(),
    ]);
    let client = client(&url);
    let get = || client.get::<Value>("/x");
    assert_eq!(get(), Ok(json!({"a": 1})));
    let asked = seen.recv().unwrap().to_ascii_lowercase();
    assert!(
        asked.starts_with("get /x http/1.1") && asked.contains("authorization: bearer ag_live_x")
    );
    let (code, detail) = ("not_yours".to_owned(), "no".to_owned());
    assert_eq!(
        get(),
        Err(Error::Refused {
            status: 403,
            code,
            detail
        })
    );
    let after = Some(Duration::from_secs(7));
    assert_eq!(get(), Err(Error::RetryAfter { status: 429, after }));
    assert_eq!(
        get(),
        Err(Error::RetryAfter {
            status: 503,
            after: None
        })
    );
    assert!(
        matches!(get(), Err(Error::Refused { status: 302, .. })),
        "redirects are not followed"
    );
    assert!(matches!(get(), Err(Error::Garbled(_))), "too large");
    assert!(matches!(get(), Err(Error::Garbled(_))), "too deep");
    assert!(matches!(get(), Err(Error::Refused { status: 422, .. })));
    assert!(matches!(get(), Err(Error::Garbled(_))), "not HTTP");
    assert!(matches!(get(), Err(Error::Offline(_))), "nobody there");
}

#[test]
fn an_early_server_is_asked_in_its_own_words() {
    let given = json!({"agent_id": "agent-1", "agent_token": "ag_live_y", "poll_interval_s": 10,
        "server_time_utc": "2026-01-01T00:00:00Z"});
    let (url, seen) = server(vec![
        answer(422, "", "{}"),
        answer(201, "", &given.to_string()),
    ]);
    let host = Registration {
        hostname: "gpu-1".to_owned(),
        uid: Some(1000),
        machine_id: Some("m".to_owned()),
        ..Registration::default()
    };
    let registered = client(&url).register(&host).unwrap();
    assert_eq!(
        (
            registered.agent_id.as_str(),
            registered.heartbeat_interval_s
        ),
        ("agent-1", 30)
    );
    assert!(seen.recv().unwrap().contains("machine_id"));
    let plain = seen.recv().unwrap();
    assert!(
        plain.ends_with("{\"hostname\":\"gpu-1\",\"capabilities\":[]}"),
        "{plain}"
    );
}

#[test]
fn what_did_not_change_is_not_sent_again() {
    let (url, seen) = server(vec![
        answer(200, "ETag: \"1\"\r\n", "{\"a\":1}"),
        answer(304, "", ""),
    ]);
    let client = client(&url);
    let first = client.get_fresh::<Value>("/p", None).unwrap();
    assert_eq!(
        first,
        Fresh::Changed(json!({"a": 1}), Some("\"1\"".to_owned()))
    );
    assert_eq!(
        client.get_fresh::<Value>("/p", Some("\"1\"")),
        Ok(Fresh::Unchanged)
    );
    seen.recv().unwrap();
    assert!(
        seen.recv()
            .unwrap()
            .to_ascii_lowercase()
            .contains("if-none-match: \"1\"")
    );
}

#[test]
fn silence_ends() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut settings = Settings::new(
        Address::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap(),
        "test/1",
    );
    settings.timeout = Duration::from_millis(300);
    let begin = Instant::now();
    let answer = Client::new(&settings).unwrap().get::<Value>("/");
    assert!(matches!(answer, Err(Error::Offline(_))));
    assert!(begin.elapsed() < Duration::from_secs(5));
}

/// A TLS server with a certificate of its own making.
struct Tls(Child, u16);

impl Drop for Tls {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn tls(folder: &std::path::Path) -> Option<Tls> {
    let make = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
        -addext subjectAltName=DNS:localhost \
        -addext basicConstraints=critical,CA:FALSE -keyout key.pem -out cert.pem";
    let mut openssl = Command::new("openssl");
    let made = openssl
        .args(make.split_whitespace())
        .current_dir(folder)
        .stderr(Stdio::null())
        .status();
    made.ok().filter(|s| s.success())?;
    std::fs::write(folder.join("answer"), answer(200, "", "{\"tls\":true}")).unwrap();
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let serve = format!("s_server -accept 127.0.0.1:{port} -cert cert.pem -key key.pem -HTTP");
    let mut openssl = Command::new("openssl");
    let openssl = openssl.args(serve.split_whitespace()).current_dir(folder);
    let mut child = openssl
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    Some(Tls(child, port))
}

#[test]
fn only_those_one_trusts_are_spoken_to() {
    let folder = tempfile::tempdir().unwrap();
    let Some(server) = tls(folder.path()) else {
        eprintln!("skipped: there is no openssl");
        return;
    };
    let address = Address::parse(&format!("https://localhost:{}", server.1)).unwrap();
    let mut settings = Settings::new(address, "test/1");
    settings.proxy = Some("none".to_owned());
    let until = Instant::now() + Duration::from_secs(20);
    // Asked until it listens; a stranger's certificate is refused all the same.
    let strange = Client::new(&settings);
    if let Ok(client) = &strange {
        let error = loop {
            match client.get::<Value>("/answer") {
                Err(Error::Offline(text)) if text.contains("refused") && Instant::now() < until => {
                }
                other => break other,
            }
        };
        assert!(
            matches!(&error, Err(Error::Offline(text)) if text.contains("ertificate")),
            "{error:?}"
        );
    }
    let settings = settings.through(|name| match name {
        argus_client::CA_BUNDLE => Some(folder.path().join("cert.pem").display().to_string()),
        argus_client::PROXY => Some("none".to_owned()),
        _ => None,
    });
    let client = Client::new(&settings).unwrap();
    assert_eq!(client.get::<Value>("/answer"), Ok(json!({"tls": true})));
    let wrong =
        settings.through(|name| (name == argus_client::CA_BUNDLE).then(|| "/none".to_owned()));
    assert!(Client::new(&wrong).is_err());
}

//! A small HTTP server on loopback that hands each request to a judge.

use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) line: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Value,
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
    /// Say nothing at all.
    pub(crate) silent: bool,
}

impl Answer {
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.to_string(),
            silent: false,
        }
    }

    pub(crate) fn silence() -> Self {
        Self {
            status: 200,
            headers: Vec::new(),
            body: String::new(),
            silent: true,
        }
    }
}

/// A server; ends with the test.
pub(crate) struct Stub {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<Request>>>,
}

impl Stub {
    pub(crate) fn start(judge: impl Fn(&Request, usize) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("port");
        let url = format!("http://{}", listener.local_addr().expect("address"));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (kept, judge) = (seen.clone(), Arc::new(judge));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (kept, judge) = (kept.clone(), judge.clone());
                std::thread::spawn(move || serve(stream, &kept, judge.as_ref()));
            }
        });
        Self { url, seen }
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.seen.lock().expect("requests").clone()
    }
}

fn serve(
    stream: TcpStream,
    seen: &Mutex<Vec<Request>>,
    judge: &(dyn Fn(&Request, usize) -> Answer + Send + Sync),
) {
    let mut reader = BufReader::new(stream.try_clone().expect("stream"));
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let mut headers = BTreeMap::new();
        loop {
            let mut header = String::new();
            reader.read_line(&mut header).expect("header");
            let Some((name, value)) = header.trim_end().split_once(':') else {
                break;
            };
            headers.insert(name.to_lowercase(), value.trim().to_owned());
        }
        let length = headers
            .get("content-length")
            .map_or(0, |l| l.parse().expect("length"));
        let mut body = vec![0; length];
        reader.read_exact(&mut body).expect("body");
        let body = if body.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&body).expect("JSON")
        };
        let request = Request {
            line: line.trim_end().to_owned(),
            headers,
            body,
        };
        let number = {
            let mut seen = seen.lock().expect("requests");
            seen.push(request.clone());
            seen.len() - 1
        };
        let answer = judge(&request, number);
        if answer.silent {
            // Longer than any client waits here; the thread ends with the test.
            std::thread::park_timeout(Duration::from_secs(60));
            return;
        }
        let mut head = format!(
            "HTTP/1.1 {} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n",
            answer.status,
            answer.body.len()
        );
        for (name, value) in &answer.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let mut stream = &stream;
        if stream
            .write_all(format!("{head}\r\n{}", answer.body).as_bytes())
            .is_err()
        {
            return;
        }
    }
}

//! D-Bus as systemd speaks it: a manager on loopback, strict about every byte it is sent.

use crate::trees::settings;
use argus_watchdog::act::restart::restart;
use argus_watchdog::dbus::{Kind, Message, Systemd, Writer};
use argus_watchdog::problem::Outcome;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

struct Manager {
    socket: PathBuf,
    calls: Arc<Mutex<Vec<String>>>,
    _folder: tempfile::TempDir,
}

impl Manager {
    /// A unit `a.service` that is `state`, and becomes `after` by a restart that ends with `result`.
    fn start(state: &'static str, after: &'static str, result: &'static str) -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let socket = folder.path().join("private");
        let listener = UnixListener::bind(&socket).expect("socket");
        let calls = Arc::new(Mutex::new(Vec::new()));
        let kept = calls.clone();
        let active = Arc::new(Mutex::new(state));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                serve(stream, &kept, &active, after, result);
            }
        });
        Self {
            socket,
            calls,
            _folder: folder,
        }
    }
}

fn serve(
    stream: UnixStream,
    calls: &Mutex<Vec<String>>,
    active: &Mutex<&'static str>,
    after: &'static str,
    result: &str,
) {
    let mut reader = BufReader::new(stream.try_clone().expect("stream"));
    let mut out = &stream;
    let mut line = String::new();
    reader.read_line(&mut line).expect("greeting");
    let user: String = rustix::process::geteuid()
        .as_raw()
        .to_string()
        .bytes()
        .map(|b| format!("{b:02x}"))
        .collect();
    assert_eq!(line, format!("\0AUTH EXTERNAL {user}\r\n"));
    out.write_all(b"OK 0123456789abcdef0123456789abcdef\r\n")
        .expect("ok");
    line.clear();
    reader.read_line(&mut line).expect("begin");
    assert_eq!(line, "BEGIN\r\n");
    let mut serial = 100;
    let mut send = |message: &Message| {
        serial += 1;
        out.write_all(&message.encode(serial)).expect("send");
    };
    loop {
        let mut head = [0; 16];
        if reader.read_exact(&mut head).is_err() {
            return;
        }
        let mut whole = head.to_vec();
        whole.resize(Message::length(&head).expect("length"), 0);
        reader.read_exact(&mut whole[16..]).expect("message");
        let call = Message::decode(&whole).expect("a message");
        assert_eq!(call.kind, Kind::Call);
        assert_eq!(call.to[1], "/org/freedesktop/systemd1");
        let member = call.member.clone().expect("member");
        calls.lock().expect("calls").push(member.clone());
        let mut answer = Message::call("", "", "", "");
        (answer.kind, answer.member, answer.reply_to) = (Kind::Return, None, Some(call.serial));
        let mut body = Writer::default();
        match member.as_str() {
            "ListUnitsByNames" => {
                assert_eq!(call.signature, "as");
                let state = *active.lock().expect("state");
                body.array(8, |array| {
                    array.align(8);
                    ["a.service", "A", "loaded", state, "dead", ""]
                        .iter()
                        .for_each(|s| array.string(s));
                    array.string("/org/freedesktop/systemd1/unit/a");
                    array.u32(0);
                    ["", "/"].iter().for_each(|s| array.string(s));
                });
                send(&answer.with_body("a(ssssssouso)", body));
            }
            "Subscribe" => send(&answer),
            "RestartUnit" => {
                let mut arguments = call.reader();
                assert_eq!(arguments.string().expect("unit"), "a.service");
                assert_eq!(arguments.string().expect("mode"), "replace");
                body.string("/org/freedesktop/systemd1/job/7");
                send(&answer.with_body("o", body));
                *active.lock().expect("state") = after;
                for (job, result) in [
                    ("/org/freedesktop/systemd1/job/6", "failed"),
                    ("/org/freedesktop/systemd1/job/7", result),
                ] {
                    let mut news = Message::call(
                        "",
                        "/org/freedesktop/systemd1",
                        "org.freedesktop.systemd1.Manager",
                        "JobRemoved",
                    );
                    news.kind = Kind::Signal;
                    let mut body = Writer::default();
                    body.u32(7);
                    [job, "a.service", result]
                        .iter()
                        .for_each(|s| body.string(s));
                    send(&news.with_body("uoss", body));
                }
            }
            other => panic!("nobody should call {other}"),
        }
    }
}

fn outcome(
    state: &'static str,
    after: &'static str,
    result: &'static str,
) -> (Outcome, Vec<String>) {
    let manager = Manager::start(state, after, result);
    let more = format!(
        "[services]\nunits = [\"a.service\"]\nbus = {:?}\nrestart_timeout = 5\n",
        manager.socket
    );
    let settings = settings(Path::new("/nonexistent"), &more);
    let done = restart("a.service", &settings.services);
    let calls = manager.calls.lock().expect("calls").clone();
    (done.outcome, calls)
}

#[test]
fn a_restart_is_waited_for_and_looked_at() {
    let (done, calls) = outcome("failed", "active", "done");
    assert_eq!(done, Outcome::Success);
    assert_eq!(
        calls,
        [
            "ListUnitsByNames",
            "Subscribe",
            "RestartUnit",
            "ListUnitsByNames"
        ]
    );
    assert_eq!(outcome("failed", "failed", "failed").0, Outcome::Failure);
    assert_eq!(
        outcome("failed", "failed", "done").0,
        Outcome::Failure,
        "done, and yet not active"
    );
    let (done, calls) = outcome("active", "active", "done");
    assert_eq!(
        (done, calls.len()),
        (Outcome::Skipped, 1),
        "well again: nothing is restarted"
    );
}

#[test]
fn a_unit_outside_the_list_is_not_even_asked_about() {
    let manager = Manager::start("failed", "active", "done");
    let more = format!(
        "[services]\nunits = [\"a.service\"]\nbus = {:?}\n",
        manager.socket
    );
    let settings = settings(Path::new("/nonexistent"), &more);
    assert_eq!(
        restart("ssh.service", &settings.services).outcome,
        Outcome::Failure
    );
    assert!(manager.calls.lock().expect("calls").is_empty());
    assert!(Systemd::connect(Path::new("/nonexistent/private")).is_err());
}

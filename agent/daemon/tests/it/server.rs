//! The server's half of the agent protocol, as strict as the real one: unknown fields, wrong
//! tokens and wrong moments are refused, and what it was told can be looked at.

use crate::http::{self, Request};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::BufReader;
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

pub const PERSON: &str = "em_live_person";
pub const RUN_TOKEN: &str = "em_live_run_";

/// A command, and what was heard of it.
#[derive(Clone, Debug)]
pub struct Command {
    pub job: Value,
    pub status: String,
    pub acks: Vec<Value>,
    pub exits: Vec<Value>,
}

#[derive(Default)]
pub struct World {
    pub commands: BTreeMap<String, Command>,
    pub order: Vec<String>,
    pub token: String,
    pub registrations: Vec<Value>,
    pub beats: Vec<Value>,
    /// event_id → event
    pub events: BTreeMap<String, Value>,
    pub repeats: usize,
    pub polls: usize,
    /// What goes wrong: part of a path → status.
    pub trouble: Vec<(String, u16)>,
    /// Answers that are carried out and then lost: part of a path → how many.
    pub lose: Vec<(String, usize)>,
    /// Answers the raw text to polls.
    pub raw_poll: Option<String>,
    pub revoked: bool,
}

/// A running server.
pub struct Server {
    pub url: String,
    world: Arc<(Mutex<World>, Condvar)>,
}

impl Server {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let world: Arc<(Mutex<World>, Condvar)> = Arc::default();
        let shared = world.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let world = shared.clone();
                std::thread::spawn(move || serve(stream.unwrap(), &world));
            }
        });
        Self { url, world }
    }

    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.0.lock().unwrap()
    }

    /// Changes something, and wakes whoever waits.
    pub fn change(&self, f: impl FnOnce(&mut World)) {
        f(&mut self.world());
        self.world.1.notify_all();
    }

    /// Waits until something holds.
    pub fn until<T>(&self, what: &str, mut holds: impl FnMut(&World) -> Option<T>) -> T {
        let end = Instant::now() + Duration::from_secs(60);
        let mut world = self.world();
        loop {
            if let Some(found) = holds(&world) {
                return found;
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let told: Vec<_> = world.commands.values().collect();
                panic!("never: {what}; {told:#?}");
            }
            world = self.world.1.wait_timeout(world, left).unwrap().0;
        }
    }

    /// Asks the agent for something.
    pub fn command(&self, id: &str, kind: &str, batch: &str, payload: Value) {
        let job = json!({"id": id, "kind": kind, "batch_id": batch, "payload": payload,
            "created_at": "2026-01-01T00:00:00Z", "expires_at": null, "age_s": 0});
        let command = Command {
            job,
            status: "pending".to_owned(),
            acks: vec![],
            exits: vec![],
        };
        self.change(|w| {
            w.commands.insert(id.to_owned(), command);
            w.order.push(id.to_owned());
        });
    }

    pub fn stop(&self, id: &str, batch: &str) {
        self.command(id, "stop", batch, json!({"requested_by": "alice"}));
    }

    /// Waits for a command's state.
    pub fn reached(&self, id: &str, status: &str) -> Command {
        self.until(&format!("{id} {status}"), |w| {
            w.commands.get(id).filter(|c| c.status == status).cloned()
        })
    }

    /// Waits for the end of a run.
    pub fn exit(&self, id: &str) -> Value {
        self.until(&format!("end of {id}"), |w| {
            w.commands.get(id)?.exits.first().cloned()
        })
    }

    /// Waits for a refusal and gives its reason.
    pub fn refusal(&self, id: &str) -> String {
        let found = self.reached(id, "failed");
        found.acks[0]["reason"].as_str().unwrap().to_owned()
    }

    /// What a run printed, in order, as the server has it.
    pub fn lines(&self, batch: &str) -> Vec<String> {
        let world = self.world();
        let mut lines: Vec<_> = world
            .events
            .values()
            .filter(|e| e["batch_id"] == batch && e["event_type"] == "log_line")
            .map(|e| {
                (
                    e["seen"].as_u64().unwrap(),
                    e["data"]["line"].as_str().unwrap().to_owned(),
                )
            })
            .collect();
        lines.sort();
        lines.into_iter().map(|(_, line)| line).collect()
    }
}

fn serve(stream: TcpStream, world: &(Mutex<World>, Condvar)) {
    let mut out = stream.try_clone().unwrap();
    let mut reader = BufReader::new(stream);
    while let Some(request) = http::read(&mut reader) {
        if request.path.ends_with("/jobs") {
            wait(&request, world);
        }
        let mut guard = world.0.lock().unwrap();
        let hit = |(part, _): &&(String, u16)| request.path.contains(part.as_str());
        let trouble = guard.trouble.iter().find(hit).map(|(_, status)| *status);
        let (status, body) = match trouble {
            Some(status) => (status, json!({"detail": "trouble", "code": "trouble"})),
            None => route(&mut guard, &request),
        };
        let lost = guard
            .lose
            .iter_mut()
            .find(|(part, n)| *n > 0 && request.path.contains(part.as_str()));
        let lost = lost.map(|(_, n)| *n -= 1).is_some();
        let raw = guard
            .raw_poll
            .clone()
            .filter(|_| request.path.ends_with("/jobs"));
        drop(guard);
        world.1.notify_all();
        if lost {
            return;
        }
        let text = raw.unwrap_or_else(|| {
            if status == 204 {
                String::new()
            } else {
                body.to_string()
            }
        });
        let header = if status == 429 {
            "Retry-After: 1\r\n"
        } else {
            ""
        };
        if http::answer(&mut out, status, header, &text).is_err() {
            return;
        }
    }
}

/// Holds a poll open while there is nothing to say.
fn wait(request: &Request, world: &(Mutex<World>, Condvar)) {
    let wait: u64 = request
        .query
        .strip_prefix("wait=")
        .unwrap()
        .parse()
        .unwrap();
    let end = Instant::now() + Duration::from_secs(wait.min(20));
    let mut guard = world.0.lock().unwrap();
    while guard.commands.values().all(|c| c.status != "pending")
        && guard.raw_poll.is_none()
        && guard.trouble.is_empty()
    {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return;
        }
        guard = world.1.wait_timeout(guard, left).unwrap().0;
    }
}

type Answer = (u16, Value);

fn refuse(status: u16, code: &str, detail: &str) -> Answer {
    (status, json!({"detail": detail, "code": code}))
}

fn route(world: &mut World, request: &Request) -> Answer {
    let parts: Vec<String> = request.path.split('/').skip(1).map(http::decoded).collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let body = request.body.clone().unwrap_or(Value::Null);
    match (request.method.as_str(), parts.as_slice()) {
        ("POST", ["api", "agents", "register"]) => register(world, request, &body),
        ("POST", ["api", "events", "batch"]) => events(world, request, &body),
        (_, ["api", "agents", agent, rest @ ..]) => {
            if request.bearer != world.token || world.revoked {
                return refuse(401, "token_unknown", "agent token unknown");
            }
            if *agent != "agent-1" {
                return refuse(
                    403,
                    "agent_foreign",
                    "agent token does not match path agent_id",
                );
            }
            match (request.method.as_str(), rest) {
                ("GET", ["jobs"]) => jobs(world),
                ("POST", ["heartbeat"]) => {
                    only(&body, &["version", "policy", "runs", "note"]);
                    world.beats.push(body);
                    (204, Value::Null)
                }
                ("POST", ["jobs", cmd, "ack"]) => ack(world, cmd, body),
                ("POST", ["jobs", cmd, "exit"]) => exit(world, cmd, body),
                ("DELETE", []) => {
                    world.revoked = true;
                    (204, Value::Null)
                }
                other => panic!("no such route: {other:?}"),
            }
        }
        other => panic!("no such route: {other:?}"),
    }
}

fn only(body: &Value, known: &[&str]) {
    for key in body.as_object().expect("an object").keys() {
        assert!(
            known.contains(&key.as_str()),
            "the protocol has no field {key}"
        );
    }
}

fn register(world: &mut World, request: &Request, body: &Value) -> Answer {
    if request.bearer != PERSON {
        return refuse(401, "token_unknown", "Invalid or expired API token");
    }
    only(
        body,
        &[
            "hostname",
            "version",
            "capabilities",
            "label",
            "machine_id",
            "uid",
            "instance",
        ],
    );
    world.registrations.push(body.clone());
    world.token = format!("ag_live_{}", world.registrations.len());
    let token = world.token.clone();
    (
        201,
        json!({"agent_id": "agent-1", "agent_token": token, "poll_interval_s": 10,
        "heartbeat_interval_s": 5, "server_time_utc": jiff::Timestamp::now().to_string(), "expires_at": null}),
    )
}

fn jobs(world: &mut World) -> Answer {
    world.polls += 1;
    let pending = world.order.iter().map(|id| &world.commands[id]);
    let pending: Vec<_> = pending
        .filter(|c| c.status == "pending")
        .map(|c| c.job.clone())
        .collect();
    (
        200,
        json!({"jobs": pending, "server_time_utc": jiff::Timestamp::now().to_string()}),
    )
}

fn ack(world: &mut World, cmd: &str, body: Value) -> Answer {
    only(&body, &["status", "pid", "error", "reason"]);
    let Some(command) = world.commands.get_mut(cmd) else {
        return refuse(404, "command_not_found", "command not found");
    };
    let status = body["status"].as_str().unwrap().to_owned();
    assert!(status == "started" || status == "failed", "{status}");
    if command.status == "cancelled" {
        return refuse(409, "command_cancelled", "it was taken back");
    }
    if command.status != "pending" && command.status != status {
        let text = format!("cmd already in status '{}'", command.status);
        return refuse(409, "command_settled", &text);
    }
    command.status = status.clone();
    command.acks.push(body);
    let token = (status == "started")
        .then(|| format!("{RUN_TOKEN}{}", command.job["batch_id"].as_str().unwrap()));
    (
        200,
        json!({"cmd_id": cmd, "status": status, "reporter_token": token, "new": []}),
    )
}

fn exit(world: &mut World, cmd: &str, body: Value) -> Answer {
    only(
        &body,
        &[
            "exit_code",
            "signal",
            "reason",
            "last_lines",
            "started_at",
            "ended_at",
        ],
    );
    assert!(body["last_lines"].as_array().unwrap().len() <= 50);
    let Some(command) = world.commands.get_mut(cmd) else {
        return refuse(404, "command_not_found", "command not found");
    };
    command.exits.push(body);
    (
        200,
        json!({"cmd_id": cmd, "status": "exited", "batch_status": "done"}),
    )
}

fn events(world: &mut World, request: &Request, body: &Value) -> Answer {
    only(body, &["events"]);
    let batch = request
        .bearer
        .strip_prefix(RUN_TOKEN)
        .expect("a run's token")
        .to_owned();
    let events = body["events"].as_array().unwrap();
    assert!((1..=500).contains(&events.len()));
    for event in events {
        only(
            event,
            &[
                "schema_version",
                "event_type",
                "timestamp",
                "batch_id",
                "event_id",
                "source",
                "data",
            ],
        );
        assert_eq!(
            event["batch_id"],
            batch.as_str(),
            "a token reaches its own batch only"
        );
        let id = event["event_id"].as_str().unwrap().to_owned();
        assert_eq!(id.len(), 36);
        if world.events.contains_key(&id) {
            world.repeats += 1;
            continue;
        }
        let mut event = event.clone();
        event["seen"] = world.events.len().into();
        world.events.insert(id, event);
    }
    (
        200,
        json!({"accepted": events.len(), "rejected": 0, "results": [], "stop": {}}),
    )
}

//! What the test server answers.

use crate::http::{self, Request};
use crate::server::{PERSON, RUN_TOKEN, World};
use serde_json::{Value, json};

/// Status and body.
pub type Answer = (u16, Value);

fn refuse(status: u16, code: &str, detail: &str) -> Answer {
    (status, json!({"detail": detail, "code": code}))
}

/// Answers a request.
pub fn answer(world: &mut World, request: &Request) -> Answer {
    let answer = early(world, request).unwrap_or_else(|| route(world, request));
    if !world.early {
        return answer;
    }
    let (status, mut body) = answer;
    for unknown in [
        "server_time_utc",
        "reporter_token",
        "heartbeat_interval_s",
        "expires_at",
    ] {
        body.as_object_mut().map(|map| map.remove(unknown));
    }
    (status, body)
}

/// What the first server refuses.
fn early(world: &World, request: &Request) -> Option<Answer> {
    let part = request.path.rsplit('/').next().unwrap_or_default();
    let known: &[&str] = match part {
        "register" => &["hostname", "version", "capabilities"],
        "ack" => &["status", "pid", "error"],
        "heartbeat" => &["note"],
        _ => &[],
    };
    let keys = request.body.as_ref().and_then(Value::as_object)?.keys();
    let unknown = keys.into_iter().any(|key| !known.contains(&key.as_str()));
    match part {
        _ if !world.early => None,
        "exit" => Some((404, json!({"detail": "Not Found"}))),
        "register" | "ack" | "heartbeat" if unknown => Some((422, json!({"detail": []}))),
        _ => None,
    }
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
        json!({"agent_id": "agent-1", "agent_token": token, "poll_interval_s": if world.early { 1 } else { 10 },
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

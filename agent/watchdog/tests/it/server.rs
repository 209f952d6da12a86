//! Reports to a strict server: in order, once each, kept while it is away.

use crate::command::dog;
use crate::stub::{Answer, Request, Stub};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The keys a request may have; the server refuses others.
fn only(value: &Value, keys: &[&str]) {
    let found: Vec<&String> = value.as_object().expect("an object").keys().collect();
    assert!(
        found.iter().all(|k| keys.contains(&k.as_str())),
        "{found:?} beyond {keys:?}"
    );
}

fn strict(request: &Request) -> Option<Answer> {
    let body = &request.body;
    match request.line.as_str() {
        "POST /api/agents/register HTTP/1.1" => {
            assert_eq!(request.headers["authorization"], "Bearer em_live_person");
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
            assert_eq!(body["capabilities"], json!(["watchdog"]));
            Some(Answer::json(
                201,
                &json!({"agent_id": "a1", "agent_token": "ag_live_dog", "poll_interval_s": 10}),
            ))
        }
        "POST /api/watchdog/reports HTTP/1.1" => {
            assert_eq!(request.headers["authorization"], "Bearer ag_live_dog");
            only(body, &["host", "boot_id", "items"]);
            let items = body["items"].as_array().expect("items");
            assert!(!items.is_empty() && items.len() <= 500);
            for item in items {
                only(item, &["id", "kind", "ts", "data"]);
                let kinds = [
                    "snapshot",
                    "problem",
                    "action",
                    "ask",
                    "transcript",
                    "summary",
                ];
                assert!(kinds.contains(&item["kind"].as_str().expect("kind")));
            }
            None
        }
        "POST /api/watchdog/heartbeat HTTP/1.1" => {
            only(body, &["host", "version", "cycle", "mode"]);
            only(
                &body["cycle"],
                &["at", "ms", "problems", "actions", "interval_s"],
            );
            Some(Answer {
                body: String::new(),
                ..Answer::json(204, &Value::Null)
            })
        }
        _ => None,
    }
}

fn cycle(home: &Path, url: &str) -> i32 {
    let out = dog(home)
        .arg("--once")
        .env("ARGUS_URL", url)
        .env("ARGUS_TOKEN", "em_live_person")
        .output();
    out.expect("run").status.code().expect("code")
}

#[test]
fn reports_wait_for_the_server_and_arrive_once() {
    let home = tempfile::tempdir().expect("folder");
    let stub = Stub::start(|request, n| {
        if let Some(answer) = strict(request) {
            return answer;
        }
        if request.line.starts_with("GET /api/watchdog/policy") {
            if request
                .headers
                .get("if-none-match")
                .is_some_and(|t| t == "\"v1\"")
            {
                return Answer {
                    body: String::new(),
                    ..Answer::json(304, &Value::Null)
                };
            }
            let mut answer = Answer::json(200, &json!({"version": 1, "mute": [], "approvals": []}));
            answer.headers.push(("etag", "\"v1\"".into()));
            return answer;
        }
        assert!(
            request.line.starts_with("POST /api/watchdog/reports"),
            "{}",
            request.line
        );
        if n < 3 {
            Answer::json(503, &json!({"detail": "later"}))
        } else {
            Answer::json(200, &json!({"accepted": 1, "duplicates": 0}))
        }
    });
    assert_eq!(
        cycle(home.path(), &stub.url),
        2,
        "degraded: the server wants to be left alone"
    );
    let spool = || {
        fs::read_dir(home.path().join("state/spool"))
            .expect("spool")
            .count()
    };
    assert_eq!(spool(), 1);
    // It asked for a minute of peace; here that minute is over.
    let file = home.path().join("state/server.json");
    let mut known: Value = serde_json::from_slice(&fs::read(&file).expect("known")).expect("JSON");
    known["not_before"] = 0.into();
    fs::write(&file, known.to_string()).expect("known");
    assert_eq!(cycle(home.path(), &stub.url), 0);
    assert_eq!(spool(), 0);
    let requests = stub.requests();
    assert_eq!(
        requests
            .iter()
            .filter(|r| r.line.contains("register"))
            .count(),
        1,
        "one identity"
    );
    let sent = requests
        .iter()
        .rfind(|r| r.line.contains("reports"))
        .expect("a report");
    let ids: Vec<&str> = sent.body["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|i| i["id"].as_str().expect("id"))
        .collect();
    assert_eq!(ids.len(), 2, "both snapshots");
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 2);
    let tag = requests
        .iter()
        .rfind(|r| r.line.starts_with("GET"))
        .expect("policy");
    assert_eq!(tag.headers["if-none-match"], "\"v1\"");
}

#[test]
fn a_server_can_pause_and_an_old_server_is_no_trouble_for_the_host() {
    let home = tempfile::tempdir().expect("folder");
    let paused = Stub::start(|request, _| {
        strict(request).unwrap_or_else(|| {
            Answer::json(200, &json!({"version": 2, "paused_until": "2099-01-01T00:00:00Z", "accepted": 1, "duplicates": 0}))
        })
    });
    assert_eq!(cycle(home.path(), &paused.url), 0);
    let beat = paused
        .requests()
        .into_iter()
        .find(|r| r.line.contains("heartbeat"))
        .expect("a heartbeat");
    assert_eq!(beat.body["mode"], "paused");
    let old = Stub::start(|request, _| match request.line.as_str() {
        "POST /api/agents/register HTTP/1.1" if request.body.get("uid").is_some() => {
            Answer::json(422, &json!({"detail": "extra"}))
        }
        "POST /api/agents/register HTTP/1.1" => {
            Answer::json(201, &json!({"agent_id": "a", "agent_token": "ag_live_x"}))
        }
        _ => Answer::json(404, &json!({"detail": "Not Found"})),
    });
    let home = tempfile::tempdir().expect("folder");
    assert_eq!(cycle(home.path(), &old.url), 2);
    let asked = old.requests().len();
    assert_eq!(cycle(home.path(), &old.url), 0);
    assert_eq!(old.requests().len(), asked, "left alone for an hour");
}

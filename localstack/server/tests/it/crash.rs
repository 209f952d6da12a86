//! kill -9 under load: nothing acknowledged is missing, nothing is doubled.

use crate::process::{Server, get, post};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// Senders at the same time.
const SENDERS: usize = 6;
/// Acknowledged requests before the kill.
const ENOUGH: usize = 60;

fn event(kind: &str, job: &str, id: &str, data: Value) -> Value {
    json!({"event_id": id, "schema_version": "1.1", "event_type": kind,
        "timestamp": "2026-11-21T04:20:39Z", "batch_id": "b",
        "job_id": if job.is_empty() { Value::Null } else { json!(job) },
        "source": {"project": "p"}, "data": data})
}

fn request(sender: usize, number: usize) -> Value {
    let job = format!("j{sender}");
    let mut events: Vec<Value> = (0..5)
        .map(|i| {
            let epoch = number * 5 + i;
            event(
                "job_epoch",
                &job,
                &format!("epoch-{sender}-{epoch}"),
                json!({"epoch": epoch}),
            )
        })
        .collect();
    // Every request also ends a job of its own, so lifecycle and detail are both at stake.
    let own = format!("own-{sender}-{number}");
    events.push(event(
        "job_done",
        &own,
        &format!("done-{sender}-{number}"),
        json!({"status": "done"}),
    ));
    json!({"events": events})
}

#[test]
fn nothing_acknowledged_is_missing_or_doubled() {
    let dir = tempfile::tempdir().expect("temp dir");
    let mut acknowledged: BTreeSet<(usize, usize)> = BTreeSet::new();
    let mut next = 0;
    let mut credentials = None;
    for _round in 0..3 {
        let server = Server::start(dir.path());
        let (_, token) = credentials
            .get_or_insert_with(|| server.account("alice"))
            .clone();
        let done = Arc::new(Mutex::new(BTreeSet::new()));
        let count = Arc::new(AtomicUsize::new(0));
        let dead = Arc::new(AtomicBool::new(false));
        let senders: Vec<_> = (0..SENDERS)
            .map(|sender| {
                let (host, token) = (server.host.clone(), token.clone());
                let (done, count, dead) =
                    (Arc::clone(&done), Arc::clone(&count), Arc::clone(&dead));
                std::thread::spawn(move || {
                    let mut number = next;
                    while !dead.load(Ordering::SeqCst) {
                        let answer =
                            post(&host, "/api/events/batch", &token, &request(sender, number));
                        if let Some((200, body)) = answer {
                            assert_eq!(body["rejected"], 0, "{body}");
                            done.lock().expect("lock").insert((sender, number));
                            count.fetch_add(1, Ordering::SeqCst);
                        }
                        number += 1;
                    }
                })
            })
            .collect();
        while count.load(Ordering::SeqCst) < ENOUGH {
            std::thread::yield_now();
        }
        server.kill();
        dead.store(true, Ordering::SeqCst);
        for sender in senders {
            sender.join().expect("sender");
        }
        acknowledged.extend(done.lock().expect("lock").iter());
        next += 1_000_000;
    }
    let server = Server::start(dir.path());
    let (session, token) = credentials.expect("made");
    // A client repeats what it has no answer for, and anything else it likes.
    for (sender, number) in acknowledged.iter().take(20) {
        let (status, body) = post(
            &server.host,
            "/api/events/batch",
            &token,
            &request(*sender, *number),
        )
        .expect("answer");
        assert_eq!(status, 200);
        let rows = body["results"].as_array().expect("rows");
        assert!(rows.iter().all(|r| r["status"] == "deduplicated"), "{body}");
    }
    check(&server, &session, &acknowledged);
    server.kill();
}

fn check(server: &Server, session: &str, acknowledged: &BTreeSet<(usize, usize)>) {
    let (_, jobs) = get(&server.host, "/api/batches/b/jobs", session);
    let jobs = jobs.as_array().expect("jobs").clone();
    let names: Vec<&str> = jobs.iter().filter_map(|j| j["id"].as_str()).collect();
    assert_eq!(
        names.iter().collect::<BTreeSet<_>>().len(),
        names.len(),
        "no job twice"
    );
    for sender in 0..SENDERS {
        let path = format!("/api/jobs/b/j{sender}/epochs");
        let (_, points) = get(&server.host, &path, session);
        let epochs: Vec<u64> = points
            .as_array()
            .expect("points")
            .iter()
            .filter_map(|p| p["epoch"].as_u64())
            .collect();
        let distinct: BTreeSet<u64> = epochs.iter().copied().collect();
        assert_eq!(distinct.len(), epochs.len(), "no epoch twice");
        for (_, number) in acknowledged.iter().filter(|(s, _)| *s == sender) {
            for i in 0..5 {
                assert!(
                    distinct.contains(&((number * 5 + i) as u64)),
                    "epoch {number}/{i} is missing"
                );
            }
            let own = format!("own-{sender}-{number}");
            assert!(names.contains(&own.as_str()), "job {own} is missing");
        }
    }
    let done = jobs.iter().filter(|j| j["status"] == "done").count();
    let (_, batch) = get(&server.host, "/api/batches/b", session);
    assert_eq!(
        batch["n_done"].as_u64(),
        Some(done as u64),
        "the counter equals a recount"
    );
}

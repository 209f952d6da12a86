//! Events per second, durable.

use crate::Outcome;
use crate::client::Client;
use crate::server::Server;
use crate::table::{histogram, ms, print, record};
use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};

/// One epoch event.
pub fn epoch(batch: &str, job: &str, number: u64, serial: u64) -> Value {
    json!({
        "event_id": format!("{serial:08x}-0000-4000-8000-{number:012x}"),
        "schema_version": "1.1", "event_type": "job_epoch", "timestamp": "2026-11-21T04:20:39Z",
        "batch_id": batch, "job_id": job,
        "source": {"project": "bench", "host": "vm", "user": "bench"},
        "data": {"epoch": number, "train_loss": 1.0 / (number as f64 + 1.0), "val_loss": 1.1 / (number as f64 + 1.0), "lr": 0.001},
    })
}

/// `batch_start` of a batch.
pub fn batch_start(batch: &str, serial: u64) -> Value {
    let mut event = epoch(batch, "", 0, serial);
    event["event_id"] = json!(format!("start-{batch}-{serial}"));
    event["event_type"] = json!("batch_start");
    event["job_id"] = Value::Null;
    event["data"] = json!({"n_total_jobs": 1});
    event
}

/// Runs all shapes.
pub async fn run(binary: &Path, seconds: u64) -> Outcome<()> {
    let mut rows = vec![
        [
            "shape",
            "connections",
            "batches",
            "requests/s",
            "events/s",
            "p50 ms",
            "p99 ms",
            "RSS MB",
        ]
        .map(str::to_owned)
        .to_vec(),
    ];
    for (size, connections, shared) in [
        (1, 1, false),
        (1, 16, false),
        (1, 16, true),
        (1, 64, false),
        (100, 1, false),
        (100, 16, false),
        (500, 4, false),
    ] {
        let server = Server::start(binary).await?;
        rows.push(measure(&server, size, connections, shared, seconds).await?);
    }
    print(
        "Ingest, every answer after fsync (budget: 100-epoch posts >= 30,000 events/s; singles at 16 connections >= 1,200/s, p50 <= 12 ms)",
        &rows,
    );
    Ok(())
}

async fn measure(
    server: &Server,
    size: u64,
    connections: u64,
    shared: bool,
    seconds: u64,
) -> Outcome<Vec<String>> {
    let until = Instant::now() + Duration::from_secs(seconds);
    let begun = Instant::now();
    let mut tasks = Vec::new();
    for connection in 0..connections {
        let batch = if shared {
            "bench".to_owned()
        } else {
            format!("bench-{connection}")
        };
        let mut client = Client::connect(&server.host, &server.token).await?;
        client
            .post("/api/events", &batch_start(&batch, connection))
            .await?;
        tasks.push(tokio::spawn(async move {
            let mut taken = histogram();
            let job = format!("job-{connection}");
            let mut number = 0;
            while Instant::now() < until {
                let events: Vec<Value> = (0..size)
                    .map(|i| epoch(&batch, &job, number + i, connection))
                    .collect();
                number += size;
                let (path, body) = match size {
                    1 => ("/api/events", events[0].to_string()),
                    _ => ("/api/events/batch", json!({"events": events}).to_string()),
                };
                let sent = Instant::now();
                client.call(Method::POST, path, Bytes::from(body)).await?;
                record(&mut taken, sent.elapsed());
            }
            Outcome::Ok(taken)
        }));
    }
    let mut all = histogram();
    for task in tasks {
        all.add(task.await??)?;
    }
    let rate = all.len() as f64 / begun.elapsed().as_secs_f64();
    let shape = if size == 1 {
        "single".to_owned()
    } else {
        format!("batch of {size}")
    };
    Ok(vec![
        shape,
        connections.to_string(),
        if shared { "one" } else { "one each" }.to_owned(),
        format!("{rate:.0}"),
        format!("{:.0}", rate * size as f64),
        format!("{:.2}", ms(&all, 0.5)),
        format!("{:.2}", ms(&all, 0.99)),
        format!("{:.0}", server.rss_mb()),
    ])
}

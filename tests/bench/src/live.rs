//! From the moment an event is sent to its frame at every listener.

use crate::Outcome;
use crate::client::Client;
use crate::ingest::{batch_start, epoch};
use crate::server::Server;
use crate::table::{histogram, ms, print, record};
use bytes::Bytes;
use hdrhistogram::Histogram;
use http::Method;
use http_body_util::BodyExt;
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

const LISTENERS: usize = 200;

type Sent = Arc<Mutex<HashMap<String, Instant>>>;

/// Runs with 200 listeners at ten events a second.
pub async fn run(binary: &Path, seconds: u64) -> Outcome<()> {
    let server = Server::start(binary).await?;
    let mut client = Client::connect(&server.host, &server.token).await?;
    client.post("/api/events", &batch_start("live", 0)).await?;
    let sent: Sent = Arc::default();
    let taken = Arc::new(Mutex::new(histogram()));
    let ready = Arc::new(Semaphore::new(0));
    let mut listeners = Vec::new();
    for _ in 0..LISTENERS {
        let listener = Client::connect(&server.host, &server.session).await?;
        let (sent, taken, ready) = (Arc::clone(&sent), Arc::clone(&taken), Arc::clone(&ready));
        listeners.push(tokio::spawn(listen(listener, sent, taken, ready)));
    }
    let _all = ready.acquire_many(LISTENERS as u32).await?;
    let events = seconds * 10;
    for number in 0..events {
        let event = epoch("live", "j", number, 7);
        let id = event["event_id"].as_str().unwrap_or_default().to_owned();
        sent.lock()
            .unwrap_or_else(|e| e.into_inner())
            .insert(id, Instant::now());
        client
            .call(Method::POST, "/api/events", Bytes::from(event.to_string()))
            .await?;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let taken = taken.lock().unwrap_or_else(|e| e.into_inner()).clone();
    let header = [
        "listeners",
        "events",
        "frames",
        "of",
        "p50 ms",
        "p99 ms",
        "max ms",
        "RSS MB",
    ];
    let row = vec![
        LISTENERS.to_string(),
        events.to_string(),
        taken.len().to_string(),
        (events * LISTENERS as u64).to_string(),
        format!("{:.2}", ms(&taken, 0.5)),
        format!("{:.2}", ms(&taken, 0.99)),
        format!("{:.2}", taken.max() as f64 / 1000.0),
        format!("{:.0}", server.rss_mb()),
    ];
    print(
        "Live: event sent -> frame received, fsync included (budget p50 <= 20 ms, p99 <= 100 ms)",
        &[header.map(str::to_owned).to_vec(), row],
    );
    Ok(())
}

async fn listen(
    mut client: Client,
    sent: Sent,
    taken: Arc<Mutex<Histogram<u64>>>,
    ready: Arc<Semaphore>,
) -> Outcome<()> {
    let response = client
        .open(Method::GET, "/api/sse?channels=batch:live", Bytes::new())
        .await?;
    let mut body = response.into_body();
    let mut buffer = String::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else {
            continue;
        };
        buffer.push_str(&String::from_utf8_lossy(&data));
        while let Some(end) = buffer.find("\n\n") {
            let block: String = buffer.drain(..end + 2).collect();
            if block.contains("event: hello") {
                ready.add_permits(1);
            }
            let id = block
                .split("\"event_id\":\"")
                .nth(1)
                .and_then(|rest| rest.split('"').next());
            let Some(id) = id else { continue };
            let begun = sent
                .lock()
                .unwrap_or_else(|e| e.into_inner())
                .get(id)
                .copied();
            if let Some(begun) = begun {
                record(
                    &mut taken.lock().unwrap_or_else(|e| e.into_inner()),
                    begun.elapsed(),
                );
            }
        }
    }
    Ok(())
}

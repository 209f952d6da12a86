//! How long a route takes.

use super::seed;
use crate::Outcome;
use crate::client::Client;
use crate::server::Process;
use crate::table::{histogram, ms, record};
use bytes::Bytes;
use hdrhistogram::Histogram;
use http::Method;
use std::path::Path;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Calls of one connection alone, of each of several, and after changes.
const CALLS: (usize, usize, usize) = (30, 10, 10);
/// Connections that call at the same time.
const TOGETHER: usize = 8;

/// What was measured of one route.
pub struct Times {
    bytes: usize,
    alone: Histogram<u64>,
    together: Histogram<u64>,
    changed: Histogram<u64>,
}

impl Times {
    /// 95th percentile at one connection, ms.
    pub fn alone_p95(&self) -> f64 {
        ms(&self.alone, 0.95)
    }

    /// 95th percentile at eight connections, ms.
    pub fn together_p95(&self) -> f64 {
        ms(&self.together, 0.95)
    }

    /// 95th percentile of calls that follow a change, ms.
    pub fn changed_p95(&self) -> f64 {
        ms(&self.changed, 0.95)
    }

    /// Cells from the size on.
    pub fn cells(&self, cold_ms: f64) -> [String; 7] {
        let one = |number: f64| format!("{number:.1}");
        [
            one(self.bytes as f64 / 1024.0),
            one(cold_ms),
            one(ms(&self.alone, 0.5)),
            one(self.alone_p95()),
            one(ms(&self.together, 0.5)),
            one(self.together_p95()),
            one(self.changed_p95()),
        ]
    }
}

/// Milliseconds of the first call after a start.
pub async fn cold(binary: &Path, data: &Path, session: &str, path: &str) -> Outcome<f64> {
    let server = Process::start(binary, data).await?;
    let mut client = Client::connect(&server.host, session).await?;
    let sent = Instant::now();
    client.call(Method::GET, path, Bytes::new()).await?;
    let took = sent.elapsed().as_secs_f64() * 1000.0;
    server.stop().await?;
    Ok(took)
}

/// Measures one route of a running server.
pub async fn route(host: &str, session: &str, token: &str, path: &str) -> Outcome<Times> {
    let mut client = Client::connect(host, session).await?;
    let bytes = client.call(Method::GET, path, Bytes::new()).await?.len();
    let mut alone = histogram();
    calls(&mut client, path, CALLS.0, &mut alone).await?;
    let mut together = histogram();
    let mut tasks = Vec::new();
    for _ in 0..TOGETHER {
        let (mut client, path) = (Client::connect(host, session).await?, path.to_owned());
        tasks.push(tokio::spawn(async move {
            let mut taken = histogram();
            calls(&mut client, &path, CALLS.1, &mut taken).await?;
            Outcome::Ok(taken)
        }));
    }
    for task in tasks {
        together.add(task.await??)?;
    }
    let mut changed = histogram();
    let mut reporter = Client::connect(host, token).await?;
    let serial = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis() as u64 * 100;
    for number in 0..CALLS.2 {
        let event = seed::change(serial + number as u64);
        reporter.post("/api/events", &event).await?;
        calls(&mut client, path, 1, &mut changed).await?;
    }
    Ok(Times {
        bytes,
        alone,
        together,
        changed,
    })
}

async fn calls(
    client: &mut Client,
    path: &str,
    count: usize,
    taken: &mut Histogram<u64>,
) -> Outcome<()> {
    for _ in 0..count {
        let sent = Instant::now();
        client.call(Method::GET, path, Bytes::new()).await?;
        record(taken, sent.elapsed());
    }
    Ok(())
}

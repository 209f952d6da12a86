//! Watching a replay, and the memory of the server meanwhile.

use super::file::SpillFile;
use crate::Outcome;
use crate::client::Client;
use crate::server::Process;
use serde_json::Value;
use std::time::{Duration, Instant};

/// Pause between looks.
const PAUSE: Duration = Duration::from_millis(250);
/// A replay without progress for this long is stuck.
const STUCK: Duration = Duration::from_secs(60);

/// What was seen of a replay.
#[derive(Default)]
pub struct Followed {
    /// Most resident memory of the server, MB.
    pub peak_mb: f64,
    /// Time spent.
    pub replaying: Duration,
}

/// Waits until `bytes` of the lines are replayed, or all; the progress then.
pub async fn until(
    server: &Process,
    token: &str,
    id: u64,
    bytes: Option<u64>,
    file: &SpillFile,
    seen: &mut Followed,
) -> Outcome<Value> {
    let mut client = Client::connect(&server.host, token).await?;
    let path = format!("/api/events/spill/{id}");
    let begun = Instant::now();
    let (mut moved, mut last) = (begun, 0);
    loop {
        let spill = client.get(&path).await?;
        let rss = server.rss_mb();
        seen.peak_mb = seen.peak_mb.max(rss);
        let done = spill["bytes_done"].as_u64().unwrap_or(0);
        eprint!(
            "\rreplayed {:>5} of {} MB, server at {rss:>4.0} MB",
            done / 1_000_000,
            file.unpacked / 1_000_000
        );
        let ended = ["done", "failed"]
            .map(Value::from)
            .contains(&spill["state"]);
        if ended || bytes.is_some_and(|bytes| done >= bytes) {
            eprintln!();
            seen.replaying += begun.elapsed();
            return Ok(spill);
        }
        if done > last {
            (moved, last) = (Instant::now(), done);
        }
        if moved.elapsed() > STUCK {
            return Err(format!("the replay is stuck: {spill}").into());
        }
        tokio::time::sleep(PAUSE).await;
    }
}

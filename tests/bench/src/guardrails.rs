//! One look at 5,000 active batches: how long it takes, and what it leaves in memory.
//!
//! The server looks every minute by itself; the bench seeds, waits for two looks that saw all
//! batches, and reads what they noted of themselves.

use crate::Outcome;
use crate::client::Client;
use crate::server::Server;
use crate::table::print;
use domain::time::Timestamp;
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Active batches.
const BATCHES: usize = 5000;
/// One batch in so many has a loss that is no number.
const DIVERGES: usize = 50;
/// Batches of one request.
const PER_POST: usize = 80;
/// Longest wait for a look.
const PATIENCE: Duration = Duration::from_secs(180);
/// Longest a look may take, seconds.
const BUDGET_S: f64 = 30.0;
/// Most it may leave in memory, MB.
const BUDGET_MB: f64 = 10.0;

/// What a look noted of itself.
struct Run {
    at: String,
    report: Value,
    peak_mb: f64,
}

/// Seeds, then waits for two looks.
///
/// # Errors
/// A look that leaves batches out, or finds the same thing twice.
pub async fn run(binary: &Path) -> Outcome<()> {
    let server = Server::start(binary).await?;
    seed(&server).await?;
    let mut client = Client::connect(&server.host, &server.session).await?;
    let before = server.rss_mb();
    let first = next(&server, &mut client, "").await?;
    let second = next(&server, &mut client, &first.at).await?;
    let header = [
        "look",
        "batches",
        "found",
        "seconds",
        "RSS before",
        "peak",
        "grown MB",
        "",
    ];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    for (name, run) in [("first", &first), ("second", &second)] {
        let count = |key: &str| run.report[key].as_u64().unwrap_or(0);
        let (secs, grown) = (count("took_ms") as f64 / 1000.0, run.peak_mb - before);
        let over = secs > BUDGET_S || grown > BUDGET_MB;
        rows.push(vec![
            name.to_owned(),
            count("looked").to_string(),
            count("found").to_string(),
            format!("{secs:.1}"),
            format!("{before:.0}"),
            format!("{:.0}", run.peak_mb),
            format!("{grown:.1}"),
            if over { "OVER" } else { "" }.to_owned(),
        ]);
    }
    print(
        &format!(
            "Guardrails over {BATCHES} active batches (budget {BUDGET_S} s, {BUDGET_MB} MB grown)"
        ),
        &rows,
    );
    match second.report["found"] == json!(0) {
        true => Ok(()),
        false => Err(format!("the second look found again: {}", second.report).into()),
    }
}

/// Waits for a look at all batches after the one of `last`.
async fn next(server: &Server, client: &mut Client, last: &str) -> Outcome<Run> {
    let (begun, mut peak_mb) = (Instant::now(), 0.0_f64);
    while begun.elapsed() < PATIENCE {
        peak_mb = peak_mb.max(server.rss_mb());
        let health = client.get("/api/admin/health").await?;
        let runs = health["runs"].as_array().map_or(&[][..], Vec::as_slice);
        let run = runs.iter().find(|run| run["name"] == "cron-guardrails");
        if let Some(run) = run
            && run["at"] != json!(last)
            && run["report"]["looked"].as_u64() >= Some(BATCHES as u64)
        {
            return Ok(Run {
                at: run["at"].as_str().unwrap_or_default().to_owned(),
                report: run["report"].clone(),
                peak_mb: peak_mb.max(server.rss_mb()),
            });
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    Err("no look saw all batches in time".into())
}

async fn seed(server: &Server) -> Outcome<()> {
    let mut reporter = Client::connect(&server.host, &server.token).await?;
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = Timestamp(since.map_or(0, |since| since.as_millis() as i64)).to_text();
    let numbers: Vec<usize> = (0..BATCHES).collect();
    for part in numbers.chunks(PER_POST) {
        let events: Vec<Value> = part
            .iter()
            .flat_map(|number| batch(*number, &now))
            .collect();
        let all = events.len();
        let answer = reporter
            .post("/api/events/batch", &json!({"events": events}))
            .await?;
        if answer["accepted"] != json!(all) {
            return Err(format!("refused while seeding: {answer}").into());
        }
    }
    Ok(())
}

/// A batch with a job at work on a busy GPU.
fn batch(number: usize, now: &str) -> Vec<Value> {
    let id = format!("guard-{number:04}");
    let event = |kind: &str, serial: usize, job: Option<&str>, data: Value| {
        json!({
            "event_id": format!("{kind}-{number}-{serial}"), "schema_version": "1.1", "event_type": kind,
            "batch_id": id, "job_id": job, "timestamp": now, "data": data,
            "source": {"project": format!("guard-{}", number % 20), "host": format!("gpu-{}", number % 64), "user": "bench"},
        })
    };
    let last = match number.is_multiple_of(DIVERGES) {
        true => json!("NaN"),
        false => json!(0.5),
    };
    let epoch = |n: usize, loss: Value| {
        event(
            "job_epoch",
            n,
            Some("job"),
            json!({"epoch": n, "val_loss": loss}),
        )
    };
    vec![
        event("batch_start", 0, None, json!({"n_total_jobs": 1})),
        event("job_start", 0, Some("job"), json!({"model": "m"})),
        epoch(0, json!(1.0)),
        epoch(1, json!(0.7)),
        epoch(2, last),
        event(
            "resource_snapshot",
            0,
            None,
            json!({"gpu_util_pct": 90, "gpu_mem_mb": 12_000}),
        ),
    ]
}

//! What each deed asks of the table in DynamoDB's own units, counted below the SDK while the whole
//! router runs over the embedded engine as one of several instances, the way it does on AWS. The
//! outcome is a JSON file from which `infra/cost/model.py` makes prices, and which no deed may exceed by
//! much: a test asks them all again.

use crate::Outcome;
use domain::account::TokenScope;
use futures::StreamExt;
use serde_json::{Map, Value, json};
use std::path::Path;
use std::time::Duration;
use test_kit::app::Setup;
use test_kit::build::{batch_start, epoch, event};
use test_kit::capacity::WriteUnits;
use test_kit::{Actor, TestApp};
use tokio::time::Instant;

/// Seconds a stream is listened to.
const LISTENED: u64 = 20;
/// Seconds between two requests: what an instance remembers for a second is asked for again.
const BETWEEN_SECS: i64 = 5;
/// Times a deed is done, so that what happens only at first does not count alone.
const TIMES: u32 = 10;

/// Writes what was measured to `out`.
///
/// # Errors
/// A deed that fails.
pub async fn run(out: &Path) -> Outcome<()> {
    let meter = Meter::start().await;
    let mut found = requests(&meter).await?;
    found.insert("stream_idle".to_owned(), meter.listen(0).await?);
    found.insert("stream_active".to_owned(), meter.listen(1).await?);
    let text = serde_json::to_string_pretty(&Value::Object(found))?;
    std::fs::write(out, text + "\n")?;
    println!("{}", out.display());
    Ok(())
}

/// Every deed that is a request, then every read.
async fn requests(meter: &Meter) -> Outcome<Map<String, Value>> {
    let mut found = Map::new();
    meter.post(&[batch_start("b"), start("j0")]).await?;
    for (name, deed) in deeds() {
        meter.units.take();
        for time in 0..TIMES {
            meter.post(&deed(time)).await?;
        }
        found.insert(name.to_owned(), meter.told());
    }
    // Only now, so that the reads find what a running batch has.
    for (name, path) in reads() {
        meter.units.take();
        for _ in 0..TIMES {
            meter.app.services.clock.advance(BETWEEN_SECS);
            meter.reporter.get(path).await.ok(200);
        }
        found.insert(name.to_owned(), meter.told());
    }
    Ok(found)
}

type Deed = fn(u32) -> Vec<Value>;

fn start(job: &str) -> Value {
    event(
        "job_start",
        "b",
        Some(job),
        json!({"model": "patchtst", "dataset": "etth1"}),
    )
}

fn deeds() -> [(&'static str, Deed); 7] {
    [
        ("batch_begin", |time| {
            vec![batch_start(&format!("extra-{time}"))]
        }),
        ("job_begin", |time| vec![start(&format!("j{}", time + 1))]),
        ("epoch_alone", |time| vec![of_job(time)]),
        ("epochs_100", |time| {
            (0..100).map(|i| of_job(1000 + time * 100 + i)).collect()
        }),
        ("log_lines_100", |time| {
            let line = |i| {
                let line = format!(
                    "epoch {} step {i}: loss 0.123456, 184 samples a second",
                    time
                );
                event(
                    "log_line",
                    "b",
                    Some("j0"),
                    json!({"line": line, "level": "info"}),
                )
            };
            (0..100).map(line).collect()
        }),
        ("snapshot", |_| {
            let data = json!({"gpu_util_pct": 93.0, "gpu_mem_mb": 30_000, "cpu_util_pct": 21.5, "ram_mb": 64_000});
            vec![event("resource_snapshot", "b", None, data)]
        }),
        ("job_end", |time| {
            let data =
                json!({"status": "DONE", "elapsed_s": 3600, "metrics": {"MSE": 0.25, "MAE": 0.4}});
            vec![event(
                "job_done",
                "b",
                Some(&format!("j{}", time + 1)),
                data,
            )]
        }),
    ]
}

fn of_job(number: u32) -> Value {
    epoch("b", "j0", i64::from(number), 1.0 / f64::from(number + 7))
}

fn reads() -> [(&'static str, &'static str); 5] {
    [
        ("read_list", "/api/batches?limit=50"),
        ("read_batch", "/api/batches/b"),
        ("read_jobs", "/api/batches/b/jobs"),
        ("read_curve", "/api/jobs/b/j0/epochs?max_points=500"),
        ("read_stop", "/api/batches/b/stop-requested"),
    ]
}

struct Meter {
    app: TestApp,
    reporter: Actor,
    reader: Actor,
    units: WriteUnits,
}

impl Meter {
    async fn start() -> Self {
        let units = WriteUnits::default();
        let setup = Setup {
            shared: true,
            write_units: Some(units.clone()),
            // Stands still in a request and moves between them, however busy this machine is.
            manual_clock: true,
            ..Setup::default()
        };
        let app = TestApp::with(argus_local::mount::routes(), setup).await;
        let user = app.user("alice", false).await;
        let reporter = app.token(&user, TokenScope::Reporter).await;
        let reader = app.token(&user, TokenScope::Viewer).await;
        Self {
            reporter,
            reader,
            units,
            app,
        }
    }

    async fn post(&self, events: &[Value]) -> Outcome<()> {
        self.app.services.clock.advance(BETWEEN_SECS);
        let reply = self
            .reporter
            .post("/api/events/batch", &json!({"events": events}))
            .await;
        let accepted = reply.ok(200)["accepted"].as_u64();
        match accepted == Some(events.len() as u64) {
            true => Ok(()),
            false => Err(format!("{accepted:?} of {} accepted", events.len()).into()),
        }
    }

    /// What each of the times asked of the table: units, and calls.
    fn told(&self) -> Value {
        let totals = self.units.totals();
        let each = |sum: f64| (sum / f64::from(TIMES) * 1000.0).round() / 1000.0;
        let calls = totals.write_operations + totals.reads.operations;
        json!({"write_units": each(totals.write_units), "read_units": each(totals.reads.units), "calls": each(calls as f64)})
    }

    /// Listens to a batch for a while, in which `news` epochs a second happen; per second.
    async fn listen(&self, news: u32) -> Outcome<Value> {
        let reply = self.reader.open("/api/sse?channels=batch:b").await;
        if !reply.status().is_success() {
            return Err(format!("the stream answers {}", reply.status()).into());
        }
        let mut frames = reply.into_body().into_data_stream();
        let seconds = u32::try_from(LISTENED)?;
        let mut heard = 0.0;
        self.units.take();
        let mut next = Instant::now();
        for second in 0..seconds {
            next += Duration::from_secs(1);
            while tokio::time::timeout_at(next, frames.next())
                .await
                .is_ok_and(|frame| frame.is_some())
            {}
            for _ in 0..news {
                // What reporting asks is not the listener's.
                heard += self.units.totals().reads.units;
                self.post(&[of_job(1_000_000 + second)]).await?;
                self.units.take();
            }
        }
        let read = (heard + self.units.totals().reads.units) / f64::from(seconds);
        Ok(
            json!({"write_units": 0.0, "read_units": (read * 1000.0).round() / 1000.0, "calls": 0.0}),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A deed may cost so much more than the committed measurement: what varies from run to run.
    const MARGIN: f64 = 1.10;

    /// What is written or read by time and not by deed falls on some deeds and not on others.
    const BY_TIME: f64 = 0.5;

    /// Seen from where cargo runs tests.
    const MEASURED: &str = "../../infra/cost/measured.json";

    #[tokio::test]
    async fn nothing_became_dearer_than_it_was_measured() {
        let committed = std::fs::read_to_string(MEASURED).expect("make cost writes it");
        let committed: Value = serde_json::from_str(&committed).expect("JSON");
        let meter = Meter::start().await;
        let found = requests(&meter).await.expect("all deeds are done");
        for (name, now) in &found {
            let before = &committed[name];
            for unit in ["write_units", "read_units", "calls"] {
                let value = |json: &Value| json[unit].as_f64().expect("measured");
                let most = value(before) * MARGIN + BY_TIME;
                assert!(
                    value(now) <= most,
                    "{name}: {unit} {} instead of {}: make cost, and say why",
                    now[unit],
                    before[unit]
                );
            }
        }
        let streams = ["stream_active", "stream_idle"];
        let known = committed.as_object().expect("deeds").keys();
        let gone: Vec<&String> = known
            .filter(|name| !found.contains_key(*name) && !streams.contains(&name.as_str()))
            .collect();
        assert!(gone.is_empty(), "no longer measured: {gone:?}");
    }
}

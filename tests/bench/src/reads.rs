//! Read latencies on a seeded table.

use crate::Outcome;
use crate::client::Client;
use crate::ingest::{batch_start, epoch};
use crate::server::Server;
use crate::table::{histogram, ms, print, record};
use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};
use std::io::IsTerminal;
use std::path::Path;
use std::time::Instant;

/// Calls per route.
const CALLS: usize = 30;
/// Connections that seed.
const SEEDERS: usize = 8;

/// Seeds one batch of `jobs` × `epochs`, then reads.
pub async fn run(binary: &Path, jobs: usize, epochs: usize) -> Outcome<()> {
    let server = Server::start(binary).await?;
    let begun = Instant::now();
    seed(&server, jobs, epochs).await?;
    let total = jobs * epochs;
    println!(
        "\nseeded {total} epochs in {:.1} s ({:.0} events/s)",
        begun.elapsed().as_secs_f64(),
        total as f64 / begun.elapsed().as_secs_f64()
    );
    let mut client = Client::connect(&server.host, &server.session).await?;
    let mut rows = vec![
        ["route", "KB", "p50 ms", "p95 ms"]
            .map(str::to_owned)
            .to_vec(),
    ];
    for path in [
        "/api/batches?limit=50",
        "/api/batches/seed",
        "/api/batches/seed/jobs",
        "/api/batches/seed/epochs/latest",
        "/api/batches/compact?limit=1",
        "/api/jobs/seed/job-7",
        "/api/jobs/seed/job-7/epochs",
        "/api/jobs/seed/job-7/epochs?max_points=200",
        "/api/batches/seed/epochs?limit=20&max_points=100",
        "/api/batches/seed/log-lines",
        "/api/batches/seed/resources",
    ] {
        let mut taken = histogram();
        let mut size = 0;
        for _ in 0..CALLS {
            let sent = Instant::now();
            size = client.call(Method::GET, path, Bytes::new()).await?.len();
            record(&mut taken, sent.elapsed());
        }
        rows.push(vec![
            path.to_owned(),
            format!("{:.0}", size as f64 / 1024.0),
            format!("{:.2}", ms(&taken, 0.5)),
            format!("{:.2}", ms(&taken, 0.95)),
        ]);
    }
    print(
        &format!(
            "Reads, {jobs} jobs x {epochs} epochs in one batch (budget p95 <= 100 ms); RSS {:.0} MB, ready after {:.0} ms",
            server.rss_mb(),
            server.ready.as_secs_f64() * 1000.0
        ),
        &rows,
    );
    Ok(())
}

async fn seed(server: &Server, jobs: usize, epochs: usize) -> Outcome<()> {
    let mut client = Client::connect(&server.host, &server.token).await?;
    client.post("/api/events", &batch_start("seed", 0)).await?;
    let mut tasks = Vec::new();
    for seeder in 0..SEEDERS {
        let mut client = Client::connect(&server.host, &server.token).await?;
        tasks.push(tokio::spawn(async move {
            for job in (seeder..jobs).step_by(SEEDERS) {
                let name = format!("job-{job}");
                for from in (0..epochs).step_by(500) {
                    let events: Vec<Value> = (from..epochs.min(from + 500))
                        .map(|i| epoch("seed", &name, i as u64, job as u64))
                        .collect();
                    client
                        .post("/api/events/batch", &json!({"events": events}))
                        .await?;
                }
                if seeder == 0 && std::io::stderr().is_terminal() {
                    eprint!("\rseeding {:>3} %", job * 100 / jobs.max(1));
                }
            }
            Outcome::Ok(())
        }));
    }
    for task in tasks {
        task.await??;
    }
    Ok(())
}

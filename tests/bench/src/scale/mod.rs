//! Every read route over a project of 10,000 jobs and 1,000,000 epochs.
//!
//! Reading order: [`seed`], [`routes`], [`measure`], [`units`].

mod measure;
mod routes;
mod seed;
mod units;

use crate::Outcome;
use crate::server::Process;
use crate::table::print;
use measure::Times;
use std::path::Path;

/// Account that owns the data; no administrator.
const OWNER: &str = "member";
/// What every 95th percentile should stay under, in milliseconds.
const BUDGET_MS: f64 = 100.0;

/// Seeds unless `keep` holds the data already, measures, and counts what the table was asked for.
pub async fn run(binary: &Path, keep: Option<&Path>, only: &str) -> Outcome<()> {
    let scratch = tempfile::tempdir()?;
    let place = keep.unwrap_or(scratch.path());
    std::fs::create_dir_all(place)?;
    let (data, seeded) = (place.join("data"), place.join("seeded"));
    if !seeded.exists() {
        let server = Process::start(binary, &data).await?;
        // The first account is administrator; the owner must not be.
        server.session("bench").await?;
        seed::run(&server, &server.session(OWNER).await?).await?;
        server.stop().await?;
        std::fs::write(&seeded, "")?;
    }
    let server = Process::start(binary, &data).await?;
    let session = server.session(OWNER).await?;
    let token = server.token(&session).await?;
    let mut routes = routes::all(&server.host, &session).await?;
    routes.retain(|route| route.contains(only));
    server.stop().await?;
    let mut cold = Vec::new();
    for route in &routes {
        cold.push(measure::cold(binary, &data, &session, route).await?);
    }
    let server = Process::start(binary, &data).await?;
    let mut times = Vec::new();
    for route in &routes {
        times.push(measure::route(&server.host, &session, &token, route).await?);
        eprint!("\rmeasured {} of {} routes", times.len(), routes.len());
    }
    eprintln!();
    let rss = server.rss_mb();
    server.stop().await?;
    let units = units::count(&data, &routes).await?;
    let header = [
        "route",
        "KB",
        "cold ms",
        "p50",
        "p95",
        "8x p50",
        "8x p95",
        "changed p95",
        "RCU cold",
        "ops",
        "RCU warm",
        "ops",
        "",
    ];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    for (((route, cold), times), (first, second)) in
        routes.iter().zip(&cold).zip(&times).zip(&units)
    {
        let mut row = vec![route.clone()];
        row.extend(times.cells(*cold));
        row.extend([
            format!("{:.1}", first.units),
            first.operations.to_string(),
            format!("{:.1}", second.units),
            second.operations.to_string(),
            mark(times).to_owned(),
        ]);
        rows.push(row);
    }
    print(
        &format!(
            "Reads over 10,000 jobs and 1,000,000 epochs in ms, at one connection, at eight, and each after a change of the largest batch (budget p95 <= {BUDGET_MS} ms); read units of a fresh instance's first and second call; RSS {rss:.0} MB",
        ),
        &rows,
    );
    Ok(())
}

fn mark(times: &Times) -> &'static str {
    match times {
        _ if times.alone_p95() > BUDGET_MS => "OVER",
        _ if times.changed_p95() > BUDGET_MS => "over after a change",
        _ if times.together_p95() > BUDGET_MS => "over at eight",
        _ => "",
    }
}

//! Measures a real `argus-local` from outside and prints tables. Judges nothing: a number is
//! compared with the budget beside it by whoever reads.

mod client;
mod cold;
mod ingest;
mod live;
mod reads;
mod server;
mod table;

use clap::Parser;
use std::path::PathBuf;

/// Any failure; a bench that cannot measure ends with its reason.
pub type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Benchmarks of Argus on this machine.
#[derive(Parser)]
#[command(
    after_help = "Examples:\n  argus-bench --server target/release/argus-local\n  argus-bench --server target/release/argus-local --only ingest --seconds 10"
)]
struct Options {
    /// The server to measure
    #[arg(long)]
    server: PathBuf,
    /// Directory of Lambda bootstraps (<name>/bootstrap), for cold starts
    #[arg(long)]
    lambdas: Option<PathBuf>,
    /// Seconds per measurement
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Only one part: ingest, reads, live, cold
    #[arg(long)]
    only: Option<String>,
    /// Jobs of the seeded batch (each with --epochs epochs)
    #[arg(long, default_value_t = 1000)]
    jobs: usize,
    /// Epochs per seeded job
    #[arg(long, default_value_t = 1000)]
    epochs: usize,
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let options = Options::parse();
    let wants = |part: &str| options.only.as_deref().is_none_or(|only| only == part);
    if wants("ingest") {
        ingest::run(&options.server, options.seconds).await?;
    }
    if wants("live") {
        live::run(&options.server, options.seconds).await?;
    }
    if wants("reads") {
        reads::run(&options.server, options.jobs, options.epochs).await?;
    }
    if wants("cold")
        && let Some(lambdas) = &options.lambdas
    {
        cold::run(lambdas).await?;
    }
    Ok(())
}

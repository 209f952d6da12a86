//! Measures a real `argus-local` from outside and prints tables. Judges little: a number is
//! compared with the budget beside it by whoever reads; only a wrong result ends the bench.

mod client;
mod cold;
mod cost;
mod guardrails;
mod ingest;
mod live;
mod reads;
mod scale;
mod server;
mod spill;
mod table;

use clap::{Parser, ValueEnum};
use std::path::PathBuf;

/// Any failure; a bench that cannot measure ends with its reason.
pub type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// A part of the bench.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Section {
    /// Events per second, durable
    Ingest,
    /// From an event to its frame at every listener
    Live,
    /// Reads of one batch with --jobs × --epochs
    Reads,
    /// Every read route over 10,000 jobs and 1,000,000 epochs, with read units
    Scale,
    /// Replay of a spill file of --spill-mb, also across a kill
    Spill,
    /// One look at 5,000 active batches
    Guardrails,
    /// Cold start of Lambda bootstraps
    Cold,
}

/// Benchmarks of Argus on this machine.
#[derive(Parser)]
#[command(
    after_help = "Examples:\n  argus-bench --server target/release/argus-local\n  argus-bench --server target/release/argus-local ingest live --seconds 10\n  argus-bench --server target/release/argus-local scale --data /var/tmp/scale   seeds once, then reuses\n  argus-bench --server target/release/argus-local spill --spill-mb 200 --spill-zst"
)]
struct Options {
    /// Parts to run; all when none is named
    #[arg(value_enum)]
    sections: Vec<Section>,
    /// The server to measure; `cost` needs none
    #[arg(long, default_value = "argus-local")]
    server: PathBuf,
    /// Directory of Lambda bootstraps (<name>/bootstrap), for cold starts
    #[arg(long)]
    lambdas: Option<PathBuf>,
    /// Seconds per measurement
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Jobs of the seeded batch (each with --epochs epochs)
    #[arg(long, default_value_t = 1000)]
    jobs: usize,
    /// Epochs per seeded job
    #[arg(long, default_value_t = 1000)]
    epochs: usize,
    /// Keep the data of `scale` here, and go on with it when it is there
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Only routes of `scale` whose path holds this
    #[arg(long, default_value = "", value_name = "TEXT")]
    route: String,
    /// Megabytes of the spill file, at most 1000
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..=1000))]
    spill_mb: u64,
    /// Upload the spill file compressed as .zst
    #[arg(long)]
    spill_zst: bool,
    /// File to write what `cost` measures
    #[arg(long, value_name = "FILE")]
    cost: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let options = Options::parse();
    let everything = options.sections.is_empty() && options.cost.is_none();
    let wants = |part| everything || options.sections.contains(&part);
    if wants(Section::Ingest) {
        ingest::run(&options.server, options.seconds).await?;
    }
    if wants(Section::Live) {
        live::run(&options.server, options.seconds).await?;
    }
    if wants(Section::Reads) {
        reads::run(&options.server, options.jobs, options.epochs).await?;
    }
    if wants(Section::Scale) {
        scale::run(&options.server, options.data.as_deref(), &options.route).await?;
    }
    if wants(Section::Spill) {
        spill::run(&options.server, options.spill_mb, options.spill_zst).await?;
    }
    if wants(Section::Guardrails) {
        guardrails::run(&options.server).await?;
    }
    if wants(Section::Cold)
        && let Some(lambdas) = &options.lambdas
    {
        cold::run(lambdas).await?;
    }
    if let Some(out) = &options.cost {
        cost::run(out).await?;
    }
    Ok(())
}

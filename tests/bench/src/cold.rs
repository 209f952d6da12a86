//! Cold start of Lambda bootstraps: spawn to the first poll of the runtime API.

use crate::Outcome;
use crate::server::rss_mb;
use crate::table::{histogram, ms, print, record};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::time::timeout;

/// Starts per function.
const STARTS: usize = 20;

/// Starts every bootstrap below `folder` a few times.
pub async fn run(folder: &Path) -> Outcome<()> {
    let mut rows = vec![
        ["function", "MB", "min ms", "median ms", "RSS MB"]
            .map(str::to_owned)
            .to_vec(),
    ];
    let mut functions: Vec<_> = std::fs::read_dir(folder)?
        .flatten()
        .map(|e| e.path())
        .collect();
    functions.sort();
    for function in functions {
        let bootstrap = function.join("bootstrap");
        if !bootstrap.is_file() {
            continue;
        }
        let mut taken = histogram();
        let mut rss = 0.0;
        for _ in 0..STARTS {
            rss = start(&bootstrap, &mut taken).await?;
        }
        rows.push(vec![
            function
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            format!("{:.1}", std::fs::metadata(&bootstrap)?.len() as f64 / 1e6),
            format!("{:.1}", taken.min() as f64 / 1000.0),
            format!("{:.1}", ms(&taken, 0.5)),
            format!("{rss:.1}"),
        ]);
    }
    if rows.len() == 1 {
        return Ok(());
    }
    print("Cold start, spawn -> first poll (budget <= 15 ms)", &rows);
    Ok(())
}

async fn start(bootstrap: &Path, taken: &mut hdrhistogram::Histogram<u64>) -> Outcome<f64> {
    let runtime = TcpListener::bind("127.0.0.1:0").await?;
    let begun = Instant::now();
    let mut child = Command::new(bootstrap)
        .env("AWS_LAMBDA_RUNTIME_API", runtime.local_addr()?.to_string())
        .env("AWS_LAMBDA_FUNCTION_NAME", "bench")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", "bench")
        .env("AWS_SECRET_ACCESS_KEY", "bench")
        .env("ARGUS_JWT_SECRET", "0123456789abcdef0123456789abcdef")
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let _polled = timeout(Duration::from_secs(10), runtime.accept()).await??;
    record(taken, begun.elapsed());
    let rss = rss_mb(&child);
    child.kill().await?;
    Ok(rss)
}

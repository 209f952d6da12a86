//! Logs: to stderr, one line an event, coloured only on a terminal.

use crate::vars::{self, Source};
use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// Starts logging. Called once by each `main`.
pub fn init(source: &Source<'_>) {
    let wanted = source.text(vars::LOG_LEVEL);
    // The SDK's own chatter is about retries we handle; ours is what an operator reads.
    let filter = EnvFilter::try_new(format!("warn,{wanted},aws=warn,hyper=warn,s3s=warn"))
        .unwrap_or_else(|_| EnvFilter::new("info"));
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .try_init();
}

//! Entry of `argus-local`.

use argus_local::traces::Traces;
use argus_local::{Cli, commands, start};
use clap::{CommandFactory, Parser};
use runtime::vars::{Source, environment};
use std::io::Write;
use std::process::ExitCode;
use tokio::signal::unix::{Signal, SignalKind, signal};

#[tokio::main]
async fn main() -> ExitCode {
    let Cli {
        serve: options,
        command,
    } = Cli::parse();
    if let Some(shell) = options.completions {
        let mut command = Cli::command();
        clap_complete::generate(shell, &mut command, "argus-local", &mut std::io::stdout());
        return ExitCode::SUCCESS;
    }
    let source = Source(&environment);
    let traces = match Traces::from(&source) {
        Ok(traces) => traces,
        Err(problem) => {
            eprintln!("argus-local: OTEL_EXPORTER_OTLP_ENDPOINT: {problem}");
            return ExitCode::from(2);
        }
    };
    runtime::telemetry::init(&source, traces.as_ref().map(Traces::layer));
    if let Some(command) = command {
        return match commands::run(command, &source).await {
            Ok(line) => {
                println!("{line}");
                ExitCode::SUCCESS
            }
            Err(error) => {
                eprintln!("argus-local: {error}");
                ExitCode::from(error.exit_code())
            }
        };
    }
    let running = match start(&options, &source).await {
        Ok(running) => running,
        Err(error) => {
            eprintln!("argus-local: {error}");
            return ExitCode::from(error.exit_code());
        }
    };
    // Before anybody knows that we run: who is told may already ask us to stop.
    let stop = stop_signals();
    println!("argus-local listening on http://{}", running.address);
    let _ = std::io::stdout().flush();
    match stop {
        Ok([mut terminate, mut interrupt]) => tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        },
        Err(error) => eprintln!("argus-local: cannot listen for signals: {error}"),
    }
    tracing::info!("shutting down");
    running.shut_down().await;
    if let Some(traces) = traces {
        traces.finish();
    }
    ExitCode::SUCCESS
}

fn stop_signals() -> std::io::Result<[Signal; 2]> {
    Ok([
        signal(SignalKind::terminate())?,
        signal(SignalKind::interrupt())?,
    ])
}

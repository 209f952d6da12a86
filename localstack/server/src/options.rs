//! The command line.

use crate::commands::Command;
use clap::{Args, Parser};
use std::path::PathBuf;

/// Argus on one machine: tracking server, live streams and web UI in a single process.
#[derive(Clone, Debug, Parser)]
#[command(name = "argus-local", version, after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub struct Cli {
    /// Serve, unless something else is asked for
    #[command(flatten)]
    pub serve: Options,
    /// Something else
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// How to serve.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// Address to listen on; use 0.0.0.0 to be reachable from other machines
    #[arg(long, default_value = "127.0.0.1", value_name = "ADDRESS")]
    pub host: String,

    /// Port to listen on; 0 picks a free one
    #[arg(long, default_value_t = 8000, value_name = "N")]
    pub port: u16,

    /// Directory that holds all data; made if missing
    #[arg(long, default_value = ".argus", value_name = "DIR")]
    pub data: PathBuf,

    /// Keep everything in memory; nothing survives the process
    #[arg(long)]
    pub ephemeral: bool,

    /// Print a completion script for this shell and exit
    #[arg(long, value_name = "SHELL")]
    pub completions: Option<clap_complete::Shell>,
}

const EXAMPLES: &str = "\
Examples:
  argus-local                                  serve http://127.0.0.1:8000, data in ./.argus
  argus-local --port 0 --ephemeral             a throw-away server on a free port
  argus-local --host 0.0.0.0 --data /srv/argus for a whole lab
  argus-local backup argus.zip                 copy ./.argus, also while it is served
  source <(argus-local --completions bash)     completion in this shell

Standard output has exactly one line, once the server answers:
  argus-local listening on http://HOST:PORT
Logs go to standard error. Settings come from ARGUS_* variables, e.g. ARGUS_BASE_URL,
ARGUS_JWT_SECRET, ARGUS_LOG_LEVEL, ARGUS_REGISTRATION_OPEN.

Exit codes: 2 wrong options or settings, 3 data directory in use, 4 data directory unusable,
5 address unusable.";

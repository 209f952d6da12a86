//! What can be said on the command line.

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use std::path::PathBuf;

const AFTER: &str = "\
Exit codes: 0 done, 1 failed, 2 usage, 3 not found, 4 not allowed, 5 server unreachable.
`argus run` ends as the command it ran.

Examples:
  argus login --url https://argus.example.org
  argus run --project mnist -- python train.py
  argus runs --project mnist --status running
  argus tail mnist-1a2b3c4d5e6f --follow
  argus import tensorboard logs/";

/// Watch, stop, repeat and import machine-learning runs.
#[derive(Debug, Parser)]
#[command(name = "argus", after_help = AFTER)]
pub struct Args {
    /// Address of the server; otherwise ARGUS_URL, configs/monitor.yaml, the last login
    #[arg(long, global = true, value_name = "URL")]
    pub url: Option<String>,
    /// Print JSON instead of tables
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

impl Args {
    /// Reads a command line; `version` is what `--version` says.
    ///
    /// # Errors
    /// What is wrong with it, or the text of `--help` and `--version`.
    pub fn read(args: Vec<String>, version: &'static str) -> Result<Self, clap::Error> {
        let command = Self::command().version(version);
        let mut matches = command.try_get_matches_from(args)?;
        Self::from_arg_matches_mut(&mut matches)
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a command and report its console, exit code and the machine
    Run(Run),
    /// Keep a token for this server
    Login(Login),
    /// Forget the token kept for this server
    Logout,
    /// Say who the token belongs to
    Whoami,
    /// List runs
    Runs(Runs),
    /// Show a run and its jobs, or one job with its last epochs
    Show(Show),
    /// Print the console of a run
    Tail(Tail),
    /// Write a run or a project to a file
    Export(Export),
    /// Ask a run to stop
    Stop(Target),
    /// Run it again on the host it ran on
    Rerun(Rerun),
    /// Send what was kept while the server could not be reached
    Sync(Sync),
    /// Check address, token, clock and kept events
    Doctor,
    /// Bring in runs of another tracker
    Import(Import),
    /// Serve these reads to an assistant: Model Context Protocol over stdin and stdout
    Mcp(Mcp),
    /// Print a completion script
    #[command(
        after_help = "Example: argus completion bash > ~/.local/share/bash-completion/completions/argus"
    )]
    Completion {
        /// For which shell
        shell: Shell,
    },
}

/// `argus run`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Without a server the run is kept on disk and sent by the next run or `argus sync`.
A stop asked for on the server reaches the command as SIGTERM, then SIGKILL after --grace.

Examples:
  argus run -- python train.py --lr 0.1
  argus run --project mnist --name 'first try' --tag cnn -- ./train.sh
  argus run --resume mnist-1a2b3c4d5e6f -- python train.py --from-checkpoint")]
pub struct Run {
    /// Project; otherwise ARGUS_PROJECT or the folder's name
    #[arg(long)]
    pub project: Option<String>,
    /// Name people read
    #[arg(long)]
    pub name: Option<String>,
    /// Label; repeatable
    #[arg(long = "tag", value_name = "TAG")]
    pub tags: Vec<String>,
    /// What kind of experiment
    #[arg(long = "type", value_name = "TYPE", default_value = "command")]
    pub kind: String,
    /// Job inside the run
    #[arg(long, default_value = "main")]
    pub job: String,
    /// Go on with this run instead of beginning one
    #[arg(long, value_name = "BATCH")]
    pub resume: Option<String>,
    /// Seconds between SIGTERM and SIGKILL when a stop was asked for
    #[arg(long, default_value_t = 30.0, value_name = "SECONDS")]
    pub grace: f64,
    /// Do not send what the command prints
    #[arg(long)]
    pub no_console: bool,
    /// The command and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    pub command: Vec<String>,
}

/// `argus login`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Asks for a password and makes a token with it, or takes a token that exists. Neither is ever an
argument, where other people on the machine could read it.

Examples:
  argus login --url https://argus.example.org
  argus login --token-stdin < token.txt
  pass argus | argus login --username alice --password-stdin")]
pub struct Login {
    /// Name or mail address; asked for when missing
    #[arg(long, short)]
    pub username: Option<String>,
    /// Read the password from stdin
    #[arg(long)]
    pub password_stdin: bool,
    /// Read a token from stdin instead of making one
    #[arg(long, conflicts_with_all = ["username", "password_stdin"])]
    pub token_stdin: bool,
    /// Name of the token as the server lists it
    #[arg(long, default_value = "argus-cli")]
    pub name: String,
    /// Make a token that can only read
    #[arg(long)]
    pub read_only: bool,
}

/// `argus runs`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  argus runs --status running
  argus runs --project mnist --since 7d --json | jq -r '.[].id'")]
pub struct Runs {
    /// Only this project
    #[arg(long)]
    pub project: Option<String>,
    /// Only this status: running, stopping, stalled, divergent, done, failed, stopped, requested
    #[arg(long)]
    pub status: Option<String>,
    /// Only with this label
    #[arg(long)]
    pub tag: Option<String>,
    /// Only of this user
    #[arg(long)]
    pub user: Option<String>,
    /// Only on this host
    #[arg(long)]
    pub host: Option<String>,
    /// Query as in the search field of the server
    #[arg(long, short)]
    pub query: Option<String>,
    /// Only begun since: a time, or how long ago, such as 36h or 7d
    #[arg(long)]
    pub since: Option<String>,
    /// mine, shared or all
    #[arg(long)]
    pub scope: Option<String>,
    /// How many at most
    #[arg(long, short = 'n', default_value_t = 20)]
    pub limit: usize,
}

/// `argus show`.
#[derive(Debug, clap::Args)]
pub struct Show {
    /// Run
    pub batch: String,
    /// Job of the run
    pub job: Option<String>,
}

/// `argus tail`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  argus tail mnist-1a2b3c4d5e6f -n 50
  argus tail mnist-1a2b3c4d5e6f --follow --level error,warning")]
pub struct Tail {
    /// Run
    pub batch: String,
    /// Only this job
    #[arg(long)]
    pub job: Option<String>,
    /// Only these levels, comma between
    #[arg(long)]
    pub level: Option<String>,
    /// Lines to begin with
    #[arg(long, short = 'n', default_value_t = 20)]
    pub lines: usize,
    /// Go on until the run ends; exit code 1 when it failed
    #[arg(long, short)]
    pub follow: bool,
}

/// Formats of `argus export`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A row per job
    Csv,
    /// The run, its jobs, all epochs and lines, one JSON object per line
    Jsonl,
}

/// `argus export`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  argus export mnist-1a2b3c4d5e6f -o run.csv
  argus export mnist-1a2b3c4d5e6f --format jsonl -o run.jsonl
  argus export --project mnist -o best.csv")]
pub struct Export {
    /// Run
    #[arg(required_unless_present = "project", conflicts_with = "project")]
    pub batch: Option<String>,
    /// All runs of a project as one table
    #[arg(long)]
    pub project: Option<String>,
    /// How to write it
    #[arg(long, value_enum, default_value = "csv")]
    pub format: Format,
    /// File to write; stdout when missing
    #[arg(long, short)]
    pub output: Option<PathBuf>,
}

/// `argus stop`.
#[derive(Debug, clap::Args)]
pub struct Target {
    /// Run
    pub batch: String,
    /// Why, for whoever looks later
    #[arg(long)]
    pub reason: Option<String>,
    /// Wait until the run has ended
    #[arg(long)]
    pub wait: bool,
}

/// `argus rerun`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example: argus rerun mnist-1a2b3c4d5e6f --set optim.lr=0.01 --set epochs=20")]
pub struct Rerun {
    /// Run
    pub batch: String,
    /// Name of the new run
    #[arg(long)]
    pub name: Option<String>,
    /// Change an argument; the value is JSON where it reads as JSON, else text; repeatable
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Wait until an agent has launched it; exit code 1 when it was refused
    #[arg(long)]
    pub wait: bool,
}

/// `argus sync`.
#[derive(Debug, clap::Args)]
pub struct Sync {
    /// Only say what would be sent
    #[arg(long)]
    pub dry_run: bool,
}

/// Trackers whose files can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Tracker {
    /// Event files below a log folder; a run per folder
    Tensorboard,
    /// Run folders of `wandb/`, or a `.wandb` file
    Wandb,
    /// A folder `mlruns`
    Mlflow,
    /// Parquet files of neptune-exporter
    Neptune,
}

/// `argus import`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Importing again sends only what is new and stores nothing twice.

Examples:
  argus import tensorboard logs/ --project mnist
  argus import wandb wandb/ --dry-run
  argus import mlflow mlruns/
  argus import neptune exports/data/")]
pub struct Import {
    /// Whose files
    #[arg(value_enum)]
    pub tracker: Tracker,
    /// File or folder
    pub path: PathBuf,
    /// Project; otherwise ARGUS_PROJECT or what the files say
    #[arg(long)]
    pub project: Option<String>,
    /// Label for everything imported; repeatable
    #[arg(long = "tag", value_name = "TAG")]
    pub tags: Vec<String>,
    /// Leave console lines out
    #[arg(long)]
    pub no_logs: bool,
    /// Read everything, send nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `argus mcp`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Tools that stop or repeat runs are offered only with --allow-write and a token that may.

Example, as assistants are told: {\"command\": \"argus\", \"args\": [\"mcp\"]}")]
pub struct Mcp {
    /// Offer stop and rerun too
    #[arg(long)]
    pub allow_write: bool,
}

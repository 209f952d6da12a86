//! The command line.

use crate::commands::{approve, doctor, login, logs, revoke, run, show};
use crate::settings::Settings;
use clap::{CommandFactory, Parser, Subcommand};
use std::process::ExitCode;

/// Something went wrong.
pub const FAILED: u8 = 1;
/// The server cannot be reached.
pub const UNAVAILABLE: u8 = 69;
/// Another daemon has this identity.
pub const TAKEN: u8 = 75;
/// Not registered, or the server refused.
pub const REFUSED: u8 = 77;
/// A setting or file means nothing.
pub const MISCONFIGURED: u8 = 78;

const EXAMPLES: &str = "\
Examples:
  export ARGUS_URL=https://argus.example.org ARGUS_TOKEN=em_live_…
  argus-agent login            register this host, once
  argus-agent                  serve in the foreground; Ctrl-C ends it, runs go on
  argus-agent status           is it connected, what runs
  argus-agent logs rerun-1f…   what a run printed
  argus-agent doctor           what keeps this host from working

Exit codes: 0 done, 1 failed, 2 wrong usage, 69 server not reached, 75 already running,
77 not registered or refused, 78 a setting or file means nothing.";

/// Starts and stops training runs on this host, as the server asks and this host's rules allow.
#[derive(Parser)]
#[command(name = "argus-agent", version, after_help = EXAMPLES)]
struct Cli {
    /// Name of this agent when several run for one user.
    #[arg(long, global = true)]
    instance: Option<String>,
    /// The same as `login`.
    #[arg(long)]
    register: bool,
    #[command(flatten)]
    login: LoginArgs,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Register this host with ARGUS_URL and ARGUS_TOKEN, and keep the token it gets.
    Login(LoginArgs),
    /// Serve (the default).
    Run,
    /// Is the daemon running and connected; exits with 1 when not.
    Status {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Runs this agent knows.
    Runs {
        /// Those that are over, too.
        #[arg(long)]
        all: bool,
        /// As JSON, one a line.
        #[arg(long)]
        json: bool,
    },
    /// What a run printed.
    Logs {
        /// Batch or command.
        run: String,
        /// How many of the last lines.
        #[arg(long, short = 'n', default_value_t = 200)]
        lines: usize,
        /// Go on as the run does.
        #[arg(long, short)]
        follow: bool,
    },
    /// Let a run begin that waits for a word (`approve = "ask"`), or refuse it.
    Approve {
        /// Command, as `runs` shows it.
        command: String,
        /// Refuse it.
        #[arg(long)]
        deny: bool,
    },
    /// End this agent's registration and delete its token. Runs go on.
    Revoke,
    /// Look for what keeps this host from working.
    Doctor,
    /// Print the rules in force, or the default file to copy from.
    Policy {
        /// The default file with its explanations.
        #[arg(long)]
        default: bool,
    },
    /// Print a completion script.
    Completion {
        /// Shell.
        shell: clap_complete::Shell,
    },
    #[command(name = crate::gate::COMMAND, hide = true)]
    ExecGate,
}

/// How to register.
#[derive(clap::Args)]
pub(crate) struct LoginArgs {
    /// Server, instead of ARGUS_URL.
    #[arg(long)]
    pub(crate) url: Option<String>,
    /// Name that batches of this host carry, when it is not the host's own.
    #[arg(long)]
    pub(crate) hostname: Option<String>,
    /// Name for people.
    #[arg(long)]
    pub(crate) label: Option<String>,
}

/// Reads the command line and does what it says.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    if matches!(cli.command, Some(Command::ExecGate)) {
        return crate::gate::wait();
    }
    let settings = match Settings::read(cli.instance.as_deref()) {
        Ok(settings) => settings,
        Err(error) => return fail(MISCONFIGURED, &error),
    };
    match cli.command {
        None if cli.register => login::login(&settings, &cli.login),
        Some(Command::Login(args)) => login::login(&settings, &args),
        None | Some(Command::Run) => run::run(settings),
        Some(Command::Status { json }) => show::status(&settings, json),
        Some(Command::Runs { all, json }) => show::runs(&settings, all, json),
        Some(Command::Logs { run, lines, follow }) => logs::logs(&settings, &run, lines, follow),
        Some(Command::Approve { command, deny }) => approve::approve(&settings, &command, deny),
        Some(Command::Revoke) => revoke::revoke(&settings),
        Some(Command::Doctor) => doctor::doctor(&settings),
        Some(Command::Policy { default }) => show::policy(&settings, default),
        Some(Command::Completion { shell }) => {
            let mut out = std::io::stdout();
            clap_complete::generate(shell, &mut Cli::command(), "argus-agent", &mut out);
            ExitCode::SUCCESS
        }
        Some(Command::ExecGate) => crate::gate::wait(),
    }
}

/// Says what went wrong and ends with a code.
pub(crate) fn fail(code: u8, error: &dyn std::fmt::Display) -> ExitCode {
    eprintln!("argus-agent: {error}");
    ExitCode::from(code)
}

/// The exit code that tells what kind of trouble the server made.
pub(crate) fn code_of(error: &client::Error) -> u8 {
    match error {
        client::Error::Offline(_) | client::Error::RetryAfter { .. } => UNAVAILABLE,
        client::Error::Refused { .. } => REFUSED,
        client::Error::Garbled(_) | client::Error::Unsendable(_) => FAILED,
    }
}

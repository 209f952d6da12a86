//! The command line.

mod once;
mod records;
mod replay;
mod status;

use crate::settings::{DEFAULT_FILE, Environment, Settings};
use clap::{CommandFactory, Parser, Subcommand};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All is well.
    Ok = 0,
    /// It failed.
    Failed = 1,
    /// It worked, but not everything did.
    Degraded = 2,
    /// The command line makes no sense.
    Usage = 64,
    /// Another watchdog is at work.
    Locked = 75,
    /// The settings cannot be used.
    Config = 78,
}

const AFTER: &str = "\
Examples:
  argus-watchdog --once --dry-run        look once, say what would be done, change nothing
  argus-watchdog run                     look every interval, as a service
  argus-watchdog explain                 what would it do now, and why
  argus-watchdog approve 3f2a9c81d0b4    agree to one exact action it asked for
  argus-watchdog stats --days 30 | jq .by_type
  argus-watchdog check-config --defaults > /etc/argus/watchdog.toml

Exit codes: 0 ok, 1 failed, 2 worked but degraded, 64 usage, 75 another one is at work, 78 settings.";

#[derive(Parser)]
#[command(name = "argus-watchdog", version, about = "Looks after a training host: rules first, a model perhaps, six actions, everything written down.", after_help = AFTER)]
struct Arguments {
    /// Look once and end.
    #[arg(long)]
    once: bool,
    /// Say what would be done; send, write and change nothing.
    #[arg(long, global = true)]
    dry_run: bool,
    /// Settings [default: /etc/argus/watchdog.toml, if it is there].
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Look every interval until told to stop; the same as no command.
    Run,
    /// How it is going: last cycle, open troubles, questions, alerts that wait.
    Status {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Check the settings and say what they come to.
    CheckConfig {
        /// Print the commented file of all settings instead.
        #[arg(long)]
        defaults: bool,
    },
    /// What it would do now, and why. Asks the model, if there is one.
    Explain {
        /// Print the whole snapshot instead, for `replay`.
        #[arg(long)]
        snapshot: bool,
    },
    /// Figures over the problem registry, as JSON.
    Stats {
        /// Where to; standard output without.
        file: Option<PathBuf>,
        /// Days to look back.
        #[arg(long, value_parser = clap::value_parser!(u64).range(1..=3650))]
        days: Option<u64>,
        /// Send the daily summary now.
        #[arg(long)]
        summary: bool,
    },
    /// What comes back again and again.
    Patterns {
        /// Report what was found, at most once per day.
        #[arg(long)]
        detect: bool,
        /// Days to look back.
        #[arg(long, value_parser = clap::value_parser!(u64).range(1..=3650))]
        days: Option<u64>,
    },
    /// The newest rows of the problem registry.
    Problems {
        /// How many.
        #[arg(short = 'n', long, default_value_t = 20)]
        lines: usize,
        /// As JSON lines.
        #[arg(long)]
        json: bool,
        /// Check that no line of the audit was changed instead.
        #[arg(long)]
        verify: bool,
    },
    /// What it would have done about a snapshot kept in a file.
    Replay {
        /// The snapshot, as `explain --snapshot` prints it.
        snapshot: PathBuf,
        /// Answer of a model to judge with it, as in `logs/last_response.json`.
        #[arg(long, value_name = "FILE")]
        answer: Option<PathBuf>,
    },
    /// Agree to an action it asked for.
    Approve {
        /// The first digits of its digest; without them, the open questions are listed.
        digest: Option<String>,
        /// Say no instead.
        #[arg(long)]
        deny: bool,
    },
    /// Completion for a shell.
    Completion {
        /// Which.
        shell: clap_complete::Shell,
    },
}

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(e) => {
            let _ = e.print();
            let code = if e.use_stderr() {
                Exit::Usage
            } else {
                Exit::Ok
            };
            return code.into();
        }
    };
    if arguments.once && arguments.command.is_some() {
        eprintln!("argus-watchdog: --once goes without a command");
        return Exit::Usage.into();
    }
    dispatch(arguments).into()
}

fn dispatch(arguments: Arguments) -> Exit {
    match &arguments.command {
        Some(Command::Completion { shell }) => {
            let mut script = Vec::new();
            clap_complete::generate(
                *shell,
                &mut Arguments::command(),
                "argus-watchdog",
                &mut script,
            );
            return print(&String::from_utf8_lossy(&script));
        }
        Some(Command::CheckConfig { defaults: true }) => return print(DEFAULT_FILE),
        _ => {}
    }
    let environment = Environment::of_process();
    let settings = match Settings::load(arguments.config.as_deref(), &environment) {
        Ok(settings) => settings,
        Err(e) => {
            eprintln!("argus-watchdog: {e}");
            return Exit::Config;
        }
    };
    match arguments.command {
        _ if arguments.once => once::once(settings, environment, arguments.dry_run),
        None | Some(Command::Run) => once::run(settings, environment, arguments.dry_run),
        Some(Command::Status { json }) => status::status(&settings, json),
        Some(Command::CheckConfig { .. }) => status::check_config(&settings),
        Some(Command::Explain { snapshot }) => replay::explain(settings, environment, snapshot),
        Some(Command::Stats { summary: true, .. }) => {
            records::summary(&settings, &environment, arguments.dry_run)
        }
        Some(Command::Stats { file, days, .. }) => records::stats(settings, file, days),
        Some(Command::Patterns { detect, days }) => {
            records::patterns(settings, &environment, detect && !arguments.dry_run, days)
        }
        Some(Command::Problems { verify: true, .. }) => records::verify(&settings),
        Some(Command::Problems { lines, json, .. }) => records::problems(&settings, lines, json),
        Some(Command::Replay { snapshot, answer }) => {
            replay::replay(settings, environment, &snapshot, answer.as_deref())
        }
        Some(Command::Approve { digest, deny }) => {
            status::approve(&settings, digest.as_deref(), !deny, arguments.dry_run)
        }
        Some(Command::Completion { .. }) => Exit::Ok,
    }
}

/// Prints; a reader that went away (`| head`) is no failure.
fn print(text: &str) -> Exit {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Ok(()) => Exit::Ok,
        Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => Exit::Ok,
        Err(e) => failed(&e.to_string()),
    }
}

fn failed(why: &str) -> Exit {
    eprintln!("argus-watchdog: {why}");
    Exit::Failed
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

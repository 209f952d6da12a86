//! The `argus` command: runs, reads, stops, imports, and answers assistants over MCP.
//!
//! It knows the HTTP interface and nothing of the server's inside. What is data goes to stdout,
//! what is talk goes to stderr. Reading order: [`args`] (what can be said), [`settings`] (whom we talk to
//! and as whom), [`api`] (how), then one folder per kind of command: [`read`], [`act`], [`run`],
//! [`import`], [`mcp`].

mod act;
mod api;
mod args;
mod completion;
mod console;
mod doctor;
mod fault;
mod ids;
mod import;
mod mcp;
mod moment;
mod progress;
mod read;
mod run;
mod settings;
mod variables;

use args::{Args, Command};
use clap::error::ErrorKind;
use console::Console;
use fault::{Exit, Fault};
use settings::Settings;

/// Runs the command line `args`, the first being the program's own name, and returns its exit
/// code. `version` is that of the package around it, told to people and servers. Exit codes: 0 done, 1 failed, 2 usage, 3 not found, 4 not allowed, 5 unreachable; `argus run`
/// returns that of the command it ran.
pub fn main(args: Vec<String>, version: &'static str) -> i32 {
    let args = match Args::read(args, version) {
        Ok(args) => args,
        Err(error) => {
            // A reader that went away is no failure of ours.
            let _ = error.print();
            return match error.kind() {
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Exit::Done as i32,
                _ => Exit::Usage as i32,
            };
        }
    };
    let console = Console::new(args.json);
    match dispatch(args, version, &console) {
        Ok(code) => code,
        Err(fault) => {
            if fault.exit != Exit::Done {
                console.complain(&fault);
            }
            fault.exit as i32
        }
    }
}

fn dispatch(args: Args, version: &'static str, console: &Console) -> Result<i32, Fault> {
    let settings = Settings::find(args.url.as_deref(), version);
    let done = |()| Exit::Done as i32;
    match args.command {
        Command::Run(wish) => run::run(&settings, console, wish),
        Command::Login(wish) => act::login::login(&settings, console, wish).map(done),
        Command::Logout => act::login::logout(&settings, console).map(done),
        Command::Whoami => read::whoami::whoami(&settings, console).map(done),
        Command::Runs(wish) => read::runs::runs(&settings, console, &wish).map(done),
        Command::Show(wish) => read::show::show(&settings, console, &wish).map(done),
        Command::Tail(wish) => read::tail::tail(&settings, console, &wish),
        Command::Export(wish) => read::export::export(&settings, console, &wish).map(done),
        Command::Stop(wish) => act::stop::stop(&settings, console, &wish).map(done),
        Command::Rerun(wish) => act::rerun::rerun(&settings, console, &wish).map(done),
        Command::Sync(wish) => act::sync::sync(&settings, console, &wish).map(done),
        Command::Doctor => doctor::doctor(&settings, console),
        Command::Import(wish) => import::import(&settings, console, wish).map(done),
        Command::Mcp(wish) => mcp::serve(&settings, &wish).map(done),
        Command::Completion { shell } => {
            completion::print(shell);
            Ok(Exit::Done as i32)
        }
    }
}

//! Completion scripts.

use crate::args::Args;
use clap::CommandFactory;
use clap_complete::{Shell, generate};
use std::io;

/// Prints the script for a shell.
pub fn print(shell: Shell) {
    generate(shell, &mut Args::command(), "argus", &mut io::stdout());
}

//! A test binary started again as a process of its own, to be killed or starved.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Tells the child which directory to work on.
const DIRECTORY: &str = "ARGUS_TEST_CHILD_DIRECTORY";

/// The directory if this process is a child.
pub fn directory() -> Option<PathBuf> {
    std::env::var_os(DIRECTORY).map(PathBuf::from)
}

/// A command that runs only `test` of this binary on `directory`, its output readable.
pub fn command(test: &str, directory: &Path) -> Command {
    let program = std::env::current_exe().expect("this binary has a path");
    configured(Command::new(program), test, directory)
}

/// The same, with no file allowed to grow beyond `blocks` of 512 bytes (1024 in some shells).
pub fn limited(test: &str, directory: &Path, blocks: u32) -> Command {
    let program = std::env::current_exe().expect("this binary has a path");
    let mut shell = Command::new("sh");
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    shell.arg("-c").arg(script).arg(program);
    configured(shell, test, directory)
}

fn configured(mut command: Command, test: &str, directory: &Path) -> Command {
    command
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(DIRECTORY, directory)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

/// In the child: tells the parent that `what` was promised to last.
pub fn acknowledge(what: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\nack {what}").expect("the parent reads");
}

/// Runs `test` as a child, kills it after `enough` acknowledgements, and returns them all.
pub fn killed_after(enough: usize, test: &str, directory: &Path) -> Vec<String> {
    let mut child = command(test, directory).spawn().expect("the child starts");
    let out = BufReader::new(child.stdout.take().expect("piped"));
    let mut acknowledged = Vec::new();
    for line in out.lines() {
        let Ok(line) = line else { break };
        if let Some(what) = line.strip_prefix("ack ") {
            acknowledged.push(what.to_owned());
        }
        if acknowledged.len() == enough {
            child.kill().expect("SIGKILL");
        }
    }
    child.wait().expect("it ended");
    // The last line may be cut in the middle, and then names something nobody wrote.
    acknowledged.truncate(acknowledged.len() - 1);
    acknowledged
}

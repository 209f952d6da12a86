//! This test binary started again as a process of its own, to be killed or starved.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Tells the child which directory to work on.
const DIRECTORY: &str = "ARGUS_TEST_CHILD_DIRECTORY";

/// The directory if this process is a child.
pub fn directory() -> Option<PathBuf> {
    std::env::var_os(DIRECTORY).map(PathBuf::from)
}

/// A command that runs only `test` on `directory`, its output readable.
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

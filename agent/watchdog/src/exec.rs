//! Other people's programs, run without a shell, with a deadline and bounded output.

use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open};
use rustix::time::Timespec;
use std::ffi::OsStr;
use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Most that is kept of what a program prints, in bytes.
const OUTPUT: u64 = 256 * 1024;

/// Why a program gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum ExecError {
    /// It could not be started.
    #[error("cannot run {0}: {1}")]
    Start(PathBuf, io::Error),
    /// It took too long and was ended with all its children.
    #[error("{0} did not end within {1} s")]
    Slow(PathBuf, u64),
    /// It said no.
    #[error("{0} ended with {1}: {2}")]
    Failed(PathBuf, String, String),
}

/// Runs `program` and gives what it printed. Standard error is part of the error only.
pub fn output<S: AsRef<OsStr>>(
    program: &Path,
    arguments: &[S],
    folder: Option<&Path>,
    limit: Duration,
) -> Result<String, ExecError> {
    let started = |cause| ExecError::Start(program.to_owned(), cause);
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // A group of its own, so that its children can be ended with it.
        .process_group(0);
    if let Some(folder) = folder {
        command.current_dir(folder);
    }
    let mut child = command.spawn().map_err(started)?;
    let out = reader(child.stdout.take());
    let err = reader(child.stderr.take());
    let status = match wait(&mut child, limit).map_err(started)? {
        Some(status) => status,
        None => {
            end_group(&mut child);
            return Err(ExecError::Slow(program.to_owned(), limit.as_secs()));
        }
    };
    // What the program left behind may hold the pipes open for ever.
    if let Some(group) = Pid::from_raw(child.id().cast_signed()) {
        let _ = kill_process_group(group, Signal::KILL);
    }
    let text = |thread: std::thread::JoinHandle<Vec<u8>>| {
        String::from_utf8_lossy(&thread.join().unwrap_or_default()).into_owned()
    };
    let (out, err) = (text(out), text(err));
    if status.success() {
        return Ok(out);
    }
    let said = crate::text::clean(err.trim(), 300);
    Err(ExecError::Failed(
        program.to_owned(),
        status.to_string(),
        said,
    ))
}

/// Where `name` is, as the shell would find it in `path` (the variable's text); only what may be
/// executed counts.
#[must_use]
pub fn find(name: &str, path: &str) -> Option<PathBuf> {
    path.split(':')
        .filter(|folder| folder.starts_with('/'))
        .map(|folder| Path::new(folder).join(name))
        .find(|file| is_executable(file))
}

/// Whether `file` is a program this user may run.
#[must_use]
pub fn is_executable(file: &Path) -> bool {
    use rustix::fs::{Access, access};
    file.is_file() && access(file, Access::EXEC_OK).is_ok()
}

fn reader<R: Read + Send + 'static>(pipe: Option<R>) -> std::thread::JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut kept = Vec::new();
        if let Some(pipe) = pipe {
            let mut pipe = pipe;
            let _ = pipe.by_ref().take(OUTPUT).read_to_end(&mut kept);
            // The rest is read and dropped, or the program would wait for us for ever.
            let _ = io::copy(&mut pipe, &mut io::sink());
        }
        kept
    })
}

fn wait(child: &mut Child, limit: Duration) -> io::Result<Option<std::process::ExitStatus>> {
    let end = Instant::now() + limit;
    let Some(pid) = Pid::from_raw(child.id().cast_signed()) else {
        return child.wait().map(Some);
    };
    let handle = pidfd_open(pid, PidfdFlags::empty())?;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(None);
        }
        let timeout = timespec(left);
        match poll(&mut [PollFd::new(&handle, PollFlags::IN)], Some(&timeout)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(cause) => return Err(cause.into()),
        }
    }
}

/// A span as the kernel takes it.
#[must_use]
pub fn timespec(span: Duration) -> Timespec {
    Timespec {
        tv_sec: span.as_secs().cast_signed(),
        tv_nsec: span.subsec_nanos().into(),
    }
}

fn end_group(child: &mut Child) {
    if let Some(group) = Pid::from_raw(child.id().cast_signed()) {
        let _ = kill_process_group(group, Signal::KILL);
    }
    let _ = child.wait();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_ignores_the_end_is_ended_with_its_children() {
        let began = Instant::now();
        let script = "trap '' TERM; sleep 60 & echo $!; sleep 60";
        let result = output(
            Path::new("/bin/sh"),
            &["-c", script],
            None,
            Duration::from_millis(300),
        );
        assert!(matches!(result, Err(ExecError::Slow(..))), "{result:?}");
        assert!(began.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn what_a_program_prints_comes_back_or_its_complaint_does() {
        let sh = Path::new("/bin/sh");
        let limit = Duration::from_secs(20);
        let said = output(sh, &["-c", "yes | head -c 600000"], None, limit).expect("output");
        assert_eq!(said.len() as u64, OUTPUT);
        let failed = output(sh, &["-c", "echo no >&2; exit 3"], None, limit);
        assert!(failed.is_err_and(|e| e.to_string().contains("no")));
        assert!(find("sh", "/nonexistent:/bin:/usr/bin").is_some());
    }
}

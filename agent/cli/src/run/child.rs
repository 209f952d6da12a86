//! The child process: its pipes, its signals, its end.

use crate::args::Run;
use crate::settings::Settings;
use crate::variables;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};
use signal_hook::iterator::Signals;
use std::io::{self, IsTerminal, Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{self, Command, Stdio};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// Bytes read at once.
const CHUNK: usize = 16 * 1024;
/// Chunks on their way; a child that prints faster than we can fold waits.
const CHUNKS: usize = 256;
/// Variable of the reporter that would tell every line a second time.
const CONSOLE: &str = "ARGUS_CONSOLE";

/// Something the child printed.
pub struct Chunk {
    /// Whether to its standard error.
    pub is_error: bool,
    /// What.
    pub bytes: Vec<u8>,
}

/// Why there is no child.
pub struct Refusal {
    command: String,
    error: io::Error,
}

impl Refusal {
    /// As a shell says it.
    pub fn text(&self) -> String {
        match self.error.kind() {
            io::ErrorKind::NotFound => format!("{}: command not found", self.command),
            _ => format!("{}: {}", self.command, self.error),
        }
    }

    /// The exit code of shells.
    pub fn code(&self) -> i32 {
        if self.error.kind() == io::ErrorKind::NotFound {
            127
        } else {
            126
        }
    }
}

/// How the child ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Ended {
    /// By itself, with this code; whether we had asked it to, because of a stop.
    Exited(i32, bool),
    /// By this signal; whether it was after we had asked it to.
    Killed(i32, bool),
    /// Nobody knows.
    Lost,
}

impl Ended {
    /// The exit code to end with, as shells have it.
    pub fn code(&self) -> i32 {
        match self {
            Self::Exited(code, _) => *code,
            Self::Killed(signal, _) => 128 + signal,
            Self::Lost => 1,
        }
    }

    /// Whether it ended after we had asked it to, because of a stop.
    pub fn was_asked(&self) -> bool {
        matches!(self, Self::Exited(_, true) | Self::Killed(_, true))
    }

    /// How it ended, unless that was well.
    pub fn reason(&self, last_words: Option<&str>) -> Option<String> {
        let with = |how: String| match last_words {
            Some(words) => format!("{words} ({how})"),
            None => how,
        };
        match self {
            Self::Exited(0, _) => None,
            Self::Exited(code, true) => Some(format!("stopped on request (exit code {code})")),
            Self::Exited(code, false) => Some(with(format!("exit code {code}"))),
            Self::Killed(signal, true) => Some(format!("stopped on request (signal {signal})")),
            Self::Killed(signal, false) => Some(with(format!("killed by signal {signal}"))),
            Self::Lost => Some("the process was lost".to_owned()),
        }
    }
}

/// A running child.
pub struct Child {
    process: process::Child,
    signals: Option<Signals>,
    /// Whether it leads a process group of its own. On a terminal it stays in ours: the keyboard
    /// is for both.
    leads: bool,
    /// What it prints, in order per stream.
    pub output: Receiver<Chunk>,
}

impl Child {
    /// Starts the command. It learns the batch, so that a reporter inside it joins this run.
    pub fn start(wish: &Run, batch: &str, settings: &Settings) -> Result<Self, Refusal> {
        let leads = !io::stdin().is_terminal();
        let mut command = Command::new(&wish.command[0]);
        command
            .args(&wish.command[1..])
            .env(variables::BATCH_ID, batch)
            .env(CONSOLE, "0")
            // Python holds lines back when nobody seems to watch.
            .env("PYTHONUNBUFFERED", "1")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if let Some(url) = &settings.found.url {
            command.env(variables::URL, url);
        }
        if leads {
            command.process_group(0);
        }
        // Before the child exists: a signal that comes first must not end us alone.
        let signals = Signals::new([SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2]).ok();
        let mut process = command.spawn().map_err(|error| Refusal {
            command: wish.command[0].clone(),
            error,
        })?;
        let (sender, output) = sync_channel(CHUNKS);
        if let Some(pipe) = process.stdout.take() {
            carry(pipe, false, sender.clone());
        }
        if let Some(pipe) = process.stderr.take() {
            carry(pipe, true, sender);
        }
        Ok(Self {
            process,
            signals,
            leads,
            output,
        })
    }

    /// Hands on what we were sent.
    pub fn pass_signals_on(&mut self) {
        let pending: Vec<i32> = self.signals.iter_mut().flat_map(Signals::pending).collect();
        for number in pending {
            // Ctrl-C on a terminal went to the child as well.
            let is_known = !self.leads && [SIGINT, SIGQUIT].contains(&number);
            if !is_known && let Some(signal) = Signal::from_named_raw(number) {
                self.send(signal);
            }
        }
    }

    /// Asks it to end.
    pub fn terminate(&mut self) {
        self.send(Signal::TERM);
    }

    /// Ends it.
    pub fn kill(&mut self) {
        self.send(Signal::KILL);
    }

    /// Only called before its end was seen, so the number is still its own.
    fn send(&self, signal: Signal) {
        let id = i32::try_from(self.process.id())
            .ok()
            .and_then(Pid::from_raw);
        if let Some(id) = id {
            // It may have ended this very moment.
            let _ = match self.leads {
                true => kill_process_group(id, signal),
                false => kill_process(id, signal),
            };
        }
    }

    /// How it ended, once it has.
    pub fn ended(&mut self, asked: bool) -> Option<Ended> {
        match self.process.try_wait() {
            Ok(None) => None,
            Ok(Some(status)) => Some(match (status.code(), status.signal()) {
                (Some(code), _) => Ended::Exited(code, asked),
                (None, Some(signal)) => Ended::Killed(signal, asked),
                (None, None) => Ended::Lost,
            }),
            Err(_) => Some(Ended::Lost),
        }
    }
}

/// Copies a pipe to our own stream, and to whoever folds it into lines.
fn carry(mut pipe: impl Read + Send + 'static, is_error: bool, to: SyncSender<Chunk>) {
    thread::spawn(move || {
        let mut buffer = vec![0; CHUNK];
        while let Ok(count @ 1..) = pipe.read(&mut buffer) {
            let bytes = buffer[..count].to_vec();
            // Whoever read our output may be gone; the child goes on.
            let _ = match is_error {
                true => io::stderr().write_all(&bytes),
                false => {
                    let mut out = io::stdout().lock();
                    out.write_all(&bytes).and_then(|()| out.flush())
                }
            };
            if to.send(Chunk { is_error, bytes }).is_err() {
                return;
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_have_the_codes_of_shells_and_a_reason() {
        assert_eq!(
            (
                Ended::Exited(3, false).code(),
                Ended::Killed(9, false).code()
            ),
            (3, 137)
        );
        assert_eq!(Ended::Exited(0, true).reason(Some("bye")), None);
        let reason = Ended::Exited(1, false).reason(Some("ValueError: bad"));
        assert_eq!(reason.as_deref(), Some("ValueError: bad (exit code 1)"));
        let stopped = Ended::Killed(15, true).reason(Some("epoch 3"));
        assert_eq!(stopped.as_deref(), Some("stopped on request (signal 15)"));
        assert!(Ended::Exited(1, true).was_asked() && !Ended::Killed(9, false).was_asked());
    }
}

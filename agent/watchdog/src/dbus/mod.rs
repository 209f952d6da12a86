//! systemd, asked over D-Bus: the state of units, and a restart that is waited for.
//!
//! Speaks the protocol itself, because `systemctl` would be a process per question and the usual
//! libraries bring an async runtime. Root talks to systemd's private socket, so a broken bus does
//! not stop it; others go through the system bus, where polkit decides.

mod connection;
mod wire;

pub use connection::BusError;
pub use wire::{Kind, Message, Reader, Writer};

use connection::Connection;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const SYSTEMD: &str = "org.freedesktop.systemd1";
const MANAGER: &str = "org.freedesktop.systemd1.Manager";
const PATH: &str = "/org/freedesktop/systemd1";
const BUS: &str = "org.freedesktop.DBus";
/// Longest wait for a plain answer.
const ANSWER: Duration = Duration::from_secs(5);

/// A connection to systemd.
pub struct Systemd {
    connection: Connection,
    through_bus: bool,
}

/// State of a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitState {
    /// `loaded`, `not-found`, `masked`, …
    pub load: String,
    /// `active`, `inactive`, `failed`, `activating`, …
    pub active: String,
    /// Finer state.
    pub sub: String,
    /// Whether a job of systemd is at work on it.
    pub busy: bool,
}

impl UnitState {
    /// Whether it should run and does not. A unit that somebody stopped is no trouble.
    #[must_use]
    pub fn is_trouble(&self) -> bool {
        self.active == "failed" || self.sub == "auto-restart" || self.load == "not-found"
    }
}

impl fmt::Display for UnitState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.load == "loaded" {
            write!(f, "{} ({})", self.active, self.sub)
        } else {
            write!(f, "{}, {} ({})", self.load, self.active, self.sub)
        }
    }
}

impl Systemd {
    /// Connects to `socket`, or to the usual one when that is empty.
    pub fn connect(socket: &Path) -> Result<Self, BusError> {
        let socket = if socket.as_os_str().is_empty() {
            usual_socket()
        } else {
            socket.to_owned()
        };
        let through_bus = socket.file_name().is_none_or(|name| name != "private");
        let mut connection = Connection::open(&socket, ANSWER)?;
        if through_bus {
            connection.call(
                &Message::call(BUS, "/org/freedesktop/DBus", BUS, "Hello"),
                ANSWER,
            )?;
        }
        Ok(Self {
            connection,
            through_bus,
        })
    }

    /// State of one unit, by its exact name.
    pub fn state(&mut self, unit: &str) -> Result<UnitState, BusError> {
        let mut body = Writer::default();
        body.array(4, |array| array.string(unit));
        let call = Message::call(SYSTEMD, PATH, MANAGER, "ListUnitsByNames").with_body("as", body);
        let answer = self.connection.call(&call, ANSWER)?;
        let mut reader = answer.reader();
        reader.u32()?;
        reader.align(8)?;
        let name = reader.string()?;
        if name != unit {
            return Err(BusError::Garbled("an answer about another unit"));
        }
        reader.string()?;
        let (load, active, sub) = (reader.string()?, reader.string()?, reader.string()?);
        reader.string()?;
        reader.string()?;
        Ok(UnitState {
            load,
            active,
            sub,
            busy: reader.u32()? != 0,
        })
    }

    /// Restarts a unit and waits until systemd is done with it, at most `limit`. The text is
    /// systemd's own word for the result: `done` means success.
    pub fn restart(&mut self, unit: &str, limit: Duration) -> Result<String, BusError> {
        let end = Instant::now() + limit;
        if self.through_bus {
            let mut rule = Writer::default();
            rule.string("type='signal',sender='org.freedesktop.systemd1',member='JobRemoved'");
            let call =
                Message::call(BUS, "/org/freedesktop/DBus", BUS, "AddMatch").with_body("s", rule);
            self.connection.call(&call, ANSWER)?;
        }
        // Before the job begins, or its end could be missed.
        self.connection
            .call(&Message::call(SYSTEMD, PATH, MANAGER, "Subscribe"), ANSWER)?;
        let mut body = Writer::default();
        body.string(unit);
        body.string("replace");
        let call = Message::call(SYSTEMD, PATH, MANAGER, "RestartUnit").with_body("ss", body);
        let job = self.connection.call(&call, ANSWER)?.reader().string()?;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(BusError::Slow);
            }
            let signal = self.connection.signal(left)?;
            if signal.member.as_deref() != Some("JobRemoved") {
                continue;
            }
            let mut reader = signal.reader();
            reader.u32()?;
            let (path, _unit, result) = (reader.string()?, reader.string()?, reader.string()?);
            if path == job {
                return Ok(result);
            }
        }
    }
}

fn usual_socket() -> PathBuf {
    let private = Path::new("/run/systemd/private");
    if rustix::process::geteuid().is_root() && private.exists() {
        return private.to_owned();
    }
    "/run/dbus/system_bus_socket".into()
}

//! Signs of life for systemd: ready, alive, stopping.

use crate::settings::Environment;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

/// Where systemd listens.
pub struct Notifier {
    to: Option<(UnixDatagram, SocketAddr)>,
    interval: Option<Duration>,
}

impl Notifier {
    /// From `NOTIFY_SOCKET` and `WATCHDOG_USEC`; silent without them.
    #[must_use]
    pub fn of(environment: &Environment) -> Self {
        let address =
            environment
                .get("NOTIFY_SOCKET")
                .and_then(|path| match path.strip_prefix('@') {
                    Some(name) => SocketAddr::from_abstract_name(name).ok(),
                    None => SocketAddr::from_pathname(path).ok(),
                });
        let usec: Option<u64> = environment
            .get("WATCHDOG_USEC")
            .and_then(|v| v.parse().ok());
        Self {
            to: address.and_then(|a| Some((UnixDatagram::unbound().ok()?, a))),
            interval: usec.map(|u| Duration::from_micros(u / 2)),
        }
    }

    /// How often a sign of life is wanted.
    #[must_use]
    pub fn interval(&self) -> Option<Duration> {
        self.interval
    }

    /// Says something, such as `READY=1`.
    pub fn say(&self, what: &str) {
        if let Some((socket, address)) = &self.to {
            let _ = socket.send_to_addr(what.as_bytes(), address);
        }
    }
}

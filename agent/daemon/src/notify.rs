//! Tells systemd that the daemon is ready, and that it lives.

use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

/// The way to systemd, where it started us.
#[derive(Debug)]
pub struct Notify(Option<(UnixDatagram, SocketAddr)>);

impl Notify {
    /// Takes the socket's name as systemd gave it.
    pub fn new(name: Option<&str>) -> Self {
        let open = |name: &str| {
            let address = match name.strip_prefix('@') {
                Some(hidden) => SocketAddr::from_abstract_name(hidden).ok()?,
                None => SocketAddr::from_pathname(name).ok()?,
            };
            Some((UnixDatagram::unbound().ok()?, address))
        };
        Self(name.and_then(open))
    }

    /// Says something.
    pub fn say(&self, text: &str) {
        if let Some((socket, address)) = &self.0 {
            let _ = socket.send_to_addr(text.as_bytes(), address);
        }
    }
}

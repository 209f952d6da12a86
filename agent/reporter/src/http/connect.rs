//! Connections.

use super::paced::{Paced, SLICE};
use super::{HttpError, Pulse};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection};
use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

/// How long one address of several may take.
const PER_ADDRESS: Duration = Duration::from_secs(5);

/// Looks the name up and connects, in a thread that lives for this call only: neither can be
/// interrupted.
pub fn tcp(
    host: String,
    port: u16,
    deadline: Instant,
    timeout: Duration,
    pulse: Pulse<'_>,
) -> Result<TcpStream, HttpError> {
    let (send, receive) = sync_channel(1);
    let work = move || {
        // Nobody waits any more when this fails.
        let _ = send.send(dial(&host, port));
    };
    thread::Builder::new()
        .name("argus-connect".into())
        .spawn(work)
        .map_err(|error| HttpError::Unreachable(error.to_string()))?;
    loop {
        match receive.recv_timeout(SLICE) {
            Ok(dialled) => {
                return dialled.map_err(|error| HttpError::Unreachable(error.to_string()));
            }
            Err(RecvTimeoutError::Timeout) if !pulse() => return Err(HttpError::GivenUp),
            Err(RecvTimeoutError::Timeout) if Instant::now() < deadline => {}
            Err(RecvTimeoutError::Timeout) => return Err(HttpError::TimedOut(timeout)),
            Err(RecvTimeoutError::Disconnected) => {
                return Err(HttpError::Unreachable("connecting failed".into()));
            }
        }
    }
}

fn dial(host: &str, port: u16) -> io::Result<TcpStream> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, format!("no address for {host}"));
    for address in (host, port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, PER_ADDRESS) {
            Ok(tcp) => {
                tcp.set_nodelay(true)?;
                tcp.set_read_timeout(Some(SLICE))?;
                tcp.set_write_timeout(Some(SLICE))?;
                return Ok(tcp);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// A connection to the server, kept between requests.
#[derive(Debug)]
pub struct Connection {
    tcp: TcpStream,
    tls: Option<Box<ClientConnection>>,
}

impl Connection {
    /// Without TLS.
    pub fn plain(tcp: TcpStream) -> Self {
        Self { tcp, tls: None }
    }

    /// With TLS; the handshake happens with the first bytes.
    pub fn secured(
        tcp: TcpStream,
        config: Arc<ClientConfig>,
        host: &str,
    ) -> Result<Self, HttpError> {
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| HttpError::Setup(format!("{host:?} is no host name")))?;
        let tls = ClientConnection::new(config, name)
            .map_err(|error| HttpError::Setup(error.to_string()))?;
        Ok(Self {
            tcp,
            tls: Some(Box::new(tls)),
        })
    }

    /// The connection for one request.
    pub fn paced<'a>(&'a mut self, deadline: Instant, pulse: Pulse<'a>) -> Wire<'a> {
        Wire {
            paced: Paced::new(&self.tcp, deadline, pulse),
            tls: self.tls.as_deref_mut(),
        }
    }
}

/// Bytes to and from the server, through TLS or not.
pub struct Wire<'a> {
    paced: Paced<'a>,
    tls: Option<&'a mut ClientConnection>,
}

impl Wire<'_> {
    /// Whether the pulse ended it.
    pub fn gave_up(&self) -> bool {
        self.paced.gave_up
    }
}

impl Read for Wire<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.tls {
            Some(tls) => rustls::Stream::new(*tls, &mut self.paced).read(buffer),
            None => self.paced.read(buffer),
        }
    }
}

impl Write for Wire<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.tls {
            Some(tls) => rustls::Stream::new(*tls, &mut self.paced).write(bytes),
            None => self.paced.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.tls {
            Some(tls) => rustls::Stream::new(*tls, &mut self.paced).flush(),
            None => Ok(()),
        }
    }
}

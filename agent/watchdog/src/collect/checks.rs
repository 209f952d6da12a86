//! Does a service answer? All checks at once, each with its own limit.

use crate::http::{self, Call};
use crate::settings::Check;
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

/// What each check saw, in order; an error says what is wrong.
pub(super) fn all(checks: &[Check]) -> Vec<Result<String, String>> {
    match checks {
        [] => Vec::new(),
        [one] => vec![reached(one)],
        many => std::thread::scope(|scope| {
            let threads: Vec<_> = many.iter().map(|c| scope.spawn(|| reached(c))).collect();
            let joined = threads.into_iter().map(|t| t.join());
            joined
                .map(|r| r.unwrap_or_else(|_| Err("the check itself failed".into())))
                .collect()
        }),
    }
}

/// Runs one check.
pub(crate) fn reached(check: &Check) -> Result<String, String> {
    let limit = Duration::from_secs(check.timeout.clamp(1, 60));
    if let Some(address) = &check.tcp {
        let addresses = address
            .to_socket_addrs()
            .map_err(|e| format!("{address}: {e}"))?;
        let mut last = format!("{address} has no address");
        for one in addresses.take(3) {
            match TcpStream::connect_timeout(&one, limit) {
                Ok(_) => return Ok(format!("{one} accepts connections")),
                Err(e) => last = format!("{one}: {e}"),
            }
        }
        return Err(last);
    }
    let url = check.url.as_deref().unwrap_or_default();
    match http::call(&Call::get(url, limit)) {
        Ok(answer) if answer.status < 500 => Ok(format!("HTTP {}", answer.status)),
        Ok(answer) => Err(format!("HTTP {}", answer.status)),
        Err(e) => Err(e.to_string()),
    }
}

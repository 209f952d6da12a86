//! Who is at the other end of a connection.

use axum::extract::{ConnectInfo, Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use web::caller::PeerIp;

/// Notes the client's address: the peer's, or what a trusted proxy says it is.
pub async fn note(
    State(trusted): State<Arc<[IpAddr]>>,
    mut request: Request,
    next: Next,
) -> Response {
    if let Some(ConnectInfo(address)) = request.extensions().get::<ConnectInfo<SocketAddr>>() {
        let client = client(address.ip().to_canonical(), request.headers(), &trusted);
        request.extensions_mut().insert(PeerIp(client.to_string()));
    }
    next.run(request).await
}

/// Each proxy appends whom it heard: from the end on, the first that is no trusted proxy is the
/// client. What stands before it anybody may have written.
fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    let mut client = peer;
    let lines = headers.get_all("x-forwarded-for").iter().rev();
    let lines = lines.filter_map(|line| line.to_str().ok());
    for heard in lines.flat_map(|line| line.rsplit(',')) {
        if !trusted.contains(&client) {
            break;
        }
        match heard.trim().parse::<IpAddr>() {
            Ok(address) => client = address.to_canonical(),
            Err(_) => break,
        }
    }
    client
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn seen(peer: &str, lines: &[&'static str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("x-forwarded-for", HeaderValue::from_static(line));
        }
        let address = |text: &str| -> IpAddr { text.parse().expect("an address") };
        let trusted: Vec<IpAddr> = trusted.iter().map(|text| address(text)).collect();
        client(address(peer), &headers, &trusted).to_string()
    }

    #[test]
    fn nobody_is_believed_unless_trusted() {
        assert_eq!(seen("192.0.2.1", &["198.51.100.7"], &[]), "192.0.2.1");
        assert_eq!(
            seen("192.0.2.1", &["198.51.100.7"], &["127.0.0.1"]),
            "192.0.2.1"
        );
    }

    #[test]
    fn a_trusted_proxy_tells_the_last_it_heard() {
        let proxy = ["127.0.0.1", "10.0.0.2"];
        assert_eq!(
            seen("127.0.0.1", &["203.0.113.9, 198.51.100.7"], &proxy),
            "198.51.100.7"
        );
        assert_eq!(
            seen("127.0.0.1", &["198.51.100.7, 10.0.0.2"], &proxy),
            "198.51.100.7"
        );
        assert_eq!(
            seen("127.0.0.1", &["203.0.113.9", "198.51.100.7"], &proxy),
            "198.51.100.7"
        );
        assert_eq!(seen("127.0.0.1", &["nonsense"], &proxy), "127.0.0.1");
        assert_eq!(seen("127.0.0.1", &[], &proxy), "127.0.0.1");
    }
}

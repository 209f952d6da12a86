//! The front door before a function (CloudFront), and what it says about a request.
//!
//! Behind it the address a function hears is the door's own, so the door names the client in a
//! header. Anybody who finds the address of the API or of the stream could send that header too;
//! the door therefore proves itself by a secret, and who comes without it is turned away. Nobody
//! goes round a firewall or a rate limit of the door that way either.

use crate::caller::PeerIp;
use crate::error::ApiError;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::net::IpAddr;
use std::sync::Arc;
use wire::Code;

/// The secret of the door; set by the door on everything it passes on.
const PROOF: HeaderName = HeaderName::from_static("x-argus-door");
/// Address of the client, as the door saw it.
const CLIENT: HeaderName = HeaderName::from_static("x-argus-client");
/// The client's credential: a door that signs its own requests needs `Authorization` for itself.
const CREDENTIAL: HeaderName = HeaderName::from_static("x-argus-authorization");

/// Lets in what came through the door, with the client's address and credential in their usual
/// places. `None`: there is no door, and nothing that a request says of one is believed.
pub(crate) async fn admit(
    State(secret): State<Option<Arc<str>>>,
    mut request: Request,
    next: Next,
) -> Response {
    if let Some(secret) = secret
        && !pass(&secret, &mut request)
    {
        return ApiError::new(Code::FrontDoorRequired).into_response();
    }
    next.run(request).await
}

fn pass(secret: &str, request: &mut Request) -> bool {
    let headers = request.headers_mut();
    let proof = headers.remove(PROOF);
    let client = headers.remove(CLIENT);
    let credential = headers.remove(CREDENTIAL);
    if !proof.is_some_and(|proof| same(proof.as_bytes(), secret)) {
        return false;
    }
    match credential {
        Some(credential) => headers.insert(header::AUTHORIZATION, credential),
        // What stands there is the door's own signature.
        None => headers.remove(header::AUTHORIZATION),
    };
    if let Some(address) = client.as_ref().and_then(address) {
        request.extensions_mut().insert(PeerIp(address.to_string()));
    }
    true
}

/// Compares digests, whose first difference tells nothing about the secret.
fn same(proof: &[u8], secret: &str) -> bool {
    std::str::from_utf8(proof)
        .is_ok_and(|proof| auth::secret::digest(proof) == auth::secret::digest(secret))
}

fn address(value: &HeaderValue) -> Option<IpAddr> {
    let address: IpAddr = value.to_str().ok()?.trim().parse().ok()?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn passed(headers: &[(&str, &str)]) -> Option<(Option<String>, Option<String>)> {
        let mut request = axum::http::Request::builder();
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(Body::empty()).expect("a request");
        request.extensions_mut().insert(PeerIp("192.0.2.1".into()));
        pass("the secret of the door", &mut request).then(|| {
            assert!(
                !request
                    .headers()
                    .keys()
                    .any(|k| k.as_str().starts_with("x-argus"))
            );
            let peer = request.extensions().get::<PeerIp>();
            let credential = request.headers().get(header::AUTHORIZATION);
            (
                peer.map(|ip| ip.0.clone()),
                credential.map(|value| value.to_str().unwrap_or_default().to_owned()),
            )
        })
    }

    const DOOR: (&str, &str) = ("x-argus-door", "the secret of the door");

    #[test]
    fn who_comes_round_the_door_is_turned_away() {
        assert_eq!(passed(&[]), None);
        let wrong = ("x-argus-door", "a guess");
        assert_eq!(passed(&[wrong, ("x-argus-client", "203.0.113.9")]), None);
    }

    #[test]
    fn the_door_names_the_client_and_hands_its_credential_on() {
        let signed = ("authorization", "AWS4-HMAC-SHA256 Credential=x");
        let said = [
            DOOR,
            signed,
            ("x-argus-client", "203.0.113.9"),
            ("x-argus-authorization", "Bearer abc"),
        ];
        let expected = (Some("203.0.113.9".into()), Some("Bearer abc".into()));
        assert_eq!(passed(&said), Some(expected));
        assert_eq!(
            passed(&[DOOR, signed, ("x-argus-client", "::ffff:203.0.113.9")]),
            Some((Some("203.0.113.9".into()), None))
        );
    }

    #[test]
    fn a_door_that_names_nobody_leaves_the_peer() {
        let peer = Some((Some("192.0.2.1".to_owned()), None));
        assert_eq!(passed(&[DOOR]), peer);
        assert_eq!(passed(&[DOOR, ("x-argus-client", "nonsense")]), peer);
    }
}

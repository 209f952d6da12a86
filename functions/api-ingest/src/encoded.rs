//! Bodies with a `Content-Encoding`: what is taken, and how much becomes of it.
//!
//! Every answer to a post of events says what it may be compressed with (RFC 7694), so that a client
//! need not guess: servers that say nothing get plain bodies.

use crate::unpack::Unpacker;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use bytes::Bytes;
use domain::spill::Encoding;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use web::body::collect;
use web::{ApiError, ApiResult};
use wire::Code;

/// Content encodings of requests, the one we like best first.
const TAKEN: &str = "zstd, gzip";

/// Says in an answer what requests may be compressed with.
pub async fn offer(mut response: Response) -> Response {
    let taken = HeaderValue::from_static(TAKEN);
    response
        .headers_mut()
        .insert(header::ACCEPT_ENCODING, taken);
    response
}

/// Reads a body of at most `limit` bytes, as sent and decompressed. It is given up in the middle
/// of whatever makes it larger, so a small body that unfolds to gigabytes costs `limit` and a few
/// megabytes.
pub async fn read(headers: &HeaderMap, body: Body, limit: usize) -> ApiResult<Bytes> {
    let encoding = encoding_of(headers)?;
    if encoding == Encoding::Plain {
        return collect(body, limit).await;
    }
    let broken = || ApiError::with(Code::ContentEncodingBroken, [word(encoding)]);
    let too_large = || ApiError::with(Code::BodyTooLarge, [limit]);
    let mut unpacker = Unpacker::of_body(encoding).map_err(|_| broken())?;
    let mut body = Limited::new(body, limit);
    let (mut out, mut is_empty) = (Vec::new(), true);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| match error.is::<LengthLimitError>() {
            true => too_large(),
            // The client went away in the middle; nobody reads this answer.
            false => broken(),
        })?;
        let Ok(mut input) = frame.into_data() else {
            continue;
        };
        is_empty &= input.is_empty();
        while !input.is_empty() || unpacker.holds_back() {
            unpacker.step(&mut input, &mut out).map_err(|_| broken())?;
            if out.len() > limit {
                return Err(too_large());
            }
        }
    }
    if !is_empty {
        unpacker.finish(&mut out).map_err(|_| broken())?;
    }
    match out.len() > limit {
        true => Err(too_large()),
        false => Ok(out.into()),
    }
}

/// What the headers say; more than one encoding on top of each other is nobody's wish.
fn encoding_of(headers: &HeaderMap) -> ApiResult<Encoding> {
    let mut found = Encoding::Plain;
    for value in headers.get_all(header::CONTENT_ENCODING) {
        let named = value.to_str().unwrap_or("?");
        for name in named.split(',').map(str::trim) {
            let one = match name.to_ascii_lowercase().as_str() {
                "" | "identity" => continue,
                "gzip" | "x-gzip" => Encoding::Gzip,
                "zstd" => Encoding::Zstd,
                _ => return Err(unknown(named)),
            };
            if std::mem::replace(&mut found, one) != Encoding::Plain {
                return Err(unknown(named));
            }
        }
    }
    Ok(found)
}

fn unknown(named: &str) -> ApiError {
    let params = [named, TAKEN].map(str::to_owned);
    ApiError::with(Code::ContentEncodingUnknown, params)
}

fn word(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Plain => "plain",
        Encoding::Gzip => "gzip",
        Encoding::Zstd => "zstd",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    const LIMIT: usize = 64 * 1024;

    fn headers(encoding: &str) -> HeaderMap {
        let value = HeaderValue::from_str(encoding).expect("a header");
        HeaderMap::from_iter([(header::CONTENT_ENCODING, value)])
    }

    /// A body that comes in these pieces, and how many of them were asked for.
    fn pieces(all: Vec<Vec<u8>>) -> (Body, Arc<AtomicUsize>) {
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let all = all.into_iter().map(move |piece| {
            count.fetch_add(1, Ordering::Relaxed);
            Ok::<_, Infallible>(piece)
        });
        (Body::from_stream(futures::stream::iter(all)), asked)
    }

    #[tokio::test]
    async fn a_body_may_be_cut_anywhere() {
        let text: Vec<u8> = (0..9_000_u32)
            .flat_map(|n| (n % 251).to_le_bytes())
            .collect();
        for (name, packed) in [
            ("gzip", test_kit::packed::gzip(&text)),
            ("X-GZIP", test_kit::packed::gzip(&text)),
            ("identity, zstd", test_kit::packed::zstd(&text)),
        ] {
            for size in [1, 7, packed.len()] {
                let (body, _) = pieces(packed.chunks(size).map(<[u8]>::to_vec).collect());
                let read = read(&headers(name), body, LIMIT).await;
                assert_eq!(read.expect("read"), text, "{name} by {size}");
            }
            let (body, _) = pieces(vec![packed[..packed.len() - 1].to_vec()]);
            let torn = read(&headers(name), body, LIMIT).await;
            let code = torn.expect_err("torn").code();
            assert_eq!(code, Code::ContentEncodingBroken, "{name}");
        }
    }

    #[tokio::test]
    async fn what_unfolds_beyond_the_limit_is_not_read_on() {
        let zeros = vec![0; 64 * 1024 * 1024];
        for (name, packed) in [
            ("gzip", test_kit::packed::gzip(&zeros)),
            ("zstd", test_kit::packed::zstd(&zeros)),
        ] {
            let (body, asked) = pieces(packed.chunks(256).map(<[u8]>::to_vec).collect());
            let refused = read(&headers(name), body, LIMIT).await;
            assert_eq!(refused.expect_err("a bomb").code(), Code::BodyTooLarge);
            assert!(asked.load(Ordering::Relaxed) < 12, "{name}: {asked:?}");
        }
    }
}

//! Taking in a body: to a file, digested on the way, verified before anything refers to it.

use std::io::Write;

use bytes::{Bytes, BytesMut};
use futures::TryStreamExt;
use s3s::dto::StreamingBlob;
use s3s::{S3Request, S3Result, s3_error};

use crate::blobs::{Blob, Blobs, Draft};
use crate::digest::{Algorithm, Checksums, Digests, Hasher, verify};
use crate::failure::{file, task};

/// Bytes handed to a blocking thread at once.
const CHUNK: usize = 1 << 20;
/// The most S3 takes in one request.
const LARGEST: i64 = 5 << 30;

/// What the client said about the body it sends.
#[derive(Debug, Default)]
pub(crate) struct Announced {
    pub length: Option<i64>,
    pub md5: Option<String>,
    pub checksums: Checksums,
    /// Named by `x-amz-sdk-checksum-algorithm`, or by the trailer.
    pub algorithms: Vec<Algorithm>,
}

impl Announced {
    /// Adds the algorithms the request's headers name.
    pub fn with_headers<T>(mut self, request: &S3Request<T>) -> Self {
        let text = |name: &str| request.headers.get(name).and_then(|v| v.to_str().ok());
        if let Some(named) = text("x-amz-sdk-checksum-algorithm").and_then(Algorithm::parse) {
            self.algorithms.push(named);
        }
        let trailers = text("x-amz-trailer").unwrap_or_default();
        for algorithm in Algorithm::ALL {
            let mut names = trailers.split(',').map(str::trim);
            if names.any(|name| name.eq_ignore_ascii_case(algorithm.header()))
                || self.checksums.get(algorithm).is_some()
            {
                self.algorithms.push(algorithm);
            }
        }
        self
    }
}

/// A verified body.
pub(crate) struct Taken {
    pub blob: Blob,
    pub size: i64,
    pub digests: Digests,
}

/// Reads `body` into a blob.
pub(crate) async fn take(
    blobs: &Blobs,
    body: Option<StreamingBlob>,
    announced: Announced,
    trailers: Option<s3s::TrailingHeaders>,
) -> S3Result<Taken> {
    if announced.length.is_some_and(|length| length > LARGEST) {
        return Err(s3_error!(EntityTooLarge));
    }
    let mut intake = Intake {
        blobs: blobs.clone(),
        draft: None,
        hasher: Hasher::new(&announced.algorithms),
        size: 0,
    };
    let mut pending = BytesMut::new();
    if let Some(mut body) = body {
        while let Some(chunk) = next(&mut body).await? {
            pending.extend_from_slice(&chunk);
            if pending.len() >= CHUNK {
                let full = pending.split().freeze();
                intake = blocking(move || intake.append(&full)).await?;
            }
        }
    }
    let mut announced = announced;
    if let Some(trailers) = trailers.and_then(|trailers| trailers.take()) {
        for algorithm in Algorithm::ALL {
            let value = trailers.get(algorithm.header());
            if let Some(value) = value.and_then(|value| value.to_str().ok()) {
                announced.checksums.set(algorithm, value.to_owned());
            }
        }
    }
    let rest = pending.freeze();
    blocking(move || intake.append(&rest)?.finish(&announced)).await
}

async fn next(body: &mut StreamingBlob) -> S3Result<Option<Bytes>> {
    body.try_next().await.map_err(|error| {
        // The signature of a chunk, or the framing, is wrong; or the client went away.
        tracing::debug!(%error, "a body was not received");
        s3_error!(IncompleteBody, "the body could not be read: {error}")
    })
}

/// Runs file work off the async threads.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> S3Result<T> + Send + 'static,
) -> S3Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| task(&error))?
}

struct Intake {
    blobs: Blobs,
    draft: Option<Draft>,
    hasher: Hasher,
    size: i64,
}

impl Intake {
    fn append(mut self, bytes: &[u8]) -> S3Result<Self> {
        let mut draft = match self.draft.take() {
            Some(draft) => draft,
            None => self.blobs.create().map_err(|error| file(&error))?,
        };
        draft.file.write_all(bytes).map_err(|error| file(&error))?;
        self.draft = Some(draft);
        self.hasher.update(bytes);
        self.size += i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        Ok(self)
    }

    fn finish(self, announced: &Announced) -> S3Result<Taken> {
        if announced.length.is_some_and(|length| length != self.size) {
            return Err(s3_error!(IncompleteBody));
        }
        let digests = self.hasher.finish();
        verify(&digests, announced.md5.as_deref(), &announced.checksums)?;
        let draft = match self.draft {
            Some(draft) => draft,
            None => self.blobs.create().map_err(|error| file(&error))?,
        };
        Ok(Taken {
            blob: draft.finish().map_err(|error| file(&error))?,
            size: self.size,
            digests,
        })
    }
}

//! Files of jobs and batches, sent while the caller waits.

use crate::http::{Client, HttpError, Request, escaped};
use crate::ids::random;
use crate::settings::{Mode, Settings};
use std::fs;
use std::path::Path;
use std::time::Duration;

/// How long one file may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// What a file belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner<'a> {
    /// A job.
    Job(&'a str),
    /// A batch as a whole.
    Batch(&'a str),
}

/// A file to send.
#[derive(Clone, Copy, Debug)]
pub struct Artifact<'a> {
    /// Where it is.
    pub path: &'a Path,
    /// What it belongs to.
    pub owner: Owner<'a>,
    /// Text fields sent before the file: `kind`, `label`, `meta`.
    pub fields: &'a [(&'a str, &'a str)],
    /// Media type; the server guesses without one.
    pub mime: Option<&'a str>,
}

/// Sends files over one connection.
#[derive(Debug)]
pub struct Uploader {
    client: Option<Client>,
}

impl Uploader {
    /// An uploader; without a server, or offline, it sends nothing.
    pub fn new(settings: &Settings) -> Self {
        let online = settings.mode == Mode::Online;
        Self {
            client: online.then(|| Client::new(settings).ok()).flatten(),
        }
    }

    /// Sends a file; `Ok(false)` when the server refuses it, or there is none.
    ///
    /// # Errors
    /// Without an answer; then further files would only take time.
    pub fn send(&mut self, artifact: &Artifact<'_>) -> Result<bool, HttpError> {
        let Some(client) = &mut self.client else {
            return Ok(false);
        };
        let Ok(content) = fs::read(artifact.path) else {
            return Ok(false);
        };
        let path = match artifact.owner {
            Owner::Job(id) => format!("/api/jobs/{}/artifacts", escaped(id)),
            Owner::Batch(id) => format!("/api/batches/{}/artifacts", escaped(id)),
        };
        let boundary = hex::encode(random::<16>());
        let body = multipart(artifact, &boundary, &content);
        let mut request = Request::new("POST", &path);
        let kind = format!("multipart/form-data; boundary={boundary}");
        request.headers.push(("Content-Type", kind));
        request.body = Some(&body);
        request.timeout = TIMEOUT;
        client.call(&request).map(|answer| answer.is_success())
    }
}

fn multipart(artifact: &Artifact<'_>, boundary: &str, content: &[u8]) -> Vec<u8> {
    let quoted = |text: &str| {
        let text = text.replace('"', "%22");
        text.replace('\r', "%0D").replace('\n', "%0A")
    };
    let mut body = Vec::with_capacity(content.len() + 512);
    for (name, value) in artifact.fields {
        let name = quoted(name);
        let part = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        );
        body.extend_from_slice(part.as_bytes());
    }
    let name = artifact
        .path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy();
    let name = quoted(&name);
    let head = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n"
    );
    body.extend_from_slice(head.as_bytes());
    if let Some(mime) = artifact.mime {
        body.extend_from_slice(format!("Content-Type: {mime}\r\n").as_bytes());
    }
    body.extend_from_slice(b"\r\n");
    body.extend_from_slice(content);
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    body
}

//! The multipart form of a direct upload, read within bounds of size and memory.

use axum::extract::Request;
use axum::http::header;
use bytes::{Bytes, BytesMut};
use domain::limits::{ARTIFACT_TEXT_BYTES, UPLOAD_MEMORY_BYTES};
use multer::{Constraints, Field, Multipart, SizeLimit};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use web::{ApiError, ApiResult, Invalid};
use wire::Code;

/// Bytes one permit stands for.
const GRAIN: usize = 64 * 1024;
/// Room for the parts of a form beside the file.
const AROUND_FILE: u64 = 1024 * 1024;

/// Memory that all uploads of this process share. Who finds it used up is told to come again,
/// so many slow uploads cannot exhaust the machine.
pub struct Memory(Arc<Semaphore>);

impl Default for Memory {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(UPLOAD_MEMORY_BYTES / GRAIN)))
    }
}

/// A form that was read.
pub struct Form {
    /// Name of the file.
    pub filename: String,
    /// Type the client gave the file.
    pub said_type: Option<String>,
    /// The file.
    pub bytes: Bytes,
    /// SHA-256 of the file in hexadecimal.
    pub sha256: String,
    /// Caption.
    pub label: Option<String>,
    /// JSON object as text.
    pub meta: Option<String>,
    /// Given back when the form is dropped.
    _memory: Vec<OwnedSemaphorePermit>,
}

struct File {
    filename: String,
    said_type: Option<String>,
    bytes: Bytes,
    memory: Vec<OwnedSemaphorePermit>,
}

fn malformed(why: impl ToString) -> ApiError {
    ApiError::with(Code::UploadMalformed, [why.to_string()])
}

/// Reads the form; the file may have `most` bytes.
pub async fn read(request: Request, memory: &Memory, most: u64) -> ApiResult<Form> {
    let (parts, body) = request.into_parts();
    let kind = parts.headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|v| v.to_str().ok()).unwrap_or_default();
    let boundary = multer::parse_boundary(kind).map_err(malformed)?;
    let limit = SizeLimit::new().whole_stream(most.saturating_add(AROUND_FILE));
    let limits = Constraints::new().size_limit(limit);
    let mut parts = Multipart::with_constraints(body.into_data_stream(), boundary, limits);
    let refuse = |error: multer::Error| match error {
        multer::Error::StreamSizeExceeded { .. } => ApiError::with(Code::ArtifactTooLarge, [most]),
        other => malformed(other),
    };
    let (mut file, mut label, mut meta) = (None, None, None);
    while let Some(part) = parts.next_field().await.map_err(refuse)? {
        match part.name().unwrap_or_default() {
            "file" if file.is_none() => file = take_file(part, memory, most, &refuse).await?,
            "label" => label = Some(take_text(part, &refuse).await?),
            "meta" => meta = Some(take_text(part, &refuse).await?),
            // `kind` and whatever else clients add; the next part skips it.
            _ => {}
        }
    }
    let Some(file) = file else {
        let missing = Invalid::at(&["body", "file"], "missing", "Field required", Value::Null);
        return Err(ApiError::invalid(&[missing]));
    };
    Ok(Form {
        sha256: hex::encode(Sha256::digest(&file.bytes)),
        filename: file.filename,
        said_type: file.said_type,
        bytes: file.bytes,
        label: label.filter(|text| !text.is_empty()),
        meta: meta.map_or(Ok(None), |text| json_object(&text))?,
        _memory: file.memory,
    })
}

/// The text of a JSON object in its shortest form; blank means none.
pub fn json_object(text: &str) -> ApiResult<Option<String>> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    if text.len() > ARTIFACT_TEXT_BYTES {
        return Err(malformed("meta is too long"));
    }
    match serde_json::from_str::<Value>(text) {
        Ok(object @ Value::Object(_)) => Ok(Some(object.to_string())),
        _ => Err(ApiError::new(Code::ArtifactMetaInvalid)),
    }
}

async fn take_file(
    mut part: Field<'_>,
    memory: &Memory,
    most: u64,
    refuse: &impl Fn(multer::Error) -> ApiError,
) -> ApiResult<Option<File>> {
    // Without a file name it is a text field that happens to be called "file".
    let name = part.file_name().filter(|name| !name.is_empty());
    let Some(filename) = name.map(str::to_owned) else {
        return Ok(None);
    };
    if filename.len() > ARTIFACT_TEXT_BYTES {
        return Err(malformed("the file name is too long"));
    }
    let said_type = part.content_type().map(|kind| kind.to_string());
    let mut bytes = BytesMut::new();
    let mut permits: Vec<OwnedSemaphorePermit> = Vec::new();
    while let Some(piece) = part.chunk().await.map_err(refuse)? {
        let size = bytes.len() + piece.len();
        if size as u64 > most {
            return Err(ApiError::with(Code::ArtifactTooLarge, [most]));
        }
        while permits.len() * GRAIN < size {
            let permit = Arc::clone(&memory.0).try_acquire_owned();
            let busy = |_| ApiError::new(Code::StorageBusy).retry_after(2);
            permits.push(permit.map_err(busy)?);
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(Some(File {
        filename,
        said_type,
        bytes: bytes.freeze(),
        memory: permits,
    }))
}

async fn take_text(
    mut part: Field<'_>,
    refuse: &impl Fn(multer::Error) -> ApiError,
) -> ApiResult<String> {
    let mut bytes = Vec::new();
    while let Some(piece) = part.chunk().await.map_err(refuse)? {
        if bytes.len() + piece.len() > ARTIFACT_TEXT_BYTES {
            return Err(malformed("a text field is too long"));
        }
        bytes.extend_from_slice(&piece);
    }
    String::from_utf8(bytes).map_err(|_| malformed("a text field is not UTF-8"))
}

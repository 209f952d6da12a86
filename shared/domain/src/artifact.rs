//! A file somebody keeps beside a batch or job: its facts, and the rules about names and types.

use crate::account::UserId;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Facts about an artifact. Its bytes are an object of the bucket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    /// Integer id.
    pub id: u64,
    /// Who sent it.
    pub uploader: UserId,
    /// Batch it belongs to; while it is parked, the batch the uploader named, if any.
    pub batch_id: Option<String>,
    /// Job it belongs to; `None`: the batch as a whole.
    pub job_id: Option<String>,
    /// Batch and job were not known yet when it came.
    pub parked: bool,
    /// Announced, but its bytes have not been verified yet.
    pub pending: bool,
    /// Name as the client sent it.
    pub filename: String,
    /// Media type.
    pub mime: String,
    /// Key of the object that holds the bytes.
    pub object: String,
    /// Bytes.
    pub size_bytes: u64,
    /// SHA-256 of the bytes, lower-case hexadecimal.
    pub sha256: String,
    /// Caption.
    pub label: Option<String>,
    /// JSON object of the client, as text.
    pub meta: Option<String>,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// Parked and pending ones go by themselves at this time.
    pub expires_at: Option<Timestamp>,
}

/// Longest name a download gets.
const NAME_CHARS: usize = 120;
/// Longest extension kept when a name is cut.
const EXTENSION_CHARS: usize = 16;
/// Name of a download whose own name leaves nothing.
const NAMELESS: &str = "upload.bin";
/// Type of what nobody named.
pub const UNKNOWN_TYPE: &str = "application/octet-stream";

/// The base name reduced to characters that mean nothing in a header, a shell or a path.
pub fn safe_filename(name: &str) -> String {
    let base = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = base
        .chars()
        .map(|c| match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '_' | '-' => c,
            _ => '_',
        })
        .collect();
    let plain = plain.trim_start_matches('.');
    if plain.is_empty() {
        return NAMELESS.to_owned();
    }
    if plain.len() <= NAME_CHARS {
        return plain.to_owned();
    }
    match plain.rsplit_once('.') {
        Some((stem, extension)) if extension.len() <= EXTENSION_CHARS => {
            let room = NAME_CHARS - extension.len() - 1;
            format!("{}.{extension}", &stem[..room.min(stem.len())])
        }
        _ => plain[..NAME_CHARS].to_owned(),
    }
}

/// The type a file name stands for.
fn type_of_name(name: &str) -> Option<&'static str> {
    let (_, extension) = name.rsplit_once('.')?;
    Some(match extension.to_ascii_lowercase().as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "svg" => "image/svg+xml",
        "pdf" => "application/pdf",
        "txt" | "log" => "text/plain",
        "csv" => "text/csv",
        "md" => "text/markdown",
        "html" | "htm" => "text/html",
        "json" => "application/json",
        "yaml" | "yml" => "application/yaml",
        "zip" => "application/zip",
        "gz" => "application/gzip",
        "tar" => "application/x-tar",
        _ => return None,
    })
}

/// The media type of a file: by its name, else what the client said if that is well formed.
pub fn media_type(name: &str, said: Option<&str>) -> String {
    let well_formed = |text: &&str| {
        let token = |t: &str| {
            !t.is_empty()
                && t.bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"+-._".contains(&b))
        };
        text.len() <= 100
            && text
                .split_once('/')
                .is_some_and(|(kind, sub)| token(kind) && token(sub))
    };
    type_of_name(name)
        .or(said
            .map(|s| s.split(';').next().unwrap_or_default().trim())
            .filter(well_formed))
        .unwrap_or(UNKNOWN_TYPE)
        .to_ascii_lowercase()
}

/// Whether a browser may show this type in place. SVG and HTML can carry scripts and never may.
pub fn may_preview(mime: &str) -> bool {
    matches!(
        mime,
        "image/png" | "image/jpeg" | "image/gif" | "image/webp" | "application/pdf" | "text/plain"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_what_could_hurt() {
        for (given, safe) in [
            ("loss curve.png", "loss_curve.png"),
            ("../../etc/passwd", "passwd"),
            ("C:\\x\\plot.png", "plot.png"),
            (".htaccess", "htaccess"),
            ("a\"\r\nX: y.png", "a___X__y.png"),
            ("损失.png", "__.png"),
            ("...", "upload.bin"),
            ("", "upload.bin"),
            ("dir/", "upload.bin"),
        ] {
            assert_eq!(safe_filename(given), safe, "{given:?}");
        }
        let cut = safe_filename(&format!("{}.json", "x".repeat(500)));
        assert_eq!((cut.len(), cut.ends_with(".json")), (120, true));
        assert_eq!(safe_filename(&"y".repeat(500)).len(), 120);
    }

    #[test]
    fn types_come_from_the_name_first() {
        assert_eq!(media_type("a.PNG", Some("text/html")), "image/png");
        assert_eq!(media_type("a", Some("Image/X-Foo; q=1")), "image/x-foo");
        assert_eq!(media_type("a.b", Some("no type\r\n")), UNKNOWN_TYPE);
        assert_eq!(media_type("a", None), UNKNOWN_TYPE);
        assert!(may_preview("image/png") && !may_preview("image/svg+xml"));
        assert!(!may_preview("text/html"));
    }
}

//! How the API shows an artifact.

use domain::artifact::Artifact;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// An artifact.
#[derive(Debug, Serialize, ToSchema)]
pub struct ArtifactOut {
    /// Id.
    pub id: u64,
    /// Job; null: it belongs to the batch as a whole.
    pub job_id: Option<String>,
    /// Batch; null while it waits for its job to appear.
    pub batch_id: Option<String>,
    /// Name as it was sent.
    pub filename: String,
    /// Media type.
    pub mime: String,
    /// Bytes.
    pub size_bytes: u64,
    /// Caption.
    pub label: Option<String>,
    /// The client's own facts.
    #[schema(value_type = Option<Object>)]
    pub meta: Option<Value>,
    /// When it was accepted.
    pub created_at: String,
    /// SHA-256, lower-case hexadecimal.
    pub sha256: String,
    /// It waits for its batch or job to appear.
    pub parked: bool,
}

impl From<Artifact> for ArtifactOut {
    fn from(artifact: Artifact) -> Self {
        let meta = artifact.meta.as_deref();
        Self {
            id: artifact.id,
            job_id: artifact.job_id,
            batch_id: artifact.batch_id.filter(|_| !artifact.parked),
            filename: artifact.filename,
            mime: artifact.mime,
            size_bytes: artifact.size_bytes,
            label: artifact.label,
            meta: meta.and_then(|text| serde_json::from_str(text).ok()),
            created_at: artifact.created_at.to_text(),
            sha256: artifact.sha256,
            parked: artifact.parked,
        }
    }
}

//! `PATCH /api/batches/{id}`: name, tags and notes people keep beside a batch.

use crate::view::BatchOut;
use axum::Json;
use axum::extract::State;
use domain::access::Right;
use domain::limits::{NAME_CHARS, NOTES_CHARS};
use runtime::Services;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use web::change::{Change, Hand};
use web::fields::given;
use web::{ApiResult, Body, Caller, ClientInfo, Invalid, PathParams};
use wire::tags;

/// What to change; absent fields stay, null or empty text clears.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BatchEdit {
    /// Name shown instead of the id.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    name: Option<Option<String>>,
    /// All labels.
    #[serde(default)]
    tags: Option<Vec<String>>,
    /// Free text.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    notes: Option<Option<String>>,
}

fn trimmed(text: Option<String>) -> Option<String> {
    text.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty())
}

impl BatchEdit {
    /// Trims and checks.
    fn checked(self) -> ApiResult<Self> {
        let tags = self.tags.map(|tags| tags::checked(tags, &["body", "tags"]));
        let edit = Self {
            name: self.name.map(trimmed),
            tags: tags.transpose()?.map(|tags| tags.into_iter().collect()),
            notes: self.notes.map(trimmed),
        };
        Invalid::check_chars(
            "name",
            edit.name.as_ref().and_then(Option::as_deref),
            NAME_CHARS,
        )?;
        Invalid::check_chars(
            "notes",
            edit.notes.as_ref().and_then(Option::as_deref),
            NOTES_CHARS,
        )?;
        Ok(edit)
    }
}

/// Renames, labels or annotates a batch.
#[utoipa::path(patch, path = "/api/batches/{batch_id}", tag = "batches",
    params(("batch_id" = String, Path)), request_body = BatchEdit,
    responses((status = 200, body = BatchOut), (status = 403, description = "somebody else's"),
        (status = 404, description = "no such batch"), (status = 422, description = "fields")))]
pub async fn edit_batch(
    State(services): State<Services>,
    caller: Caller,
    client: ClientInfo,
    path: PathParams,
    Body(edit): Body<BatchEdit>,
) -> ApiResult<Json<BatchOut>> {
    let edit = edit.checked()?;
    let hand = Hand {
        services: &services,
        caller: &caller,
        client: &client,
    };
    let batch = hand
        .change(path.text(0), Right::Edit, |batch, _| {
            let before = (batch.name.clone(), batch.tags.clone(), batch.notes.clone());
            if let Some(name) = &edit.name {
                batch.name.clone_from(name);
            }
            if let Some(tags) = &edit.tags {
                batch.tags = tags.iter().cloned().collect();
            }
            if let Some(notes) = &edit.notes {
                batch.notes.clone_from(notes);
            }
            if before == (batch.name.clone(), batch.tags.clone(), batch.notes.clone()) {
                return Ok(None);
            }
            let data = json!({"name": batch.name, "tags": batch.tags, "notes": batch.notes});
            let mut change = Change::of_batch(&batch.id, "batch_updated", data, "batch_updated");
            change
                .metadata
                .insert("name".into(), batch.name.clone().unwrap_or_default());
            Ok(Some(change))
        })
        .await?;
    Ok(Json(BatchOut::row(batch)))
}

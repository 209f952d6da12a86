//! `GET /api/users/me/export`: everything the caller reported, as one zip file made while it is
//! sent. Memory holds a page of batches, the jobs of one batch or the curve of one job.

use crate::archive::Archive;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use csv::{Terminator, WriterBuilder};
use domain::account::{User, UserId};
use domain::batch::Batch;
use domain::bucket;
use domain::event::{Detail, JsonFields};
use domain::job::Job;
use domain::time::Timestamp;
use runtime::Services;
use serde_json::{Map, Value, json};
use std::io;
use store::batch_lists::BatchList;
use store::chunks::{Row, Stream, rows};
use store::{Store, StoreError};
use web::{ApiResult, SessionCaller, quota};

/// Batches read together.
const PAGE: usize = 50;
/// Pieces that may wait for a slow reader.
const WAITING: usize = 4;

/// Downloads the caller's batches, jobs and epochs, each as JSON lines and as CSV.
#[utoipa::path(get, path = "/api/users/me/export", tag = "account",
    responses((status = 200, content_type = "application/zip", body = Vec<u8>),
        (status = 403, description = "not a browser session"), (status = 429, description = "too often, see Retry-After")))]
pub async fn export_account(
    State(services): State<Services>,
    caller: SessionCaller,
) -> ApiResult<Response> {
    let user = (*caller.identity.user).clone();
    quota::take(&services, bucket::EXPORT, user.id).await?;
    let (pieces, received) = tokio::sync::mpsc::channel(WAITING);
    let broken = pieces.clone();
    let now = services.clock.now();
    tokio::spawn(async move {
        let archive = Archive::new(pieces);
        if let Err(error) = fill(archive, &services.store, &user, now).await {
            tracing::debug!(cause = %error, "export broke off");
            let _ = broken.send(Err(error)).await;
        }
    });
    let stream = futures::stream::unfold(received, |mut received| async move {
        received.recv().await.map(|piece| (piece, received))
    });
    let mut response = Response::new(Body::from_stream(stream));
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "application/zip"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"argus-export.zip\"",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}

/// One kind of thing, in its two files.
#[derive(Clone, Copy)]
enum Table {
    Batches,
    Jobs,
    Epochs,
}

impl Table {
    fn name(self) -> &'static str {
        match self {
            Self::Batches => "batches",
            Self::Jobs => "jobs",
            Self::Epochs => "epochs",
        }
    }

    /// Columns of the CSV; everything else a row has goes into the last one, as JSON.
    fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Batches => &[
                "id",
                "name",
                "project",
                "status",
                "start_time",
                "end_time",
                "host",
                "command",
                "n_total",
                "n_done",
                "n_failed",
                "error",
                "more",
            ],
            Self::Jobs => &[
                "batch_id",
                "id",
                "model",
                "dataset",
                "status",
                "start_time",
                "end_time",
                "elapsed_s",
                "error",
                "more",
            ],
            Self::Epochs => &[
                "batch_id",
                "job_id",
                "time",
                "epoch",
                "train_loss",
                "val_loss",
                "lr",
                "more",
            ],
        }
    }
}

/// How a row is spelled.
#[derive(Clone, Copy)]
enum Form {
    Lines,
    Csv,
}

async fn fill(mut archive: Archive, store: &Store, user: &User, now: Timestamp) -> io::Result<()> {
    archive.file("account.json")?;
    let account = json!({
        "id": user.id, "username": user.username, "email": user.email,
        "created_at": user.created_at.to_text(), "preferred_locale": user.locale,
    });
    archive.write(account.to_string().as_bytes()).await?;
    for table in [Table::Batches, Table::Jobs, Table::Epochs] {
        for (form, ending) in [(Form::Lines, "jsonl"), (Form::Csv, "csv")] {
            archive.file(&format!("{}.{ending}", table.name()))?;
            if let Form::Csv = form {
                archive.write(&record(table.columns().iter())).await?;
            }
            let mut writer = Writer {
                archive: &mut archive,
                table,
                form,
                now,
            };
            writer.all(store, user.id).await?;
        }
    }
    archive.finish().await
}

struct Writer<'a> {
    archive: &'a mut Archive,
    table: Table,
    form: Form,
    now: Timestamp,
}

impl Writer<'_> {
    async fn all(&mut self, store: &Store, owner: UserId) -> io::Result<()> {
        let list = [BatchList::Of(owner)];
        let mut before: Option<String> = None;
        loop {
            let page = store.list_batches(&list, before.as_deref(), PAGE).await;
            let (page, next) = page.map_err(broken)?;
            for (_, found) in page {
                self.batch(store, &found.value).await?;
            }
            before = next;
            if before.is_none() {
                return Ok(());
            }
        }
    }

    async fn batch(&mut self, store: &Store, batch: &Batch) -> io::Result<()> {
        if let Table::Batches = self.table {
            return self.put(batch_row(batch)).await;
        }
        let jobs = store.jobs_of_batch(&batch.id).await.map_err(broken)?;
        for job in jobs.iter().filter(|job| job.deleted_at.is_none()) {
            if let Table::Jobs = self.table {
                self.put(job_row(job)).await?;
                continue;
            }
            let stream = Stream {
                kind: Detail::Epochs,
                batch: batch.id.clone(),
                job: job.id.clone(),
            };
            let chunks = store.chunks(&stream, self.now).await.map_err(broken)?;
            for row in rows(chunks) {
                self.put(epoch_row(job, &row)).await?;
            }
        }
        Ok(())
    }

    async fn put(&mut self, mut row: Map<String, Value>) -> io::Result<()> {
        let bytes = match self.form {
            Form::Lines => (Value::Object(row).to_string() + "\n").into_bytes(),
            Form::Csv => {
                let (more, named) = self.table.columns().split_last().unwrap_or((&"", &[]));
                debug_assert_eq!(*more, "more");
                let mut cells: Vec<String> = named.iter().map(|c| cell(row.remove(*c))).collect();
                cells.push(match row.is_empty() {
                    true => String::new(),
                    false => Value::Object(row).to_string(),
                });
                record(cells.iter())
            }
        };
        self.archive.write(&bytes).await
    }
}

fn broken(error: StoreError) -> io::Error {
    io::Error::other(error)
}

fn cell(value: Option<Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text,
        Some(other) => other.to_string(),
    }
}

fn record(cells: impl Iterator<Item = impl AsRef<[u8]>>) -> Vec<u8> {
    let mut writer = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .from_writer(Vec::new());
    // Writing into memory cannot fail.
    let _ = writer.write_record(cells);
    writer.into_inner().unwrap_or_default()
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// Stored JSON texts by name.
fn fields(fields: &JsonFields) -> Value {
    let read = |json: &String| serde_json::from_str(json).unwrap_or(Value::Null);
    let pairs = fields.iter().map(|(name, json)| (name.clone(), read(json)));
    Value::Object(pairs.collect())
}

fn batch_row(batch: &Batch) -> Map<String, Value> {
    object(json!({
        "id": batch.id, "name": batch.name, "project": batch.project,
        "status": batch.status.as_str(), "start_time": batch.start_time.text,
        "end_time": batch.end_time.as_ref().map(|t| &t.text), "host": batch.host,
        "command": batch.command, "n_total": batch.n_total, "n_done": batch.n_done,
        "n_failed": batch.n_failed, "error": batch.error, "tags": batch.tags, "notes": batch.notes,
        "commit": batch.commit, "experiment_type": batch.experiment_type, "user": batch.user,
    }))
}

fn job_row(job: &Job) -> Map<String, Value> {
    object(json!({
        "batch_id": job.batch_id, "id": job.id, "model": job.model, "dataset": job.dataset,
        "status": job.status, "start_time": job.start_time.text,
        "end_time": job.end_time.as_ref().map(|t| &t.text), "elapsed_s": job.elapsed_s,
        "error": job.error, "metrics": job.metrics.as_ref().map(fields), "extra": fields(&job.extra),
    }))
}

fn epoch_row(job: &Job, row: &Row) -> Map<String, Value> {
    let data: Map<String, Value> = serde_json::from_str(row.record.data.get()).unwrap_or_default();
    let mut out = object(json!({
        "batch_id": job.batch_id, "job_id": job.id, "time": row.record.time,
    }));
    out.extend(data);
    out
}

//! `GET /api/admin/backup-status`: when the data was last copied.

use axum::Json;
use axum::extract::State;
use runtime::Services;
use serde::Serialize;
use utoipa::ToSchema;
use web::{Admin, ApiResult};

/// A backup.
#[derive(Debug, Serialize, ToSchema)]
pub struct BackupFileOut {
    /// Name in the directory of backups.
    pub name: String,
    /// Bytes.
    pub size_bytes: u64,
    /// When it was made.
    pub mtime: String,
}

/// State of the backups of one machine. In the cloud the table has point-in-time recovery instead.
#[derive(Debug, Serialize, ToSchema)]
pub struct BackupStatusOut {
    /// Backups are made.
    pub enabled: bool,
    /// Hours between two of them; 0 when none are made.
    pub interval_h: u64,
    /// How many are kept.
    pub keep_last_n: u64,
    /// When the last one was made.
    pub last_backup_at: Option<String>,
    /// Hours since.
    pub backup_age_h: Option<f64>,
    /// Those that are kept, newest first.
    pub recent_files: Vec<BackupFileOut>,
    /// What went wrong the last time.
    pub last_error: Option<String>,
}

/// Shows when the data was last copied, and what copies there are.
#[utoipa::path(get, path = "/api/admin/backup-status", tag = "admin",
    responses((status = 200, body = BackupStatusOut), (status = 403, description = "not an administrator")))]
pub async fn backup_status(
    State(services): State<Services>,
    _: Admin,
) -> ApiResult<Json<BackupStatusOut>> {
    let made = services.store.backups().await?;
    let hours = services.config.backup_hours;
    let hours = hours.filter(|_| services.config.exclusive);
    let newest = made.files.first().map(|file| file.at);
    let age = newest.map(|at| services.clock.now().secs_since(at) / 3600.0);
    let file = |file: store::backups::BackupFile| BackupFileOut {
        name: file.name,
        size_bytes: file.bytes,
        mtime: file.at.to_text(),
    };
    Ok(Json(BackupStatusOut {
        enabled: hours.is_some(),
        interval_h: hours.unwrap_or(0),
        keep_last_n: services.config.backups_kept as u64,
        last_backup_at: newest.map(|at| at.to_text()),
        backup_age_h: age.map(|hours| (hours * 100.0).round() / 100.0),
        recent_files: made.files.into_iter().map(file).collect(),
        last_error: made.error,
    }))
}

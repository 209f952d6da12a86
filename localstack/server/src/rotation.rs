//! Backups the server makes by itself, of which the newest are kept.

use crate::backup;
use domain::time::Timestamp;
use runtime::Services;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};
use store::backups::{BackupFile, Backups};

/// Directory of the backups in the data directory.
const DIRECTORY: &str = "backups";
/// Pause between looks at whether one is due.
const LOOK: Duration = Duration::from_secs(60);

/// Makes backups until the process ends; none when the settings say so.
pub async fn run(services: Services, data: PathBuf) {
    let Some(hours) = services.config.backup_hours else {
        return;
    };
    let pause = i64::try_from(hours * 3600).unwrap_or(i64::MAX);
    loop {
        tokio::time::sleep(LOOK).await;
        let now = services.clock.now();
        let made = kept(&data).unwrap_or_default();
        let last = made.first().map(|file| file.at);
        if last.is_none_or(|at| now.secs() - at.secs() >= pause) {
            rotate(&services, &data, now).await;
        }
    }
}

/// Makes a backup, removes what is too old, and notes what there is.
pub async fn rotate(services: &Services, data: &Path, now: Timestamp) {
    let (from, most) = (data.to_owned(), services.config.backups_kept);
    let made = tokio::task::spawn_blocking(move || make(&from, most, now)).await;
    let error = match made {
        Ok(Ok(())) => None,
        Ok(Err(text)) => Some(text),
        Err(lost) => Some(lost.to_string()),
    };
    if let Some(cause) = &error {
        tracing::warn!(cause, "no backup was made");
    }
    let files = kept(data).unwrap_or_default();
    if let Err(cause) = services.store.save_backups(&Backups { files, error }).await {
        tracing::warn!(%cause, "a backup was not noted");
    }
}

fn make(data: &Path, most: usize, now: Timestamp) -> Result<(), String> {
    let dir = data.join(DIRECTORY);
    fs::create_dir_all(&dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    let text = now.to_text();
    let digits: String = text.chars().filter(char::is_ascii_digit).take(12).collect();
    let (day, minute) = digits.split_at(digits.len().min(8));
    let target = dir.join(format!("argus-{day}-{minute}.zip"));
    if !target.exists() {
        backup::make(data, &target).map_err(|e| e.to_string())?;
    }
    let all = kept(data).map_err(|e| format!("{}: {e}", dir.display()))?;
    for old in all.iter().skip(most) {
        let path = dir.join(&old.name);
        fs::remove_file(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    }
    Ok(())
}

/// The backups that are there, newest first.
pub fn kept(data: &Path) -> io::Result<Vec<BackupFile>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(data.join(DIRECTORY))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.starts_with("argus-") || !name.ends_with(".zip") {
            continue;
        }
        let meta = entry.metadata()?;
        let since = meta.modified()?.duration_since(UNIX_EPOCH);
        let ms = since.map_or(0, |since| since.as_millis());
        found.push(BackupFile {
            name,
            bytes: meta.len(),
            at: Timestamp(i64::try_from(ms).unwrap_or(0)),
        });
    }
    found.sort_by(|a, b| b.name.cmp(&a.name));
    Ok(found)
}

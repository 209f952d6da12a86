//! Weights & Biases: a run per `.wandb` file, as its client leaves them in `wandb/`.

mod log;
mod record;

use super::model::{Batch, Line};
use super::{Asked, Load, walk};
use crate::fault::{Exit, Fault};
use std::fs;
use std::path::Path;

/// Runs below a folder, or the one of a file.
pub fn find(asked: &Asked) -> Result<Vec<Load>, Fault> {
    let files = walk::files(&asked.path, |name| name.ends_with(".wandb"))?;
    if files.is_empty() {
        let text = format!("{}: no .wandb files", asked.path.display());
        return Err(Fault::new(Exit::NotFound, text)
            .hint("they lie in wandb/run-…/ or wandb/offline-run-…/"));
    }
    let load = |file: std::path::PathBuf| {
        let project = asked.project.clone();
        Box::new(move || read(&file, project)) as Load
    };
    Ok(files.into_iter().map(load).collect())
}

fn read(file: &Path, project: Option<String>) -> Result<Batch, Fault> {
    let bytes = fs::read(file).map_err(|error| Fault::file(file.display(), &error))?;
    let mut log = log::Log::open(&bytes)
        .ok_or_else(|| Fault::failed(format!("{}: this is no file of a run", file.display())))?;
    let mut story = record::Story::default();
    for record in &mut log {
        story.read(&record);
    }
    let record::Story {
        mut batch, mut job, ..
    } = story;
    batch.damage.extend(
        log.problem()
            .map(|problem| format!("{}: {problem}", file.display())),
    );
    if batch.id.is_empty() {
        let stem = file.file_stem().unwrap_or_default().to_string_lossy();
        batch.id = stem.trim_start_matches("run-").to_owned();
    }
    batch.id = format!("wandb-{}", batch.id);
    batch.tracker = "wandb";
    batch.project = project.unwrap_or(batch.project);
    if batch.project.is_empty() {
        batch.project = "uncategorized".to_owned();
    }
    if job.lines.is_empty() {
        job.lines = console(file);
    }
    job.id = "main".to_owned();
    batch.jobs = vec![job];
    Ok(batch)
}

/// The console beside the file, where the run was not told to keep it inside.
fn console(file: &Path) -> Vec<Line> {
    let beside = file
        .parent()
        .map(|folder| folder.join("files").join("output.log"));
    let text = beside
        .and_then(|path| fs::read(path).ok())
        .unwrap_or_default();
    let line = |text: &str| Line {
        at: None,
        text: text.trim_end_matches('\r').to_owned(),
        level: "info",
    };
    String::from_utf8_lossy(&text).lines().map(line).collect()
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;

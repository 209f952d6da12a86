//! TensorBoard: a run per log folder, a job per folder below it that holds event files.

mod record;
mod summary;

use super::model::{Batch, Job};
use super::{Asked, Load, walk};
use crate::fault::{Exit, Fault};
use crate::ids;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The one run of a log folder.
pub fn find(asked: &Asked) -> Result<Vec<Load>, Fault> {
    let files = walk::files(&asked.path, |name| name.contains("tfevents"))?;
    let mut folders: BTreeMap<PathBuf, Vec<PathBuf>> = BTreeMap::new();
    for file in files {
        let folder = file.parent().map(Path::to_path_buf).unwrap_or_default();
        folders.entry(folder).or_default().push(file);
    }
    if folders.is_empty() {
        let text = format!("{}: no event files", asked.path.display());
        return Err(Fault::new(Exit::NotFound, text).hint("they are named events.out.tfevents.…"));
    }
    let root = match asked.path.is_dir() {
        true => asked.path.clone(),
        false => asked
            .path
            .parent()
            .map(Path::to_path_buf)
            .unwrap_or_default(),
    };
    let label = walk::name_of(&root);
    let project = asked.project.clone().unwrap_or_else(|| label.clone());
    let place = walk::absolute(&root).display().to_string();
    let id = format!(
        "tb-{}",
        short(&ids::stable(&["tensorboard", &project, &place]))
    );
    Ok(vec![Box::new(move || {
        let mut batch = Batch {
            id,
            project,
            name: Some(label),
            tracker: "tensorboard",
            ..Batch::default()
        };
        for (folder, files) in &folders {
            let job = job(&root, folder, files, &mut batch.damage)?;
            if !job.points.is_empty() || !job.params.is_empty() {
                batch.jobs.push(job);
            }
        }
        Ok(batch)
    })])
}

/// The first group of an id's digits: enough to tell apart what one machine imports.
fn short(id: &str) -> String {
    id.chars().filter(|c| *c != '-').take(16).collect()
}

fn job(
    root: &Path,
    folder: &Path,
    files: &[PathBuf],
    damage: &mut Vec<String>,
) -> Result<Job, Fault> {
    let below = folder.strip_prefix(root).unwrap_or(folder);
    let parts: Vec<String> = below
        .iter()
        .map(|part| part.to_string_lossy().into_owned())
        .collect();
    let mut job = Job {
        id: if parts.is_empty() {
            "main".to_owned()
        } else {
            parts.join(".")
        },
        ..Job::default()
    };
    for file in files {
        let bytes = fs::read(file).map_err(|error| Fault::file(file.display(), &error))?;
        let mut records = record::Records::new(&bytes);
        for record in &mut records {
            summary::read(record, &mut job);
        }
        if let Some(problem) = records.problem() {
            damage.push(format!("{}: {problem}", file.display()));
        }
    }
    Ok(job)
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;

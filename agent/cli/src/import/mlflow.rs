//! MLflow: a run per run folder of a file store (`mlruns/<experiment>/<run>/`).

use super::model::{Batch, Job, Outcome};
use super::{Asked, Load, walk};
use crate::fault::{Exit, Fault};
use crate::moment::Moment;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

type Facts = BTreeMap<String, String>;

/// Runs of a store, of one experiment, or the one of a run folder.
pub fn find(asked: &Asked) -> Result<Vec<Load>, Fault> {
    let metas = walk::files(&asked.path, |name| name == "meta.yaml")?;
    let run = |meta: &PathBuf| {
        let facts = flat_yaml(&fs::read_to_string(meta).ok()?);
        let is_run = facts.contains_key("run_id") || facts.contains_key("run_uuid");
        let kept = facts
            .get("lifecycle_stage")
            .is_none_or(|stage| stage != "deleted");
        (is_run && kept).then(|| {
            (
                meta.parent().map(Path::to_path_buf).unwrap_or_default(),
                facts,
            )
        })
    };
    let runs: Vec<(PathBuf, Facts)> = metas.iter().filter_map(run).collect();
    if runs.is_empty() {
        let text = format!("{}: no runs of a file store", asked.path.display());
        return Err(Fault::new(Exit::NotFound, text)
            .hint("a database is read after `mlflow migrate-filestore` or an export to mlruns/"));
    }
    let load = |(folder, facts): (PathBuf, Facts)| {
        let project = asked.project.clone();
        Box::new(move || read(&folder, &facts, project)) as Load
    };
    Ok(runs.into_iter().map(load).collect())
}

fn read(folder: &Path, facts: &Facts, project: Option<String>) -> Result<Batch, Fault> {
    let tags = texts(&folder.join("tags"))?;
    let experiment = folder.parent().map(|above| above.join("meta.yaml"));
    let experiment = experiment.and_then(|path| fs::read_to_string(path).ok());
    let experiment = flat_yaml(&experiment.unwrap_or_default());
    let id = facts.get("run_id").or_else(|| facts.get("run_uuid"));
    let known = |user: &&String| !user.is_empty() && *user != "unknown";
    let time = |key: &str| facts.get(key)?.parse().ok().map(Moment);
    let params = texts(&folder.join("params"))?.into_iter();
    let mut job = Job {
        id: "main".to_owned(),
        params: params.map(|(key, text)| (key, typed(&text))).collect(),
        started: time("start_time"),
        ended: time("end_time"),
        outcome: outcome(facts.get("status").map_or("", String::as_str)),
        ..Job::default()
    };
    let root = folder.join("metrics");
    if root.is_dir() {
        for file in walk::files(&root, |_| true)? {
            metric(&root, &file, &mut job)?;
        }
    }
    let own = tags.iter().filter(|(key, _)| !key.starts_with("mlflow."));
    Ok(Batch {
        id: format!("mlflow-{}", id.map_or("", String::as_str)),
        project: project
            .or_else(|| experiment.get("name").cloned())
            .unwrap_or_else(|| "Default".to_owned()),
        name: tags
            .get("mlflow.runName")
            .or_else(|| facts.get("run_name"))
            .cloned(),
        tracker: "mlflow",
        user: tags
            .get("mlflow.user")
            .or_else(|| facts.get("user_id").filter(known))
            .cloned(),
        command: tags.get("mlflow.source.name").cloned(),
        commit: tags.get("mlflow.source.git.commit").cloned(),
        tags: own.map(|(key, value)| format!("{key}:{value}")).collect(),
        notes: tags.get("mlflow.note.content").cloned(),
        jobs: vec![job],
        ..Batch::default()
    })
}

/// By number in folders, by word in some exports.
fn outcome(status: &str) -> Outcome {
    match status {
        "3" | "FINISHED" => Outcome::Done,
        "4" | "5" | "FAILED" | "KILLED" => Outcome::Failed,
        _ => Outcome::Running,
    }
}

/// Lines of `milliseconds value step`; the name is the path below the folder.
fn metric(root: &Path, file: &Path, job: &mut Job) -> Result<(), Fault> {
    let name = file
        .strip_prefix(root)
        .unwrap_or(file)
        .to_string_lossy()
        .replace('\\', "/");
    let text = fs::read_to_string(file).map_err(|error| Fault::file(file.display(), &error))?;
    for line in text.lines() {
        let mut words = line.split_whitespace();
        let at = words.next().and_then(|word| word.parse().ok());
        let value = words.next().and_then(|word| word.parse().ok());
        let step = words.next().and_then(|word| word.parse().ok());
        if let (Some(at), Some(value)) = (at, value) {
            job.add(step.unwrap_or(0), Moment(at), &name, value);
        }
    }
    Ok(())
}

/// A file per name, holding its text.
fn texts(folder: &Path) -> Result<BTreeMap<String, String>, Fault> {
    if !folder.is_dir() {
        return Ok(BTreeMap::new());
    }
    let named = |file: PathBuf| {
        let name = file
            .strip_prefix(folder)
            .unwrap_or(&file)
            .to_string_lossy()
            .into_owned();
        let text =
            fs::read_to_string(&file).map_err(|error| Fault::file(file.display(), &error))?;
        Ok((name, text))
    };
    walk::files(folder, |_| true)?
        .into_iter()
        .map(named)
        .collect()
}

/// Every parameter is kept as text; numbers and truths read as such.
fn typed(text: &str) -> Value {
    match text {
        "True" => true.into(),
        "False" => false.into(),
        _ => match serde_json::from_str::<Value>(text) {
            Ok(value) if value.is_number() || value.is_boolean() => value,
            _ => text.into(),
        },
    }
}

/// `key: value` lines without nesting, which is all these files hold.
fn flat_yaml(text: &str) -> Facts {
    let pair = |line: &str| {
        let (key, value) = line.split_once(':')?;
        let value = value.trim();
        let bare = match value.strip_prefix('\'').and_then(|v| v.strip_suffix('\'')) {
            Some(quoted) => quoted.replace("''", "'"),
            None => value.trim_matches('"').to_owned(),
        };
        let known = !key.starts_with([' ', '#', '-']) && bare != "null" && !bare.is_empty();
        known.then(|| (key.to_owned(), bare))
    };
    text.lines().filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load() -> Vec<Batch> {
        let asked = Asked {
            path: PathBuf::from("fixtures/mlruns"),
            project: None,
        };
        let loads = find(&asked).expect("runs");
        let mut runs: Vec<Batch> = loads
            .into_iter()
            .map(|load| load().expect("readable"))
            .collect();
        runs.sort_by(|a, b| a.name.cmp(&b.name));
        runs
    }

    #[test]
    fn runs_of_a_file_store_keep_what_they_logged() {
        let runs = load();
        let names: Vec<_> = runs.iter().map(|run| run.name.as_deref()).collect();
        assert_eq!(names, [Some("bad"), Some("good")]);
        let good = &runs[1];
        assert_eq!(
            (good.project.as_str(), good.user.as_deref()),
            ("digits", Some("alice"))
        );
        assert_eq!(good.tags, ["team:vision"]);
        let job = &good.jobs[0];
        assert_eq!(job.params["lr"], 0.1);
        assert_eq!(job.params["note"], "two\nlines: 'x'");
        assert_eq!(job.points[&3].values["val_loss"], 0.25);
        assert_eq!(job.points[&3].values["train/acc"], 0.75);
        assert_eq!(
            job.span(),
            (Moment(1_700_000_000_000), Moment(1_700_000_009_000))
        );
        assert_eq!(
            (runs[0].jobs[0].outcome, job.outcome),
            (Outcome::Failed, Outcome::Done)
        );
    }
}

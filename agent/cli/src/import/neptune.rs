//! Neptune: a run per `<run>_part_<n>.parquet` of neptune-exporter.

use super::model::{Batch, Job, Line, Outcome};
use super::{Asked, Load, walk};
use crate::fault::{Exit, Fault};
use crate::moment::Moment;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::{Field, Row};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

/// Runs below a folder, or the one of a file.
pub fn find(asked: &Asked) -> Result<Vec<Load>, Fault> {
    let files = walk::files(&asked.path, |name| name.ends_with(".parquet"))?;
    let mut runs: BTreeMap<PathBuf, Vec<PathBuf>> = BTreeMap::new();
    for file in files {
        runs.entry(run_of(&file)).or_default().push(file);
    }
    if runs.is_empty() {
        let text = format!("{}: no Parquet files", asked.path.display());
        return Err(
            Fault::new(Exit::NotFound, text).hint("give the --data-path of neptune-exporter")
        );
    }
    let load = |files: Vec<PathBuf>| {
        let project = asked.project.clone();
        Box::new(move || read(&files, project)) as Load
    };
    Ok(runs.into_values().map(load).collect())
}

/// The path without `_part_<n>.parquet`.
fn run_of(file: &Path) -> PathBuf {
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    let run = name
        .rsplit_once("_part_")
        .map_or(name.as_ref(), |(run, _)| run);
    file.with_file_name(run)
}

/// A row by column name.
struct Cells<'a>(BTreeMap<&'a str, &'a Field>);

impl<'a> Cells<'a> {
    fn of(row: &'a Row) -> Self {
        Self(
            row.get_column_iter()
                .map(|(name, field)| (name.as_str(), field))
                .collect(),
        )
    }

    fn text(&self, name: &str) -> Option<&'a str> {
        match self.0.get(name) {
            Some(Field::Str(text)) => Some(text),
            _ => None,
        }
    }

    fn real(&self, name: &str) -> Option<f64> {
        match self.0.get(name)? {
            Field::Double(value) => Some(*value),
            Field::Long(value) => Some(*value as f64),
            Field::Decimal(value) => decimal(value.data(), value.scale()),
            _ => None,
        }
    }

    fn at(&self, name: &str) -> Option<Moment> {
        match self.0.get(name)? {
            Field::TimestampMillis(ms) => Some(Moment(*ms)),
            Field::TimestampMicros(us) => Some(Moment(us / 1000)),
            _ => None,
        }
    }

    fn texts(&self, name: &str) -> Vec<String> {
        let Some(Field::ListInternal(list)) = self.0.get(name) else {
            return Vec::new();
        };
        let text = |field: &Field| match field {
            Field::Str(text) => Some(text.clone()),
            _ => None,
        };
        list.elements().iter().filter_map(text).collect()
    }

    /// The value of the column its type names.
    fn value(&self) -> Option<Value> {
        Some(match self.text("attribute_type")? {
            "int" => json!(self.real("int_value")? as i64),
            "float" => json!(self.real("float_value")?),
            "string" => self.text("string_value")?.into(),
            "bool" => match self.0.get("bool_value")? {
                Field::Bool(truth) => (*truth).into(),
                _ => return None,
            },
            "datetime" => self.at("datetime_value")?.text().into(),
            "string_set" => self.texts("string_set_value").into(),
            _ => return None,
        })
    }
}

/// Big-endian two's complement with a decimal point.
fn decimal(bytes: &[u8], scale: i32) -> Option<f64> {
    if bytes.is_empty() || bytes.len() > 16 {
        return None;
    }
    let sign = if bytes[0] & 0x80 == 0 { 0 } else { 0xff };
    let mut wide = [sign; 16];
    wide[16 - bytes.len()..].copy_from_slice(bytes);
    Some(i128::from_be_bytes(wide) as f64 / 10_f64.powi(scale))
}

fn read(files: &[PathBuf], project: Option<String>) -> Result<Batch, Fault> {
    let mut batch = Batch {
        tracker: "neptune",
        ..Batch::default()
    };
    let mut job = Job {
        id: "main".to_owned(),
        ..Job::default()
    };
    for path in files {
        let fault = |text: String| Fault::failed(format!("{}: {text}", path.display()));
        let file = File::open(path).map_err(|error| Fault::file(path.display(), &error))?;
        let reader = SerializedFileReader::new(file).map_err(|error| fault(error.to_string()))?;
        let rows = reader
            .get_row_iter(None)
            .map_err(|error| fault(error.to_string()))?;
        for row in rows {
            let row = row.map_err(|error| fault(error.to_string()))?;
            take(&Cells::of(&row), &mut batch, &mut job);
        }
    }
    // The last part of "workspace/project".
    let own = batch
        .project
        .rsplit('/')
        .next()
        .unwrap_or("neptune")
        .to_owned();
    batch.project = project.unwrap_or(own);
    batch.jobs = vec![job];
    Ok(batch)
}

fn take(row: &Cells<'_>, batch: &mut Batch, job: &mut Job) -> Option<()> {
    if batch.id.is_empty() {
        batch.id = format!("neptune-{}", row.text("run_id")?);
        batch.project = row.text("project_id")?.to_owned();
    }
    let path = row.text("attribute_path")?;
    let at = row.at("timestamp");
    match row.text("attribute_type")? {
        "float_series" => {
            let name = path.strip_prefix("metrics/").unwrap_or(path);
            let step = row.real("step").unwrap_or(0.0).round() as i64;
            job.add(step, at.unwrap_or_default(), name, row.real("float_value")?);
        }
        "string_series" => {
            for text in row.text("string_value")?.lines() {
                job.lines.push(Line {
                    at,
                    text: text.to_owned(),
                    level: if path.contains("stderr") {
                        "error"
                    } else {
                        "info"
                    },
                });
            }
        }
        _ => fact(path, row, batch, job)?,
    }
    Some(())
}

/// What Neptune keeps about a run itself, and everything else as a parameter.
fn fact(path: &str, row: &Cells<'_>, batch: &mut Batch, job: &mut Job) -> Option<()> {
    let value = row.value()?;
    let text = || value.as_str().map(str::to_owned);
    match path {
        "sys/name" => batch.name = text(),
        "sys/description" => batch.notes = text().filter(|notes| !notes.is_empty()),
        "sys/owner" => batch.user = text(),
        "sys/hostname" => batch.host = text(),
        "sys/creation_time" => job.started = row.at("datetime_value"),
        "sys/tags" | "sys/group_tags" => batch.tags.extend(row.texts("string_set_value")),
        "sys/failed" if value == true => {
            job.outcome = Outcome::Failed;
            job.error = Some("Neptune marks this run as failed".to_owned());
        }
        "source_code/git/commit_id" => batch.commit = text(),
        _ if path.starts_with("sys/") => {}
        _ => {
            let name = ["parameters/", "params/", "config/"];
            let name = name
                .iter()
                .find_map(|prefix| path.strip_prefix(prefix))
                .unwrap_or(path);
            job.params.insert(name.to_owned(), value);
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_run_are_read_as_one() {
        let asked = Asked {
            path: PathBuf::from("fixtures/neptune"),
            project: None,
        };
        let mut loads = find(&asked).expect("runs");
        assert_eq!(loads.len(), 1);
        let run = loads.remove(0)().expect("readable");
        assert_eq!(
            (run.id.as_str(), run.project.as_str()),
            ("neptune-RUN-1", "vision")
        );
        assert_eq!(run.name.as_deref(), Some("first try"));
        assert_eq!(run.tags, ["cnn", "small"]);
        let job = &run.jobs[0];
        assert_eq!(
            (&job.params["lr"], &job.params["depth"]),
            (&json!(0.1), &json!(3))
        );
        assert_eq!(job.points.len(), 4);
        assert_eq!(job.points[&3].values["val/loss"], 0.25);
        assert_eq!(job.points[&3].at, Moment(1_700_000_003_000));
        assert_eq!(job.lines.len(), 4);
        assert_eq!(job.outcome, Outcome::Done);
    }

    #[test]
    fn decimals_of_any_width_are_read() {
        assert_eq!(decimal(&1_500_000_i64.to_be_bytes(), 6), Some(1.5));
        assert_eq!(decimal(&[0xff], 0), Some(-1.0));
        assert_eq!(decimal(&[], 0), None);
    }
}

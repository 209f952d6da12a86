//! The fields a query can name.

use super::QueryError;

/// A field holding text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextField {
    /// Batch id.
    Batch,
    /// Name people gave the batch.
    Name,
    /// Project.
    Project,
    /// Status of what is listed.
    Status,
    /// Host.
    Host,
    /// Operating-system user of the script.
    User,
    /// Owner's user name.
    Owner,
    /// Any of the tags.
    Tag,
    /// Command line.
    Command,
    /// Git commit.
    Commit,
    /// Kind of experiment.
    Type,
    /// Reason of a failure.
    Error,
    /// Notes.
    Notes,
    /// Job id.
    Job,
    /// Model.
    Model,
    /// Data set.
    Dataset,
}

impl TextField {
    /// Whether only jobs have it.
    pub fn is_of_job(self) -> bool {
        matches!(self, Self::Job | Self::Model | Self::Dataset)
    }
}

/// A field holding a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CountField {
    /// Jobs planned.
    Total,
    /// Jobs done.
    Done,
    /// Jobs failed.
    Failed,
    /// Seconds from start to end.
    Elapsed,
}

/// A field holding an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeField {
    /// Start.
    Start,
    /// End.
    End,
    /// Newest event.
    Last,
}

/// Any field.
#[derive(Clone, Debug, PartialEq)]
pub enum Field {
    /// Text.
    Text(TextField),
    /// Count.
    Count(CountField),
    /// Instant.
    Time(TimeField),
    /// Final metric of a job, by its name.
    Metric(String),
}

/// Marks a metric whose name is also a field's.
const METRIC: &str = "metric.";

const NAMED: &[(&str, Field)] = &[
    ("id", Field::Text(TextField::Batch)),
    ("batch", Field::Text(TextField::Batch)),
    ("name", Field::Text(TextField::Name)),
    ("project", Field::Text(TextField::Project)),
    ("status", Field::Text(TextField::Status)),
    ("host", Field::Text(TextField::Host)),
    ("user", Field::Text(TextField::User)),
    ("owner", Field::Text(TextField::Owner)),
    ("tag", Field::Text(TextField::Tag)),
    ("command", Field::Text(TextField::Command)),
    ("commit", Field::Text(TextField::Commit)),
    ("type", Field::Text(TextField::Type)),
    ("error", Field::Text(TextField::Error)),
    ("notes", Field::Text(TextField::Notes)),
    ("job", Field::Text(TextField::Job)),
    ("model", Field::Text(TextField::Model)),
    ("dataset", Field::Text(TextField::Dataset)),
    ("n_total", Field::Count(CountField::Total)),
    ("n_done", Field::Count(CountField::Done)),
    ("n_failed", Field::Count(CountField::Failed)),
    ("elapsed", Field::Count(CountField::Elapsed)),
    ("start", Field::Time(TimeField::Start)),
    ("end", Field::Time(TimeField::End)),
    ("last", Field::Time(TimeField::Last)),
];

/// The field called `name`; whatever is no field is a metric.
pub(super) fn named(name: &str) -> Field {
    if let Some(metric) = name.strip_prefix(METRIC) {
        return Field::Metric(metric.to_owned());
    }
    let found = NAMED.iter().find(|(n, _)| n.eq_ignore_ascii_case(name));
    found.map_or_else(|| Field::Metric(name.to_owned()), |(_, f)| f.clone())
}

/// The error for a name that is neither a field nor, its value being no number, a metric.
pub(super) fn unknown(name: &str, at: usize) -> QueryError {
    let names: Vec<&str> = NAMED.iter().map(|(name, _)| *name).collect();
    QueryError {
        at,
        problem: format!(
            "{name:?} is no field, and a metric needs a number; fields: {}",
            names.join(", ")
        ),
    }
}

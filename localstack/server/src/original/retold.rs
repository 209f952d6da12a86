//! A batch of the original as the events a reporter would send. Events it still has keep their ids;
//! what it forgot is told from its rows, under ids made of theirs, so that telling it again adds nothing.

use super::OriginalError;
use super::people::People;
use super::rows::{Original, Row};
use domain::account::UserId;
use domain::event::EventKind;
use domain::limits::{EVENT_ID_MAX_CHARS, EVENT_ID_MIN_CHARS};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use wire::envelope::SCHEMA_VERSION;

/// Gauges of a host, as columns and as fields of an event.
const GAUGES: [&str; 12] = [
    "gpu_util_pct",
    "gpu_mem_mb",
    "gpu_mem_total_mb",
    "gpu_temp_c",
    "cpu_util_pct",
    "ram_mb",
    "ram_total_mb",
    "disk_free_mb",
    "disk_total_mb",
    "proc_cpu_pct",
    "proc_ram_mb",
    "proc_gpu_mem_mb",
];

/// A batch, retold.
pub struct Run {
    /// Its id.
    pub id: String,
    /// Whose it is.
    pub owner: UserId,
    /// Its jobs that have an end, by id: `done` or `failed`; the others have none.
    pub jobs: BTreeMap<String, Option<&'static str>>,
    /// Its events in order.
    pub events: Vec<Value>,
}

/// All batches but the deleted ones, oldest first.
pub fn runs(
    original: &Original,
    people: &People,
    notes: &mut Vec<String>,
) -> Result<Vec<Run>, OriginalError> {
    let mut found = Vec::new();
    let (mut deleted, mut nobodys) = (0, 0);
    for batch in original.rows("batch", "start_time, id")? {
        if batch.flag("is_deleted") {
            deleted += 1;
            continue;
        }
        let owner = batch.number("owner_id");
        nobodys += usize::from(owner.is_none());
        let Some(owner) = people.owner(owner) else {
            notes.push(format!(
                "batch {} has no owner, and there is no user",
                batch.words("id")
            ));
            continue;
        };
        found.push(Telling::new(original, &batch)?.run(owner));
    }
    if deleted > 0 {
        notes.push(format!("{deleted} deleted batches stayed behind"));
    }
    if nobodys > 0 {
        notes.push(format!(
            "{nobodys} batches of nobody belong to the first administrator now"
        ));
    }
    Ok(found)
}

/// What an event says beside its kind and data.
struct Said<'a> {
    event_id: &'a str,
    job: Option<&'a str>,
    time: &'a str,
    host: Option<&'a str>,
}

/// Whether a reporter may send this id; what came in another way may have a shorter one.
fn is_event_id(id: &str) -> bool {
    (EVENT_ID_MIN_CHARS..=EVENT_ID_MAX_CHARS).contains(&id.chars().count())
}

struct Telling<'a> {
    batch: &'a Row,
    id: String,
    jobs: Vec<Row>,
    kept: Vec<Row>,
    snapshots: Vec<Row>,
    begin: String,
    events: Vec<Value>,
}

impl<'a> Telling<'a> {
    fn new(original: &Original, batch: &'a Row) -> Result<Self, OriginalError> {
        let id = batch.words("id");
        let mut jobs = original.of_batch("job", &id)?;
        jobs.retain(|job| !job.flag("is_deleted"));
        let kept = original.of_batch("event", &id)?;
        let first = kept.first().map(|event| event.words("timestamp"));
        let begin = batch.text("start_time").map(str::to_owned).or(first);
        Ok(Self {
            batch,
            jobs,
            kept,
            snapshots: original.of_batch("resource_snapshot", &id)?,
            begin: begin.unwrap_or_else(|| "1970-01-01T00:00:00Z".to_owned()),
            id,
            events: Vec::new(),
        })
    }

    fn run(mut self, owner: UserId) -> Run {
        let has = |kind: EventKind, job: Option<&str>| {
            self.kept.iter().any(|event| {
                event.text("event_type") == Some(kind.as_str()) && event.text("job_id") == job
            })
        };
        let starts = !has(EventKind::BatchStart, None);
        let environment = !has(EventKind::EnvSnapshot, None);
        let unstarted: Vec<bool> = self
            .jobs
            .iter()
            .map(|job| !has(EventKind::JobStart, job.text("id")))
            .collect();
        let unended: Vec<bool> = self
            .jobs
            .iter()
            .map(|job| {
                !has(EventKind::JobDone, job.text("id"))
                    && !has(EventKind::JobFailed, job.text("id"))
            })
            .collect();
        let unclosed = !has(EventKind::BatchDone, None) && !has(EventKind::BatchFailed, None);
        if starts {
            self.begin_batch();
        }
        for i in (0..self.jobs.len()).filter(|i| unstarted[*i]) {
            self.begin_job(i);
        }
        if environment && let Some(Value::Object(data)) = self.batch.json("env_snapshot_json") {
            self.add(
                EventKind::EnvSnapshot,
                None,
                &self.begin.clone(),
                "env",
                data,
            );
        }
        self.kept_events();
        self.kept_snapshots();
        for i in (0..self.jobs.len()).filter(|i| unended[*i]) {
            self.end_job(i);
        }
        if unclosed {
            self.end_batch();
        }
        let jobs = self
            .jobs
            .iter()
            .map(|job| (job.words("id"), end(job)))
            .collect();
        Run {
            id: self.id,
            owner,
            jobs,
            events: self.events,
        }
    }

    fn source(&self, host: Option<&str>) -> Value {
        let host = host.or(self.batch.text("host"));
        json!({"project": self.batch.text("project").unwrap_or("default"), "host": host,
            "user": self.batch.text("user"), "command": self.batch.text("command")})
    }

    fn add(
        &mut self,
        kind: EventKind,
        job: Option<&str>,
        time: &str,
        tail: &str,
        data: Map<String, Value>,
    ) {
        let event_id = format!("moved-{}-{tail}", kind.as_str());
        let said = Said {
            event_id: &event_id,
            job,
            time,
            host: None,
        };
        self.push(kind, &said, data);
    }

    fn push(&mut self, kind: EventKind, said: &Said<'_>, data: Map<String, Value>) {
        let event = json!({"schema_version": SCHEMA_VERSION, "event_id": said.event_id,
            "event_type": kind.as_str(), "timestamp": said.time, "batch_id": self.id, "job_id": said.job,
            "source": self.source(said.host), "data": data});
        self.events.push(event);
    }

    fn begin_batch(&mut self) {
        let data = fields([
            ("experiment_type", self.batch.value("experiment_type")),
            ("n_total_jobs", self.batch.value("n_total")),
            ("command", self.batch.value("command")),
        ]);
        self.add(
            EventKind::BatchStart,
            None,
            &self.begin.clone(),
            &self.id.clone(),
            data,
        );
    }

    fn begin_job(&mut self, i: usize) {
        let job = &self.jobs[i];
        let data = fields([
            ("model", job.value("model")),
            ("dataset", job.value("dataset")),
        ]);
        let time = job.text("start_time").unwrap_or(&self.begin).to_owned();
        let id = job.words("id");
        self.add(EventKind::JobStart, Some(&id), &time, &id, data);
    }

    fn end_job(&mut self, i: usize) {
        let job = &self.jobs[i];
        let Some(ended) = end(job) else { return };
        let (kind, status) = match ended {
            "failed" => (EventKind::JobFailed, "FAILED"),
            _ => (EventKind::JobDone, "DONE"),
        };
        let mut data = fields([("elapsed_s", job.value("elapsed_s"))]);
        data.insert("status".to_owned(), status.into());
        if let Some(metrics @ Value::Object(_)) = job.json("metrics") {
            data.insert("metrics".to_owned(), metrics);
        }
        let time = job.text("end_time").or(job.text("start_time"));
        let time = time.unwrap_or(&self.begin).to_owned();
        let id = job.words("id");
        self.add(kind, Some(&id), &time, &id, data);
    }

    fn end_batch(&mut self) {
        let kind = match self.batch.text("status") {
            Some("done") => EventKind::BatchDone,
            Some("failed") => EventKind::BatchFailed,
            _ => return,
        };
        let data = fields([
            ("n_done", self.batch.value("n_done")),
            ("n_failed", self.batch.value("n_failed")),
        ]);
        let time = self
            .batch
            .text("end_time")
            .unwrap_or(&self.begin)
            .to_owned();
        self.add(kind, None, &time, &self.id.clone(), data);
    }

    /// What the original still has, but its own notes (stop requests and the like), and what belongs
    /// to jobs somebody deleted.
    fn kept_events(&mut self) {
        let alive: BTreeSet<String> = self.jobs.iter().map(|job| job.words("id")).collect();
        for event in std::mem::take(&mut self.kept) {
            let word = event.words("event_type");
            let Some(kind) = EventKind::ALL
                .into_iter()
                .find(|kind| kind.as_str() == word)
            else {
                continue;
            };
            let job = event.text("job_id");
            if job.is_some_and(|job| !alive.contains(job)) {
                continue;
            }
            if kind == EventKind::ResourceSnapshot {
                self.snapshots
                    .retain(|row| row.text("timestamp") != event.text("timestamp"));
            }
            let data = match event.json("data") {
                Some(Value::Object(data)) => data,
                _ => Map::new(),
            };
            let row = format!("moved-row-{}", event.number("id").unwrap_or_default());
            let known = event.text("event_id").filter(|id| is_event_id(id));
            let event_id = known.unwrap_or(&row);
            let time = event.words("timestamp");
            let said = Said {
                event_id,
                job,
                time: &time,
                host: None,
            };
            self.push(kind, &said, data);
        }
    }

    fn kept_snapshots(&mut self) {
        for row in std::mem::take(&mut self.snapshots) {
            let mut data = match row.json("extra") {
                Some(Value::Object(extra)) => extra,
                _ => Map::new(),
            };
            data.extend(fields(GAUGES.map(|name| (name, row.value(name)))));
            let event_id = format!("moved-snapshot-{}", row.number("id").unwrap_or_default());
            let (time, host) = (row.words("timestamp"), row.words("host"));
            let said = Said {
                event_id: &event_id,
                job: None,
                time: &time,
                host: Some(&host),
            };
            self.push(EventKind::ResourceSnapshot, &said, data);
        }
    }
}

/// How a job ended, in our words.
fn end(job: &Row) -> Option<&'static str> {
    match job.text("status")?.to_lowercase().as_str() {
        "done" => Some("done"),
        "failed" => Some("failed"),
        _ => None,
    }
}

fn fields<const N: usize>(known: [(&str, Option<&Value>); N]) -> Map<String, Value> {
    let known = known.into_iter();
    let known = known.filter_map(|(name, value)| Some((name.to_owned(), value?.clone())));
    known.collect()
}

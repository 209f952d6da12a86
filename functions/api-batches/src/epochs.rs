//! Epoch points: from stored chunks to what a chart asks for.

use domain::event::Detail;
use domain::limits::MAX_POINTS;
use domain::series::downsample;
use domain::time::Timestamp;
use serde_json::{Map, Value, json};
use std::collections::{BTreeSet, HashMap};
use store::chunks::{Row, Stream, rows};
use store::{Store, StoreError};
use web::nonfinite::to_null;
use web::{ApiResult, Params};
use wire::coerce::stored_number;

/// What of a series is wanted.
pub struct Wish {
    max_points: Option<usize>,
    metrics: Option<Vec<String>>,
    spelled: bool,
    /// All attempts, each point with its own; else per epoch the newest attempt.
    ghosts: bool,
}

impl Wish {
    /// Reads `max_points`, `metrics=a,b`, `nonfinite=null|text` and `attempts=newest|all`.
    pub fn read(params: &Params) -> ApiResult<Self> {
        let list = |text: &str| {
            text.split(',')
                .map(|m| m.trim().to_owned())
                .filter(|m| !m.is_empty())
                .collect()
        };
        Ok(Self {
            max_points: params
                .optional_integer("max_points", 2..=MAX_POINTS as i64)?
                .map(|n| n as usize),
            metrics: params.text("metrics").map(list),
            ghosts: params.choice("attempts", &["newest", "all"])? == "all",
            spelled: params.choice("nonfinite", &["null", "text"])? == "text",
        })
    }
}

/// Names of the numbers a job reports per epoch, as its newest chunks have them; sorted.
pub async fn keys(
    store: &Store,
    batch: &str,
    job: &str,
    now: Timestamp,
) -> Result<Vec<String>, StoreError> {
    /// Chunks looked at: what a job reports rarely changes on the way.
    const NEWEST: usize = 20;
    let stream = Stream {
        kind: Detail::Epochs,
        batch: batch.to_owned(),
        job: job.to_owned(),
    };
    let newest = rows(store.newest_chunks(&stream, None, NEWEST, now).await?);
    let mut keys = BTreeSet::new();
    for row in &newest {
        let data: Map<String, Value> =
            serde_json::from_str(row.record.data.get()).unwrap_or_default();
        let numbers = data
            .into_iter()
            .filter(|(_, value)| stored_number(value).is_some());
        keys.extend(numbers.map(|(key, _)| key));
    }
    keys.remove("epoch");
    Ok(keys.into_iter().collect())
}

/// A stored point on its way to the chart.
struct Point {
    at: Timestamp,
    row: u64,
    attempt: u32,
    data: Map<String, Value>,
}

impl Point {
    fn epoch(&self) -> Option<i64> {
        self.data.get("epoch").and_then(Value::as_i64)
    }
}

/// The points of one job, oldest first; of an epoch sent more than once the newest attempt
/// stands, and in it what was sent last.
pub async fn points(
    store: &Store,
    batch: &str,
    job: &str,
    wish: &Wish,
    now: Timestamp,
) -> Result<Vec<Value>, StoreError> {
    let stream = Stream {
        kind: Detail::Epochs,
        batch: batch.to_owned(),
        job: job.to_owned(),
    };
    let mut points: Vec<Point> = rows(store.chunks(&stream, now).await?)
        .into_iter()
        .filter_map(|row| {
            Some(Point {
                at: Timestamp::parse(&row.record.time).unwrap_or(row.received_at),
                row: row.id,
                attempt: row.record.attempt,
                data: data(&row)?,
            })
        })
        .collect();
    points.sort_by_key(|point| (point.at, point.row));
    let points = standing(points, wish.ghosts);
    Ok(thin(points, wish)
        .into_iter()
        .map(|point| dress(point, wish))
        .collect())
}

/// `data` with the envelope's time; a metric that is itself called `timestamp` moves aside.
fn data(row: &Row) -> Option<Map<String, Value>> {
    let mut data: Map<String, Value> = serde_json::from_str(row.record.data.get()).ok()?;
    if let Some(own) = data.insert("timestamp".into(), json!(row.record.time)) {
        data.insert("data_timestamp".into(), own);
    }
    for loss in ["train_loss", "val_loss", "lr"] {
        data.entry(loss).or_insert(Value::Null);
    }
    Some(data)
}

/// Drops what a later report of the same epoch displaced; with `ghosts` only within an attempt.
fn standing(points: Vec<Point>, ghosts: bool) -> Vec<Point> {
    let lane = |p: &Point| (p.epoch(), if ghosts { p.attempt } else { 0 });
    let mut stands: HashMap<(Option<i64>, u32), usize> = HashMap::with_capacity(points.len());
    for (i, point) in points.iter().enumerate() {
        let best = stands.entry(lane(point)).or_insert(i);
        if points[*best].attempt <= point.attempt {
            *best = i;
        }
    }
    points
        .into_iter()
        .enumerate()
        .filter(|(i, point)| stands.get(&lane(point)) == Some(i))
        .map(|(_, point)| point)
        .collect()
}

fn thin(points: Vec<Point>, wish: &Wish) -> Vec<Point> {
    let Some(max) = wish.max_points else {
        return points;
    };
    let losses = ["train_loss".to_owned(), "val_loss".to_owned()];
    let wanted = wish.metrics.as_deref().unwrap_or(&losses);
    let series: Vec<Vec<Option<f64>>> = wanted
        .iter()
        .map(|metric| {
            points
                .iter()
                .map(|p| p.data.get(metric).and_then(stored_number))
                .collect()
        })
        .collect();
    let keep = downsample(points.len(), &series, max);
    let mut keep = keep.into_iter().peekable();
    points
        .into_iter()
        .enumerate()
        .filter(|(i, _)| keep.next_if_eq(i).is_some())
        .map(|(_, p)| p)
        .collect()
}

fn dress(point: Point, wish: &Wish) -> Value {
    let Point {
        attempt,
        data: mut point,
        ..
    } = point;
    if let Some(metrics) = &wish.metrics {
        let fixed = ["timestamp", "epoch", "train_loss", "val_loss", "lr"];
        point.retain(|key, _| fixed.contains(&key.as_str()) || metrics.contains(key));
    }
    if wish.ghosts {
        point.insert("attempt".into(), json!(attempt));
    }
    let mut point = Value::Object(point);
    if !wish.spelled {
        to_null(&mut point);
    }
    point
}

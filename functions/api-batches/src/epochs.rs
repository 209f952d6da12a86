//! Epoch points: from stored chunks to what a chart asks for.

use domain::event::Detail;
use domain::limits::MAX_POINTS;
use domain::series::downsample;
use domain::time::Timestamp;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
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
}

impl Wish {
    /// Reads `max_points`, `metrics=a,b` and `nonfinite=null|text`.
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
            spelled: params.choice("nonfinite", &["null", "text"])? == "text",
        })
    }
}

/// The points of one job, oldest first; of an epoch sent more than once the newest stands.
pub async fn points(
    store: &Store,
    batch: &str,
    job: &str,
    wish: &Wish,
) -> Result<Vec<Value>, StoreError> {
    let stream = Stream {
        kind: Detail::Epochs,
        batch: batch.to_owned(),
        job: job.to_owned(),
    };
    let mut points: Vec<(Timestamp, u64, Map<String, Value>)> = rows(store.chunks(&stream).await?)
        .into_iter()
        .filter_map(|row| {
            let at = Timestamp::parse(&row.record.time).unwrap_or(row.received_at);
            Some((at, row.id, point(&row)?))
        })
        .collect();
    points.sort_by_key(|(at, id, _)| (*at, *id));
    let points = newest_per_epoch(points.into_iter().map(|(_, _, p)| p).collect());
    Ok(thin(points, wish)
        .into_iter()
        .map(|p| dress(p, wish))
        .collect())
}

/// `data` with the envelope's time; a metric that is itself called `timestamp` moves aside.
fn point(row: &Row) -> Option<Map<String, Value>> {
    let mut data: Map<String, Value> = serde_json::from_str(row.record.data.get()).ok()?;
    if let Some(own) = data.insert("timestamp".into(), json!(row.record.time)) {
        data.insert("data_timestamp".into(), own);
    }
    for loss in ["train_loss", "val_loss", "lr"] {
        data.entry(loss).or_insert(Value::Null);
    }
    Some(data)
}

fn newest_per_epoch(points: Vec<Map<String, Value>>) -> Vec<Map<String, Value>> {
    let newest: HashMap<Option<i64>, usize> = points
        .iter()
        .enumerate()
        .map(|(i, p)| (epoch_of(p), i))
        .collect();
    points
        .into_iter()
        .enumerate()
        .filter(|(i, p)| newest.get(&epoch_of(p)) == Some(i))
        .map(|(_, p)| p)
        .collect()
}

fn epoch_of(point: &Map<String, Value>) -> Option<i64> {
    point.get("epoch").and_then(Value::as_i64)
}

fn thin(points: Vec<Map<String, Value>>, wish: &Wish) -> Vec<Map<String, Value>> {
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
                .map(|p| p.get(metric).and_then(stored_number))
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

fn dress(mut point: Map<String, Value>, wish: &Wish) -> Value {
    if let Some(metrics) = &wish.metrics {
        let fixed = ["timestamp", "epoch", "train_loss", "val_loss", "lr"];
        point.retain(|key, _| fixed.contains(&key.as_str()) || metrics.contains(key));
    }
    let mut point = Value::Object(point);
    if !wish.spelled {
        to_null(&mut point);
    }
    point
}

//! Tables for download: RFC 4180 with CRLF, made while they are sent.

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use bytes::Bytes;
use csv::{Terminator, WriterBuilder};
use domain::job::Job;
use domain::metric;
use std::convert::Infallible;

/// Rows made at once.
const CHUNK: usize = 200;

/// One field as text.
pub struct Cell(String);

impl Cell {
    /// Nothing.
    pub fn empty() -> Self {
        Self(String::new())
    }

    /// A text.
    pub fn text(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// A text, empty when absent.
    pub fn optional(text: Option<&str>) -> Self {
        Self::text(text.unwrap_or_default())
    }

    /// A whole number, empty when absent.
    pub fn number(number: Option<i64>) -> Self {
        number.map_or_else(Self::empty, |n| Self(n.to_string()))
    }

    /// A number with six significant digits.
    pub fn float(number: f64) -> Self {
        Self(metric::six_digits(number))
    }

    /// Stored JSON: text without its quotes, numbers as they are.
    pub fn json(json: Option<&str>) -> Self {
        let value = json.and_then(|json| serde_json::from_str(json).ok());
        match value {
            None | Some(serde_json::Value::Null) => Self::empty(),
            Some(serde_json::Value::String(text)) => Self(text),
            Some(other) => Self(other.to_string()),
        }
    }
}

/// Metrics with a column of their own.
pub const METRICS: [&str; 6] = ["MSE", "MAE", "RMSE", "R2", "PCC", "MAPE"];

impl Cell {
    /// Epochs a job trained, from its final metrics.
    pub fn epochs(job: &Job) -> Self {
        let metrics = job.metrics.as_ref();
        let json = metrics.and_then(|m| m.get("epochs").or_else(|| m.get("train_epochs")));
        Self::json(json.map(String::as_str))
    }

    /// A job's final metrics in the columns [`METRICS`].
    pub fn metrics(job: &Job) -> impl Iterator<Item = Self> {
        METRICS.iter().map(|name| {
            let json = job.metrics.as_ref().and_then(|metrics| metrics.get(*name));
            match json.and_then(|json| metric::number(json)) {
                Some(value) => Self::float(value),
                None => Self::json(json.map(String::as_str)),
            }
        })
    }
}

/// A response that downloads `rows` below `header` as the file `name`.
pub fn download(
    name: &str,
    header: &[&str],
    rows: impl Iterator<Item = Vec<Cell>> + Send + 'static,
) -> Response {
    let first = lines([header.iter().map(|h| Cell::text(h)).collect()]);
    let mut rows = rows.peekable();
    let rest = std::iter::from_fn(move || {
        rows.peek()?;
        Some(Ok::<_, Infallible>(lines(rows.by_ref().take(CHUNK))))
    });
    let parts = std::iter::once(Ok(first)).chain(rest);
    let mut response = Response::new(Body::from_stream(futures::stream::iter(parts)));
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/csv; charset=utf-8"),
    );
    let plain: String = name
        .chars()
        .filter(|c| !c.is_control() && !"\"\\".contains(*c))
        .collect();
    let ascii: String = plain
        .chars()
        .map(|c| if c.is_ascii() { c } else { '_' })
        .collect();
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{ascii}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

/// Rows as bytes, for whoever sends them in pieces.
pub fn lines(rows: impl IntoIterator<Item = Vec<Cell>>) -> Bytes {
    let mut writer = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .flexible(true)
        .from_writer(Vec::new());
    for row in rows {
        // Writing into memory cannot fail.
        let _ = writer.write_record(row.iter().map(|cell| cell.0.as_bytes()));
    }
    writer.into_inner().map(Bytes::from).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_text_comes_back(rows in prop::collection::vec(prop::collection::vec(".*", 2..5), 1..5)) {
            let cells = rows.iter().map(|row| row.iter().map(|t| Cell::text(t)).collect());
            let header = vec![Cell::text("a"), Cell::text("b")];
            let bytes = lines(std::iter::once(header).chain(cells));
            let mut reader = csv::ReaderBuilder::new()
                .flexible(true)
                .from_reader(bytes.as_ref());
            let back: Vec<Vec<String>> = reader
                .records()
                .map(|r| r.expect("reads").iter().map(str::to_owned).collect())
                .collect();
            prop_assert_eq!(back, rows);
        }
    }
}

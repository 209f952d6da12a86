//! `argus runs`.

use super::cell;
use crate::api::Api;
use crate::args::Runs;
use crate::console::{Console, table};
use crate::fault::{Exit, Fault};
use crate::moment::Moment;
use crate::settings::Settings;
use serde_json::Value;

/// Rows the server gives at once.
const PAGE: usize = 200;

/// Prints the runs asked for, newest first.
pub fn runs(settings: &Settings, console: &Console, wish: &Runs) -> Result<(), Fault> {
    let found = find(&settings.api()?, wish)?;
    let rows = Value::Array(found);
    console.answer(&rows, || {
        let rows = rows.as_array().into_iter().flatten();
        let rows: Vec<_> = rows.map(|run| row(console, run)).collect();
        table(
            &["ID", "NAME", "PROJECT", "STATUS", "JOBS", "HOST", "STARTED"],
            &rows,
        )
    })
}

/// The runs asked for, page after page.
pub fn find(api: &Api, wish: &Runs) -> Result<Vec<Value>, Fault> {
    let mut query = vec![("limit", wish.limit.clamp(1, PAGE).to_string())];
    let asked = [
        ("project", &wish.project),
        ("status", &wish.status),
        ("tag", &wish.tag),
        ("user", &wish.user),
        ("host", &wish.host),
        ("q", &wish.query),
        ("scope", &wish.scope),
    ];
    let asked = asked
        .into_iter()
        .filter_map(|(key, value)| Some((key, value.clone()?)));
    query.extend(asked);
    if let Some(since) = &wish.since {
        query.push(("since", since_text(since)?));
    }
    let mut found = Vec::new();
    loop {
        let (page, next) = api.page("/api/batches", &query)?;
        found.extend(page.as_array().cloned().unwrap_or_default());
        found.truncate(wish.limit);
        let Some(next) = next.filter(|_| found.len() < wish.limit) else {
            return Ok(found);
        };
        query.retain(|(key, _)| *key != "cursor");
        query.push(("cursor", next));
    }
}

/// A time, or how long before now.
fn since_text(since: &str) -> Result<String, Fault> {
    if let Some(at) = Moment::parse(since).or_else(|| Moment::parse(&format!("{since}T00:00:00Z")))
    {
        return Ok(at.text());
    }
    let (number, unit) =
        since.split_at(since.len() - since.chars().last().map_or(0, char::len_utf8));
    let secs = match unit {
        "s" => Some(1),
        "m" => Some(60),
        "h" => Some(3600),
        "d" => Some(86_400),
        "w" => Some(604_800),
        _ => None,
    };
    match (number.parse::<i64>(), secs) {
        (Ok(number), Some(secs)) if (0..100_000).contains(&number) => {
            Ok(Moment(Moment::now().0 - number * secs * 1000).text())
        }
        _ => Err(Fault::new(Exit::Usage, format!("{since:?} is no time"))
            .hint("write 2026-11-21, 2026-11-21T08:00:00Z, 90m, 36h or 7d")),
    }
}

fn row(console: &Console, run: &Value) -> Vec<String> {
    let total = run["n_total"].as_i64().filter(|n| *n > 0);
    let done = run["n_done"].as_i64().unwrap_or(0) + run["n_failed"].as_i64().unwrap_or(0);
    let jobs = total.map_or_else(|| done.to_string(), |total| format!("{done}/{total}"));
    let started = run["start_time"].as_str().and_then(Moment::parse);
    vec![
        cell(&run["id"]),
        cell(&run["name"]),
        cell(&run["project"]),
        console.status(run["status"].as_str().unwrap_or("")),
        jobs,
        cell(&run["host"]),
        started.map_or_else(String::new, |at| format!("{} ago", at.ago(Moment::now()))),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn since_takes_times_and_spans() {
        let text = |since: &str| since_text(since).map_err(|fault| fault.exit);
        assert_eq!(
            text("2026-11-21").as_deref(),
            Ok("2026-11-21T00:00:00.000Z")
        );
        let day = text("1d").ok().and_then(|t| Moment::parse(&t)).map(|t| t.0);
        assert!(day.is_some_and(|at| (Moment::now().0 - at - 86_400_000).abs() < 60_000));
        for wrong in ["", "d", "soon", "9x", "ü"] {
            assert_eq!(text(wrong), Err(Exit::Usage), "{wrong}");
        }
    }
}

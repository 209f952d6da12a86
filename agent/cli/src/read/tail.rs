//! `argus tail`.

use super::cell;
use crate::api::{Api, escaped};
use crate::args::Tail;
use crate::console::{Console, harmless};
use crate::fault::{Exit, Fault};
use crate::settings::Settings;
use serde_json::Value;
use std::thread;
use std::time::Duration;

/// Lines asked for at once while following.
const PAGE: usize = 1000;
/// Between two looks.
const EVERY: Duration = Duration::from_secs(1);

/// Prints the newest lines, and with `--follow` the coming ones until the run ends.
pub fn tail(settings: &Settings, console: &Console, wish: &Tail) -> Result<i32, Fault> {
    let api = settings.api()?;
    let mut seen = 0;
    let newest = lines(&api, wish, wish.lines, None)?;
    for line in newest.iter().rev() {
        seen = seen.max(print(console, wish, line)?);
    }
    match wish.follow {
        true => follow(&api, console, wish, seen),
        false => Ok(Exit::Done as i32),
    }
}

/// Prints what comes until the run ends.
fn follow(api: &Api, console: &Console, wish: &Tail, mut seen: u64) -> Result<i32, Fault> {
    loop {
        // Asked before the lines: what came before the end is then printed, whatever races.
        let status = status(api, &wish.batch)?;
        loop {
            let new = lines(api, wish, PAGE, Some(seen))?;
            for line in &new {
                seen = seen.max(print(console, wish, line)?);
            }
            if new.len() < PAGE {
                break;
            }
        }
        match status.as_str() {
            "done" | "stopped" => return Ok(Exit::Done as i32),
            "failed" | "cancelled" => return Ok(Exit::Failed as i32),
            _ => thread::sleep(EVERY),
        }
    }
}

/// Newest first, or after `since` oldest first.
fn lines(api: &Api, wish: &Tail, limit: usize, since: Option<u64>) -> Result<Vec<Value>, Fault> {
    if limit == 0 {
        return Ok(Vec::new());
    }
    let mut query = vec![("limit", limit.min(PAGE).to_string())];
    query.extend(wish.level.clone().map(|level| ("level", level)));
    query.extend(wish.job.clone().map(|job| ("job_id", job)));
    if let Some(since) = since {
        query.push(("order", "asc".to_owned()));
        query.push(("since", since.to_string()));
    }
    let path = format!("/api/batches/{}/log-lines", escaped(&wish.batch));
    let lines = api.get(&path, &query)?;
    Ok(lines.as_array().cloned().unwrap_or_default())
}

/// Prints a line and returns its row id.
fn print(console: &Console, wish: &Tail, line: &Value) -> Result<u64, Fault> {
    if console.json {
        console.data(&line.to_string())?;
    } else {
        let text = harmless(line["line"].as_str().unwrap_or(""));
        let ts = cell(&line["ts"]);
        let clock = ts.get(11..19).unwrap_or(&ts).to_owned();
        let job = line["job_id"].as_str().filter(|_| wish.job.is_none());
        let job = job.map_or_else(String::new, |job| format!("{} ", harmless(job)));
        let level = match line["level"].as_str().unwrap_or("info") {
            "info" => String::new(),
            level => format!("{} ", harmless(level).to_uppercase()),
        };
        console.data(&format!("{clock} {job}{level}{text}"))?;
    }
    Ok(line["id"].as_u64().unwrap_or(0))
}

/// The run's status word.
pub fn status(api: &Api, batch: &str) -> Result<String, Fault> {
    let run = api.get(&format!("/api/batches/{}", escaped(batch)), &[])?;
    Ok(run["status"].as_str().unwrap_or("").to_owned())
}

//! `argus stop`.

use crate::api::{Api, escaped};
use crate::args::Target;
use crate::console::Console;
use crate::fault::Fault;
use crate::read::{cell, tail};
use crate::settings::Settings;
use serde_json::{Value, json};
use std::thread;
use std::time::Duration;

/// Asks a run to stop; it ends at its next step.
pub fn stop(settings: &Settings, console: &Console, wish: &Target) -> Result<(), Fault> {
    let api = settings.api()?;
    // The original server knows no reason and takes no body with one.
    let body = match &wish.reason {
        Some(reason) => json!({"reason": reason}),
        None => Value::Object(serde_json::Map::new()),
    };
    let mut answer = api.post(
        &format!("/api/batches/{}/stop", escaped(&wish.batch)),
        &body,
    )?;
    if wish.wait {
        answer["status"] = ended(&api, &wish.batch)?.into();
    }
    console.answer(&answer, || {
        format!(
            "{}: {}",
            wish.batch,
            console.status(&cell(&answer["status"]))
        )
    })
}

/// The status the run ended with, however long that takes.
fn ended(api: &Api, batch: &str) -> Result<String, Fault> {
    loop {
        let status = tail::status(api, batch)?;
        if ["done", "failed", "stopped", "cancelled"].contains(&status.as_str()) {
            return Ok(status);
        }
        thread::sleep(Duration::from_secs(1));
    }
}

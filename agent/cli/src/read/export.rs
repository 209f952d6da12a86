//! `argus export`.

use crate::api::{Api, Query, escaped};
use crate::args::{Export, Format};
use crate::console::Console;
use crate::fault::{Exit, Fault};
use crate::settings::Settings;
use serde_json::{Value, json};
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

/// Log lines asked for at once.
const PAGE: usize = 2000;

/// Writes a run, or a project's runs, to a file or to stdout.
pub fn export(settings: &Settings, console: &Console, wish: &Export) -> Result<(), Fault> {
    let api = settings.api()?;
    match &wish.output {
        None => write(&api, wish, &mut io::stdout().lock(), Path::new("stdout")),
        Some(path) => {
            // Beside and renamed: a broken export leaves no file that looks whole.
            let beside = path.with_extension("part");
            let fault = |error| Fault::file(path.display(), &error);
            let mut file = File::create(&beside).map_err(fault)?;
            let outcome = write(&api, wish, &mut file, path);
            if let Err(fault) = outcome {
                let _ = std::fs::remove_file(&beside);
                return Err(fault);
            }
            std::fs::rename(&beside, path).map_err(fault)?;
            console.say(&format!("written to {}", path.display()));
            Ok(())
        }
    }
}

fn write(api: &Api, wish: &Export, out: &mut dyn Write, path: &Path) -> Result<(), Fault> {
    let address = match (&wish.batch, &wish.project, wish.format) {
        (Some(batch), _, Format::Jsonl) => return jsonl(api, batch, out, path),
        (Some(batch), ..) => format!("/api/batches/{}/export.csv", escaped(batch)),
        (None, Some(project), Format::Csv) => {
            format!("/api/projects/{}/export-raw.csv", escaped(project))
        }
        _ => {
            let text = "a project is exported as CSV only";
            return Err(Fault::new(Exit::Usage, text).hint("name a run for --format jsonl"));
        }
    };
    let table = api.bytes(&address)?;
    out.write_all(&table)
        .map_err(|error| Fault::file(path.display(), &error))
}

/// One object per line, each saying in `kind` what it is.
fn jsonl(api: &Api, batch: &str, out: &mut dyn Write, path: &Path) -> Result<(), Fault> {
    let mut put = |kind: &str, value: &Value| {
        let mut line = json!({"kind": kind});
        if let (Some(line), Some(value)) = (line.as_object_mut(), value.as_object()) {
            line.extend(value.clone());
        }
        writeln!(out, "{line}").map_err(|error| Fault::file(path.display(), &error))
    };
    let batch = escaped(batch);
    put("batch", &api.get(&format!("/api/batches/{batch}"), &[])?)?;
    let jobs = api.get(&format!("/api/batches/{batch}/jobs"), &[])?;
    for job in jobs.as_array().into_iter().flatten() {
        put("job", job)?;
        let id = job["id"].as_str().unwrap_or_default();
        let exact: &Query = &[("nonfinite", "text".to_owned())];
        let epochs = api.get(&format!("/api/jobs/{batch}/{}/epochs", escaped(id)), exact)?;
        for epoch in epochs.as_array().into_iter().flatten() {
            let mut epoch = epoch.clone();
            epoch["job_id"] = id.into();
            put("epoch", &epoch)?;
        }
    }
    let mut since = 0;
    loop {
        let query = [
            ("order", "asc".to_owned()),
            ("limit", PAGE.to_string()),
            ("since", since.to_string()),
        ];
        let lines = api.get(&format!("/api/batches/{batch}/log-lines"), &query)?;
        let lines = lines.as_array().cloned().unwrap_or_default();
        for line in &lines {
            since = since.max(line["id"].as_u64().unwrap_or(0));
            put("log_line", line)?;
        }
        if lines.len() < PAGE {
            return Ok(());
        }
    }
}

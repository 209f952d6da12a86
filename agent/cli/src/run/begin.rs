//! The batch of a command, and its name and labels.

use crate::api::{Api, escaped};
use crate::args::Run;
use crate::console::Console;
use crate::settings::Settings;
use crate::variables;
use reporter::{Fields, Reporter};
use serde_json::{Value, json};
use std::thread::{self, JoinHandle};

/// Begins the batch.
pub fn reporter(settings: &Settings, console: &Console, wish: &Run) -> Reporter {
    let project = project(wish);
    let mut environment = Fields::new();
    let shown = redact::argv(&wish.command);
    environment.insert("argv".to_owned(), json!(shown));
    let mut builder = Reporter::builder(&project)
        .settings(settings.found.clone())
        .project(&project)
        .experiment_type(&wish.kind)
        .command(&quoted(&shown))
        .environment(environment)
        .n_total(1);
    if let Some(batch) = &wish.resume {
        builder = builder.batch_id(batch);
    }
    let reporter = builder.start();
    if let Some(url) = settings.found.url.as_deref().filter(|_| reporter.is_on())
        && !settings.found.silent
    {
        let batch = reporter.batch_id();
        console.say(&format!(
            "argus: {batch} at {url}/batches/{}",
            escaped(batch)
        ));
    }
    reporter
}

/// As asked, as the environment says, or the folder's name.
fn project(wish: &Run) -> String {
    let folder = || {
        let here = std::env::current_dir().ok()?;
        Some(here.file_name()?.to_string_lossy().into_owned())
    };
    wish.project
        .clone()
        .or_else(|| variables::read(variables::PROJECT))
        .or_else(folder)
        .unwrap_or_else(|| "default".to_owned())
}

/// The command as a shell would take it.
fn quoted(command: &[String]) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@%+".contains(c);
    let word = |text: &String| match !text.is_empty() && text.chars().all(plain) {
        true => text.clone(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    };
    command.iter().map(word).collect::<Vec<_>>().join(" ")
}

/// Gives the batch its name and labels as soon as the server knows it, without anybody waiting.
pub struct Describe {
    edit: Option<Value>,
    settings: Settings,
    sending: Option<JoinHandle<()>>,
}

impl Describe {
    /// What was asked for.
    pub fn new(settings: &Settings, wish: &Run) -> Self {
        let mut edit = json!({});
        if let Some(name) = &wish.name {
            edit["name"] = name.clone().into();
        }
        if !wish.tags.is_empty() {
            edit["tags"] = wish.tags.clone().into();
        }
        Self {
            edit: edit
                .as_object()
                .is_some_and(|edit| !edit.is_empty())
                .then_some(edit),
            settings: settings.clone(),
            sending: None,
        }
    }

    /// Sends it in the background once the server stored something.
    pub fn turn(&mut self, reporter: &Reporter) {
        if self.edit.is_some() && reporter.stats().stored > 0 {
            let path = path(reporter);
            if let (Some(edit), Ok(api)) = (self.edit.take(), self.settings.api()) {
                self.sending = Some(thread::spawn(move || send(api, &path, &edit)));
            }
        }
    }

    /// The last chance, after the batch ended.
    pub fn finish(mut self, reporter: &Reporter) {
        self.turn(reporter);
        if let Some(sending) = self.sending {
            let _ = sending.join();
        }
    }
}

fn path(reporter: &Reporter) -> String {
    format!("/api/batches/{}", escaped(reporter.batch_id()))
}

/// A server that knows no names has the run all the same.
fn send(api: Api, path: &str, edit: &Value) {
    let _ = api.impatient().patch(path, edit);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_can_be_pasted_back() {
        let words = ["python", "-c", "print('a b')", "", "lr=0.1"].map(str::to_owned);
        assert_eq!(quoted(&words), r"python -c 'print('\''a b'\'')' '' lr=0.1");
    }
}

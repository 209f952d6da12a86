//! What was recorded of a batch's first launch. Only what its owner reported counts: whoever may
//! report into a batch must not choose what its owner's machines run.

use domain::batch::{Batch, first_attempt};
use domain::command::Rerun;
use domain::limits::COMMAND_BYTES;
use serde_json::Value;
use std::collections::BTreeMap;
use store::{Store, StoreError};

/// What a rerun of `batch` consists of, before anybody changes settings.
pub async fn recorded(store: &Store, batch: &Batch) -> Result<Rerun, StoreError> {
    let first = batch.first_command.clone();
    let only = || {
        batch
            .command
            .clone()
            .filter(|_| batch.attempt == first_attempt())
    };
    let mut rerun = Rerun {
        source_batch_id: batch.id.clone(),
        command: first
            .or_else(only)
            .filter(|text| text.len() <= COMMAND_BYTES),
        overrides_json: "{}".to_owned(),
        ..Rerun::default()
    };
    let found = match batch.has_env {
        true => store.env_snapshot_by(&batch.id).await?,
        false => None,
    };
    let own = found.filter(|(_, by)| by.is_some() && *by == batch.owner_id);
    let json = own.and_then(|(json, _)| serde_json::from_str(&json).ok());
    if let Some(env) = json {
        take(&mut rerun, &env);
    }
    Ok(rerun)
}

fn take(rerun: &mut Rerun, env: &Value) {
    let text = |key: &str| env.get(key).and_then(Value::as_str).map(str::to_owned);
    rerun.command = rerun.command.take().or_else(|| text("command"));
    rerun.argv = env.get("argv").and_then(texts);
    rerun.cwd = text("cwd");
    rerun.env = env.get("env").and_then(Value::as_object).map(|all| {
        let pair = |(name, value): (&String, &Value)| {
            value.as_str().map(|value| (name.clone(), value.to_owned()))
        };
        all.iter().filter_map(pair).collect::<BTreeMap<_, _>>()
    });
    // Nested as the original documents it, or flat as our reporter sends it.
    let git = |key: &str| {
        let nested = env.get("git").and_then(|git| git.get(key));
        nested.or_else(|| env.get(format!("git_{key}")))
    };
    let sha = ["sha", "commit"].into_iter().find_map(git);
    let dirty = git("dirty").and_then(Value::as_bool).unwrap_or(false);
    rerun.git = sha
        .and_then(Value::as_str)
        .map(|sha| (sha.to_owned(), dirty));
}

fn texts(list: &Value) -> Option<Vec<String>> {
    let items = list.as_array()?.iter();
    let texts: Option<Vec<String>> = items.map(|item| item.as_str().map(str::to_owned)).collect();
    texts.filter(|texts| !texts.is_empty())
}

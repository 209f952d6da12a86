//! `argus rerun`.

use crate::api::{Api, escaped};
use crate::args::Rerun;
use crate::console::Console;
use crate::fault::{Exit, Fault};
use crate::read::cell;
use crate::settings::Settings;
use serde_json::{Map, Value, json};

/// Asks the agent on the run's host to run it again.
pub fn rerun(settings: &Settings, console: &Console, wish: &Rerun) -> Result<(), Fault> {
    let overrides = overrides(&wish.set)?;
    let answer = ask(
        &settings.api()?,
        &wish.batch,
        wish.name.as_deref(),
        overrides,
    )?;
    console.answer(&answer, || {
        let id = cell(&answer["batch_id"]);
        match answer.get("agent_id") {
            Some(Value::Null) => {
                format!("{id}: requested, but no agent runs on its host; start argus-agent there")
            }
            _ => format!("{id}: {}", console.status(&cell(&answer["status"]))),
        }
    })
}

/// The request itself.
pub fn ask(
    api: &Api,
    batch: &str,
    name: Option<&str>,
    overrides: Map<String, Value>,
) -> Result<Value, Fault> {
    let mut body = json!({});
    if !overrides.is_empty() {
        body["overrides"] = overrides.into();
    }
    if let Some(name) = name {
        body["name"] = name.into();
    }
    api.post(&format!("/api/batches/{}/rerun", escaped(batch)), &body)
}

fn overrides(set: &[String]) -> Result<Map<String, Value>, Fault> {
    let pair = |text: &String| {
        let (key, value) = text
            .split_once('=')
            .filter(|(key, _)| !key.is_empty())
            .ok_or_else(|| {
                Fault::new(Exit::Usage, format!("--set {text}: there is no ="))
                    .hint("--set optim.lr=0.01")
            })?;
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
        Ok((key.to_owned(), value))
    };
    set.iter().map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_json_where_they_read_as_json() {
        let set = ["lr=0.01", "opt.name=adam", "flag=true", "eq=a=b"].map(str::to_owned);
        let made = overrides(&set)
            .map(Value::Object)
            .map_err(|fault| fault.exit);
        let wanted = json!({"lr": 0.01, "opt.name": "adam", "flag": true, "eq": "a=b"});
        assert_eq!(made, Ok(wanted));
        assert_eq!(
            overrides(&["lr".to_owned()]).map_err(|f| f.exit),
            Err(Exit::Usage)
        );
    }
}

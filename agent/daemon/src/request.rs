//! A rerun as the server asks for it. Nothing in it is believed; whatever has the wrong shape is
//! as good as missing.

use client::{Job, Refusal};
use serde_json::Value;
use std::collections::BTreeMap;

/// Longest single argument and longest command line, in bytes: what the kernel takes, with room
/// for the environment.
const ARGUMENT: usize = 100 * 1024;
const LINE: usize = 512 * 1024;

/// What is to run.
#[derive(Clone, Debug, PartialEq)]
pub struct Rerun {
    /// Program and arguments.
    pub argv: Vec<String>,
    /// Folder.
    pub cwd: Option<String>,
    /// Recorded variables.
    pub env: BTreeMap<String, String>,
    /// Changed values.
    pub overrides: BTreeMap<String, Value>,
    /// Who asks, as the server says.
    pub requested_by: Option<String>,
}

impl Rerun {
    /// Reads a command's payload.
    ///
    /// # Errors
    /// When it holds nothing that could run.
    pub fn read(job: &Job) -> Result<Self, (Refusal, String)> {
        let text = |name: &str| job.payload.get(name).and_then(Value::as_str);
        let argv = match job.payload.get("argv") {
            Some(Value::Array(items)) => items
                .iter()
                .map(|item| item.as_str().map(str::to_owned))
                .collect::<Option<Vec<_>>>()
                .ok_or_else(|| missing("the recorded command is no list of words"))?,
            _ => split(text("command").unwrap_or_default())?,
        };
        if argv.first().is_none_or(|program| program.trim().is_empty()) {
            return Err(missing("no command was recorded for this batch"));
        }
        let longest = argv.iter().map(String::len).max().unwrap_or(0);
        if longest > ARGUMENT || argv.iter().map(|a| a.len() + 1).sum::<usize>() > LINE {
            return Err((
                Refusal::NotExecutable,
                "the command line is too long".to_owned(),
            ));
        }
        if argv.iter().any(|word| redact::lacks_secret(word)) {
            return Err(missing(
                "a secret was taken out of the recorded command; run it by hand",
            ));
        }
        let object = |name: &str| match job.payload.get(name) {
            Some(Value::Object(map)) => map.clone(),
            _ => serde_json::Map::new(),
        };
        let env = object("env").into_iter();
        let env = env.filter_map(|(n, v)| Some((n, v.as_str()?.to_owned())));
        let env = env.filter(|(_, value)| !redact::lacks_secret(value));
        Ok(Self {
            argv,
            cwd: text("cwd").filter(|c| !c.is_empty()).map(str::to_owned),
            env: env.collect(),
            overrides: object("overrides").into_iter().collect(),
            requested_by: text("requested_by").map(str::to_owned),
        })
    }
}

fn missing(why: &str) -> (Refusal, String) {
    (Refusal::CommandMissing, why.to_owned())
}

/// Splits a command that was recorded as text. There is no shell here, so a text that needs one is
/// refused, not guessed at.
fn split(text: &str) -> Result<Vec<String>, (Refusal, String)> {
    if text.contains(['|', '&', ';', '<', '>', '`', '$', '\n', '\0']) {
        return Err((
            Refusal::Policy,
            "the command was recorded as text for a shell, and there is none here".to_owned(),
        ));
    }
    shlex::split(text).ok_or_else(|| missing("the recorded command has an open quote"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn job(payload: Value) -> Job {
        serde_json::from_value(
            json!({"id": "1", "kind": "rerun", "batch_id": "b", "payload": payload}),
        )
        .unwrap()
    }

    #[test]
    fn words_are_kept_apart() {
        let read = |payload| Rerun::read(&job(payload)).map(|r| r.argv);
        assert_eq!(read(json!({"argv": ["a", "b c"]})).unwrap(), ["a", "b c"]);
        assert_eq!(
            read(json!({"argv": null, "command": "a 'b c' d"})).unwrap(),
            ["a", "b c", "d"]
        );
        for (payload, reason) in [
            (json!({}), Refusal::CommandMissing),
            (json!({"command": null}), Refusal::CommandMissing),
            (json!({"command": "  "}), Refusal::CommandMissing),
            (json!({"argv": []}), Refusal::CommandMissing),
            (json!({"argv": [1]}), Refusal::CommandMissing),
            (json!({"argv": [""]}), Refusal::CommandMissing),
            (
                json!({"argv": ["a", "--token=***"]}),
                Refusal::CommandMissing,
            ),
            (
                json!({"argv": ["a", "--key", "[hidden]"]}),
                Refusal::CommandMissing,
            ),
            (json!({"command": "a 'b"}), Refusal::CommandMissing),
            (json!({"command": "a; b"}), Refusal::Policy),
            (json!({"command": "a $(b)"}), Refusal::Policy),
            (
                json!({"argv": ["a", "x".repeat(200_000)]}),
                Refusal::NotExecutable,
            ),
        ] {
            assert_eq!(read(payload.clone()).unwrap_err().0, reason, "{payload}");
        }
    }
}

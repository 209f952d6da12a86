//! `argus rerun`.

use crate::api::{Api, escaped};
use crate::args::Rerun;
use crate::console::Console;
use crate::fault::{Exit, Fault};
use crate::read::cell;
use crate::settings::Settings;
use serde_json::{Map, Value, json};
use std::thread;
use std::time::Duration;

/// Between two looks at a command that waits.
const LOOK: Duration = Duration::from_millis(500);

/// Asks the agent on the run's host to run it again, and says what will come of it.
pub fn rerun(settings: &Settings, console: &Console, wish: &Rerun) -> Result<(), Fault> {
    let overrides = overrides(&wish.set)?;
    let api = settings.api()?;
    let mut answer = ask(&api, &wish.batch, wish.name.as_deref(), overrides)?;
    let child = cell(&answer["batch_id"]);
    let agent = agent_of(&api, &child);
    (answer["host"], answer["agent_online"]) = (agent.host.clone().into(), agent.online.into());
    if let Some(hint) = agent.hint() {
        console.say(&hint);
    }
    if wish.wait {
        let command = taken_up(&api, &child)?;
        answer["status"] = command["status"].clone();
        answer["command"] = command;
    }
    console.answer(&answer, || {
        let status = console.status(&cell(&answer["status"]));
        let before = match answer["deduped"] == true {
            true => " (it was asked for before, and still waits)",
            false => "",
        };
        format!("{child}: {status}{before}{}", agent.prospect(&answer))
    })
}

/// Who would launch it.
struct Agent {
    host: Option<String>,
    /// `None`: no agent is registered for that host, or the server does not say.
    online: Option<bool>,
    is_known: bool,
}

/// Servers that know no such question leave it at the request.
fn agent_of(api: &Api, child: &str) -> Agent {
    let path = format!("/api/batches/{}", escaped(child));
    let host = api.get(&path, &[]).ok();
    let host = host.and_then(|batch| batch["host"].as_str().map(str::to_owned));
    let info = api.get(&format!("{path}/rerun-info"), &[]).ok();
    Agent {
        host,
        online: info
            .as_ref()
            .and_then(|info| info["agent"]["online"].as_bool()),
        is_known: info.is_some(),
    }
}

impl Agent {
    fn place(&self) -> &str {
        self.host.as_deref().unwrap_or("the host it ran on")
    }

    /// What to type where, when nobody would launch it now.
    fn hint(&self) -> Option<String> {
        let place = self.place();
        match self.online {
            Some(true) => None,
            Some(false) => Some(format!(
                "the agent of {place} is offline; there: argus-agent, or systemctl --user start argus-agent"
            )),
            None if self.is_known => Some(format!(
                "no agent of yours is registered on {place}; there: argus-agent login && argus-agent"
            )),
            None => None,
        }
    }

    fn prospect(&self, answer: &Value) -> String {
        if answer.get("command").is_some() {
            return String::new();
        }
        let until = cell(&answer["expires_at"]);
        match self.online {
            Some(true) => format!("; the agent on {} launches it", self.place()),
            Some(false) | None if self.is_known && !until.is_empty() => {
                format!("; it waits for an agent until {until}")
            }
            _ => String::new(),
        }
    }
}

/// The command once it does not wait any more.
///
/// # Errors
/// It will not be run, and why.
fn taken_up(api: &Api, child: &str) -> Result<Value, Fault> {
    let path = format!("/api/batches/{}/rerun-info", escaped(child));
    loop {
        let command = api.get(&path, &[])?["command"].take();
        match command["status"].as_str() {
            Some("pending") => thread::sleep(LOOK),
            Some("started" | "exited") => return Ok(command),
            None => return Err(Fault::failed("the server does not say what became of it")),
            Some(status) => {
                let words = [&command["reason"], &command["error"]];
                let why: Vec<String> = words
                    .map(cell)
                    .into_iter()
                    .filter(|w| !w.is_empty())
                    .collect();
                let text = format!("{child}: {status} {}", why.join(": "));
                return Err(Fault::failed(text.trim_end()));
            }
        }
    }
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
    #[test]
    fn who_would_launch_it_is_said_with_what_to_type() {
        let told = |online, is_known| {
            let agent = Agent {
                host: Some("gpu-3".to_owned()),
                online,
                is_known,
            };
            let prospect = agent.prospect(&json!({"expires_at": "2026-01-02"}));
            (agent.hint().unwrap_or_default(), prospect)
        };
        let launches = "; the agent on gpu-3 launches it".to_owned();
        assert_eq!(told(Some(true), true), (String::new(), launches));
        let (hint, prospect) = told(Some(false), true);
        assert!(hint.starts_with("the agent of gpu-3 is offline; there: argus-agent"));
        assert_eq!(prospect, "; it waits for an agent until 2026-01-02");
        let (hint, _) = told(None, true);
        assert!(hint.ends_with("on gpu-3; there: argus-agent login && argus-agent"));
        assert_eq!(told(None, false), (String::new(), String::new()));
    }
}

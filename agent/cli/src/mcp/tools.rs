//! The tools: what an assistant may ask, and the request behind each.

use crate::act::rerun;
use crate::api::{Api, Query, escaped};
use crate::fault::{Exit, Fault};
use crate::settings::Settings;
use serde_json::{Map, Value, json};

/// A tool without its arguments' types.
struct Tool {
    name: &'static str,
    about: &'static str,
    /// Name, JSON type, meaning; a name ending in `!` must be given.
    arguments: &'static [(&'static str, &'static str, &'static str)],
    writes: bool,
}

const RUN: (&str, &str, &str) = ("run!", "string", "id of the run (batch)");
const JOB: (&str, &str, &str) = ("job!", "string", "id of the job inside the run");
const LIMIT: (&str, &str, &str) = ("limit", "integer", "how many at most");

const TOOLS: [Tool; 13] = [
    Tool {
        name: "list_runs",
        about: "Runs, newest first, with status, project, host and counts of jobs",
        arguments: &[
            ("project", "string", "only this project"),
            (
                "status",
                "string",
                "running, stopping, stalled, divergent, done, failed, stopped or requested",
            ),
            (
                "query",
                "string",
                "query as in the server's search field, e.g. metrics.acc > 0.9",
            ),
            ("since", "string", "RFC 3339 time; only runs begun since"),
            LIMIT,
        ],
        writes: false,
    },
    Tool {
        name: "get_run",
        about: "One run: command, host, git commit, environment, status and why it ended",
        arguments: &[RUN],
        writes: false,
    },
    Tool {
        name: "list_jobs",
        about: "The jobs of a run with their final metrics",
        arguments: &[RUN],
        writes: false,
    },
    Tool {
        name: "get_metrics",
        about: "Metrics of a job by epoch",
        arguments: &[
            RUN,
            JOB,
            ("metrics", "string", "only these, comma between"),
            (
                "max_points",
                "integer",
                "thin the series out to about this many; default 100",
            ),
        ],
        writes: false,
    },
    Tool {
        name: "get_logs",
        about: "Console lines of a run, newest first",
        arguments: &[
            RUN,
            ("job", "string", "only this job"),
            ("level", "string", "only these levels, comma between"),
            ("text", "string", "only lines holding this"),
            LIMIT,
        ],
        writes: false,
    },
    Tool {
        name: "get_health",
        about: "Whether a run stalls, and its warnings",
        arguments: &[RUN],
        writes: false,
    },
    Tool {
        name: "compare_runs",
        about: "Several runs side by side with the metrics of their jobs",
        arguments: &[("runs!", "string", "ids of the runs, comma between")],
        writes: false,
    },
    Tool {
        name: "list_projects",
        about: "Projects with counts",
        arguments: &[],
        writes: false,
    },
    Tool {
        name: "leaderboard",
        about: "Best job of each model and dataset of a project",
        arguments: &[
            ("project!", "string", "name of the project"),
            ("metric", "string", "metric to rank by"),
        ],
        writes: false,
    },
    Tool {
        name: "get_study",
        about: "Hyper-parameter studies; with a name its trials and the importance of parameters",
        arguments: &[("study", "string", "name of the study; all when missing")],
        writes: false,
    },
    Tool {
        name: "list_hosts",
        about: "Machines with CPU, memory and GPU use",
        arguments: &[],
        writes: false,
    },
    Tool {
        name: "stop_run",
        about: "Ask a run to stop at its next step",
        arguments: &[RUN, ("reason", "string", "why, for whoever looks later")],
        writes: true,
    },
    Tool {
        name: "rerun",
        about: "Run a finished run again on its host, with some arguments changed",
        arguments: &[
            RUN,
            ("name", "string", "name of the new run"),
            (
                "overrides",
                "object",
                "dotted argument names with their new values",
            ),
        ],
        writes: true,
    },
];

/// The tools as the protocol lists them.
pub fn list(may_write: bool) -> Value {
    let offered = TOOLS.iter().filter(|tool| may_write || !tool.writes);
    offered.map(described).collect()
}

fn described(tool: &Tool) -> Value {
    let named = tool.arguments.iter().map(|(name, kind, about)| {
        let schema = json!({"type": kind, "description": about});
        (name.trim_end_matches('!').to_owned(), schema)
    });
    let needed = tool
        .arguments
        .iter()
        .filter_map(|(name, ..)| name.strip_suffix('!'));
    json!({
        "name": tool.name,
        "description": tool.about,
        "inputSchema": {
            "type": "object",
            "properties": named.collect::<Map<_, _>>(),
            "required": needed.collect::<Vec<_>>(),
            "additionalProperties": false
        },
        "annotations": {
            "readOnlyHint": !tool.writes,
            "destructiveHint": tool.name == "stop_run",
            "openWorldHint": false
        }
    })
}

/// Checks the arguments and does it.
pub fn call(
    settings: &Settings,
    name: &str,
    given: &Value,
    may_write: bool,
) -> Result<Value, Fault> {
    let usage = |text: String| Fault::new(Exit::Usage, text);
    let tool = TOOLS.iter().find(|tool| tool.name == name);
    let tool = tool.ok_or_else(|| usage(format!("there is no tool {name:?}")))?;
    if tool.writes && !may_write {
        return Err(
            Fault::new(Exit::Auth, format!("{name} is not allowed here"))
                .hint("argus mcp --allow-write with a token that may report"),
        );
    }
    let nothing = Map::new();
    let given = given.as_object().unwrap_or(&nothing);
    for (argument, kind, _) in tool.arguments {
        let bare = argument.trim_end_matches('!');
        let fits = match (given.get(bare).unwrap_or(&Value::Null), *kind) {
            (Value::Null, _) => !argument.ends_with('!'),
            (Value::String(text), "string") => !(text.is_empty() && argument.ends_with('!')),
            (value, "integer") => value.is_u64(),
            (value, "object") => value.is_object(),
            _ => false,
        };
        if !fits {
            return Err(usage(format!("{bare}: {kind} expected")));
        }
    }
    let known = |key: &String| {
        tool.arguments
            .iter()
            .any(|(a, ..)| a.trim_end_matches('!') == key)
    };
    if let Some(strange) = given.keys().find(|key| !known(key)) {
        return Err(usage(format!("{name} has no argument {strange}")));
    }
    perform(&settings.api()?, name, given)
}

fn perform(api: &Api, name: &str, given: &Map<String, Value>) -> Result<Value, Fault> {
    let text = |key: &str| given.get(key).and_then(Value::as_str).map(str::to_owned);
    let number = |key: &str, default: u64, most: u64| {
        let asked = given.get(key).and_then(Value::as_u64);
        asked.unwrap_or(default).clamp(1, most).to_string()
    };
    let asked = |pairs: &[(&'static str, &str)]| -> Vec<(&'static str, String)> {
        pairs
            .iter()
            .filter_map(|(key, from)| Some((*key, text(from)?)))
            .collect()
    };
    let run = escaped(&text("run").unwrap_or_default());
    let none: &Query = &[];
    match name {
        "list_runs" => {
            let mut query = asked(&[
                ("project", "project"),
                ("status", "status"),
                ("q", "query"),
                ("since", "since"),
            ]);
            query.push(("limit", number("limit", 20, 200)));
            api.get("/api/batches", &query)
        }
        "get_run" => api.get(&format!("/api/batches/{run}"), none),
        "list_jobs" => api.get(&format!("/api/batches/{run}/jobs"), none),
        "get_metrics" => {
            let mut query = asked(&[("metrics", "metrics")]);
            query.push(("max_points", number("max_points", 100, 2000)));
            let job = escaped(&text("job").unwrap_or_default());
            api.get(&format!("/api/jobs/{run}/{job}/epochs"), &query)
        }
        "get_logs" => {
            let mut query = asked(&[("job_id", "job"), ("level", "level"), ("text", "text")]);
            query.push(("limit", number("limit", 100, 500)));
            api.get(&format!("/api/batches/{run}/log-lines"), &query)
        }
        "get_health" => api.get(&format!("/api/batches/{run}/health"), none),
        "compare_runs" => api.get("/api/compare", &asked(&[("batches", "runs")])),
        "list_projects" => api.get("/api/projects", none),
        "leaderboard" => {
            let project = escaped(&text("project").unwrap_or_default());
            api.get(
                &format!("/api/projects/{project}/leaderboard"),
                &asked(&[("metric", "metric")]),
            )
        }
        "get_study" => match text("study") {
            Some(study) => api.get(&format!("/api/studies/{}", escaped(&study)), none),
            None => api.get("/api/studies", none),
        },
        "list_hosts" => api.get("/api/resources", none),
        "stop_run" => {
            let body = text("reason").map_or_else(|| json!({}), |reason| json!({"reason": reason}));
            api.post(&format!("/api/batches/{run}/stop"), &body)
        }
        _ => {
            let overrides = given.get("overrides").and_then(Value::as_object).cloned();
            let source = text("run").unwrap_or_default();
            rerun::ask(
                api,
                &source,
                text("name").as_deref(),
                overrides.unwrap_or_default(),
            )
        }
    }
}

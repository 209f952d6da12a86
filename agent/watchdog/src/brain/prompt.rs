//! The question: fixed instructions apart, measurements as one JSON document.

use crate::detect::incident::Incidents;
use crate::snapshot::{Candidate, Snapshot};
use crate::text::{clean, redact};
use serde_json::{Value, json};

/// A question.
#[derive(Clone, Debug)]
pub struct Prompt {
    /// Instructions; the owner's words, nobody else's.
    pub instructions: String,
    /// Measurements.
    pub data: Value,
}

/// The built-in instructions.
#[must_use]
pub fn default_instructions() -> &'static str {
    include_str!("../../prompt.md")
}

/// What a question is made of.
pub struct Context<'a> {
    /// What the host looks like.
    pub snapshot: &'a Snapshot,
    /// What is known to be wrong.
    pub incidents: &'a Incidents,
    /// Last actions, one line each.
    pub recent: &'a [String],
    /// How the last cycle ended.
    pub self_check: &'a str,
}

impl Prompt {
    /// Makes a question.
    #[must_use]
    pub fn new(instructions: &str, context: &Context<'_>) -> Self {
        let s = context.snapshot;
        let troubles: Vec<Value> = context
            .incidents
            .open()
            .map(|(_, i)| {
                json!({
                    "trouble": clean(&i.title, 120), "figures": clean(&redact(&i.detail), 200),
                    "severity": i.severity.name(), "for_s": i.opened.map(|at| s.at.since(at)),
                })
            })
            .collect();
        let data = json!({
            "host": clean(&s.host, 80),
            "time": s.at,
            "open_troubles": troubles,
            "processor": {"cores": s.cores, "busy_pct": rounded(s.cpu_pct), "load": s.load},
            "pressure": s.pressures,
            "memory": {
                "used_pct": rounded(Some(s.memory.used_pct())), "total_bytes": s.memory.total_bytes,
                "swap_used_pct": rounded(s.memory.swap_used_pct()), "oom_kills": s.oom_kills,
            },
            "disks": s.disks.iter().map(|d| json!({
                "handle": d.handle, "mount": text(&d.mount.to_string_lossy()), "fs": text(&d.fs),
                "used_pct": rounded(Some(d.usage.used_pct())), "inodes_pct": rounded(d.usage.inodes_pct()),
            })).collect::<Vec<_>>(),
            "gpus": s.gpus.iter().map(|g| json!({
                "index": g.index, "name": text(&g.name), "busy_pct": g.busy_pct, "celsius": g.temperature_c,
                "memory_used_bytes": g.memory_used_bytes, "memory_total_bytes": g.memory_total_bytes,
            })).collect::<Vec<_>>(),
            "services": s.services.iter().map(|x| json!({
                "handle": x.handle, "name": text(&x.name), "ok": x.ok, "seen": text(&x.detail),
                "has_unit": x.unit.is_some(),
            })).collect::<Vec<_>>(),
            "process_counts": s.counts,
            "processes": s.processes.iter().filter(|p| !p.own).take(40).map(process).collect::<Vec<_>>(),
            "tmux": s.sessions.iter().map(|t| json!({
                "handle": t.handle, "name": text(&t.name), "windows": t.windows,
                "age_s": s.at.since(t.created), "runs": t.runs,
            })).collect::<Vec<_>>(),
            "runs": s.runs.iter().map(|r| json!({"id": text(&r.batch_id), "processes": r.pids.len()})).collect::<Vec<_>>(),
            "notes": s.notes.iter().map(|n| text(n)).collect::<Vec<_>>(),
            "not_seen": s.blind.iter().map(|b| text(&b.why)).collect::<Vec<_>>(),
            "recent": context.recent.iter().map(|r| text(r)).collect::<Vec<_>>(),
            "watchdog": context.self_check,
        });
        Self {
            instructions: instructions.to_owned(),
            data,
        }
    }
}

fn process(p: &Candidate) -> Value {
    let arguments: Vec<String> = p.argv.iter().take(8).map(|a| clean(a, 80)).collect();
    json!({
        "handle": p.handle, "name": text(&p.name), "program": p.program().map(text),
        "arguments": redact(&arguments.join(" ")), "rss_bytes": p.rss_bytes, "age_s": p.age_s,
        "state": p.state, "run": p.run.as_deref().map(text), "orphaned": p.orphaned,
    })
}

fn text(text: &str) -> String {
    redact(&clean(text, 160))
}

fn rounded(value: Option<f64>) -> Option<f64> {
    value.map(|v| (v * 10.0).round() / 10.0)
}

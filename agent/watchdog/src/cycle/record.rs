//! Rows for the registry, with all that hangs on one: issue, audit, report to the server.

use super::{Round, Trace, Watchdog};
use crate::audit::Entry;
use crate::beads::Bead;
use crate::plan::Origin;
use crate::problem::{Kind, Outcome, Problem, Severity, key};
use crate::report::Item;
use crate::state;
use crate::time::Stamp;
use serde_json::json;

/// A row before it is written.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) kind: Kind,
    pub(super) severity: Severity,
    /// The trouble without figures; its key is made of this.
    pub(super) title: String,
    /// Everything for people.
    pub(super) description: String,
    pub(super) action_taken: String,
    pub(super) result: Outcome,
    pub(super) verdict: &'static str,
    pub(super) origin: Origin,
    pub(super) reason: String,
    /// Run that was spared or would have been hurt.
    pub(super) run: Option<String>,
    /// `recovered` or `escalated`, when this row ends a recovery check.
    pub(super) recovery: Option<&'static str>,
    /// The question this row is about, as the server is told.
    pub(super) ask: Option<serde_json::Value>,
}

impl Row {
    pub(super) fn key(&self) -> String {
        key(self.kind, &self.title)
    }

    fn action(&self) -> (&str, &str) {
        let taken = self.action_taken.trim_start_matches("check:");
        taken.split_once(':').unwrap_or((taken, ""))
    }
}

fn origin_name(origin: Origin) -> &'static str {
    match origin {
        Origin::Rule => "rule",
        Origin::Model => "model",
    }
}

impl Watchdog {
    /// Writes the rows of a round.
    pub(super) fn write_rows(&mut self, round: &mut Round) -> std::io::Result<()> {
        for row in std::mem::take(&mut round.rows) {
            let line = format!(
                "{} {} ({}): {}",
                row.action_taken,
                row.result.name(),
                row.verdict,
                row.description
            );
            round.decisions.push(crate::text::clean(&line, 400));
            if self.trace == Trace::None {
                continue;
            }
            self.write_row(round, &row)?;
        }
        Ok(())
    }

    fn write_row(&mut self, round: &mut Round, row: &Row) -> std::io::Result<()> {
        let (key, now) = (row.key(), round.snapshot.at);
        let id = self.name_row(row, &key);
        if let Some(problem) = self.cut_off.remove(&id) {
            // Written by the cycle that was cut off. Whether the server was told is not known; told
            // again in the same words, it counts once.
            self.report_row(round, row, &problem);
            return Ok(());
        }
        let window = self.settings.beads.repeat_window;
        let occurrences = self.ledger.occurred(&key, now.0, window);
        let bead_id = self.bead(round, row, &key, occurrences);
        let problem = Problem {
            ts: now,
            severity: row.severity,
            kind: row.kind,
            description: crate::text::redact(&crate::text::clean(&row.description, 1000)),
            action_taken: row.action_taken.clone(),
            action_result: row.result,
            bead_id,
            host: round.snapshot.host.clone(),
            id,
            key,
            origin: origin_name(row.origin).into(),
            reason: crate::text::redact(&crate::text::clean(&row.reason, 300)),
            verdict: row.verdict.into(),
            runs: round
                .snapshot
                .runs
                .iter()
                .map(|r| r.batch_id.clone())
                .collect(),
        };
        state::rotate(&self.settings.files.problems, 64 * 1024 * 1024, 4)?;
        state::append(&self.settings.files.problems, &problem)?;
        self.audit.add(Entry {
            ts: now,
            snapshot: round.digest.clone(),
            origin: problem.origin.clone(),
            action: problem.action_taken.clone(),
            reason: problem.reason.clone(),
            ruling: problem.verdict.clone(),
            result: format!("{}: {}", row.result.name(), problem.description),
            before: String::new(),
        })?;
        self.log.info(&format!(
            "{} {} ({}): {}",
            problem.action_taken,
            row.result.name(),
            row.verdict,
            problem.description
        ));
        let (action, target) = row.action();
        let note = format!(
            "{now} {action} {target} {}: {}",
            row.verdict,
            crate::text::clean(&row.title, 80)
        );
        self.ledger.notes.recent.push(note);
        self.report_row(round, row, &problem);
        Ok(())
    }

    /// The id of a row: a cycle that is begun again after a crash gives the same row the same one.
    fn name_row(&mut self, row: &Row, key: &str) -> String {
        let (installed, cycle) = (self.ledger.notes.installed, self.ledger.notes.cycles);
        let (action, _) = row.action();
        let place = self.settings.state_dir.display();
        let what = format!("{place} {installed} {cycle} {key} {action}");
        let count = self.named.entry(what.clone()).or_default();
        *count += 1;
        crate::text::uuid_of(&format!("{what} {count}"))
    }

    fn report_row(&mut self, round: &mut Round, row: &Row, problem: &Problem) {
        let (action, target) = row.action();
        let verdict = match row.verdict {
            "done" | "dry_run" | "refused" | "failed" => row.verdict,
            _ => match row.result {
                Outcome::Success => "done",
                Outcome::Failure => "failed",
                Outcome::Skipped | Outcome::Suppressed => "refused",
            },
        };
        let mut data = json!({
            "action": action, "target": target, "reason": problem.reason, "verdict": verdict,
            "result": problem.description, "recovery": row.recovery, "problem_id": problem.id,
        });
        if let Some(run) = &row.run {
            data["job"] = json!({"batch_id": run, "job_id": null});
        }
        let whole = serde_json::to_value(problem).unwrap_or_default();
        let id = |kind: &str| crate::text::uuid_of(&format!("{kind} {}", problem.id));
        self.report(round, "problem", &problem.id, problem.ts, whole);
        if !matches!(action, "alert" | "log") {
            self.report(round, "action", &id("action"), problem.ts, data);
        }
        if let Some(ask) = &row.ask {
            self.report(round, "ask", &id("ask"), problem.ts, ask.clone());
        }
    }

    /// Puts something into the spool for the server, which counts an id and instant once.
    pub(super) fn report(
        &self,
        round: &mut Round,
        kind: &str,
        id: &str,
        ts: Stamp,
        data: serde_json::Value,
    ) {
        let item = Item {
            id: id.to_owned(),
            kind: kind.to_owned(),
            ts,
            data,
        };
        if let Some(spool) = &self.spool
            && let Err(e) = spool.add(&item)
        {
            round.degraded.push(format!("spool: {e}"));
        }
    }

    /// The issue of a row: a known one, or made when somebody has to look.
    fn bead(
        &mut self,
        round: &mut Round,
        row: &Row,
        key: &str,
        occurrences: u32,
    ) -> Option<String> {
        let beads = self.beads.as_ref()?;
        let now = round.snapshot.at.0;
        let window = self.settings.beads.repeat_window.cast_signed();
        if let Some((id, at)) = self.ledger.notes.beads.get(key)
            && (0..=window).contains(&(now - at))
        {
            return Some(id.clone());
        }
        let no_remedy =
            row.action_taken.starts_with("alert:") || row.action_taken.starts_with("log:");
        let often = occurrences >= self.settings.beads.repeat_threshold;
        if !(row.result == Outcome::Failure || often || no_remedy) {
            return None;
        }
        let made = beads.attach(&Bead {
            kind: row.kind,
            severity: row.severity,
            description: &row.description,
            action_taken: &row.action_taken,
            action_result: row.result.name(),
            occurrences,
            host: &round.snapshot.host,
            key,
        });
        match made {
            Ok(id) => {
                self.ledger
                    .notes
                    .beads
                    .insert(key.to_owned(), (id.clone(), now));
                Some(id)
            }
            Err(e) => {
                round.degraded.push(format!("bd: {e}"));
                None
            }
        }
    }
}

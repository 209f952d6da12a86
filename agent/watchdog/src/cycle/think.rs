//! Asking the model: when, with what, and what is kept of it.

use super::{Round, Trace, Watchdog};
use crate::brain::{Context, Prompt, Transcript, default_instructions};
use crate::ledger::{CycleState, Ledger};
use crate::plan::Proposal;
use crate::settings::Settings;
use crate::snapshot::Snapshot;
use crate::state;
use serde_json::Value;

/// Bytes that must be free beside the state for the exchange to be kept.
const ROOM: u64 = 100 * 1024 * 1024;

/// An exchange with the model.
pub(super) struct Thought {
    prompt: Prompt,
    raw: Option<Value>,
    error: Option<String>,
    tokens: u64,
    pub(super) proposals: Vec<Proposal>,
}

/// The question about a snapshot.
pub(super) fn prompt(
    settings: &Settings,
    ledger: &Ledger,
    snapshot: &Snapshot,
    self_check: &str,
) -> Prompt {
    let own = std::fs::read_to_string(&settings.model.prompt_file).ok();
    let instructions = own.as_deref().unwrap_or_else(|| default_instructions());
    Prompt::new(
        // The first watchdog's file names its host by this word.
        &instructions.replace("<YOUR_HOSTNAME>", &snapshot.host),
        &Context {
            snapshot,
            incidents: &ledger.incidents,
            recent: &ledger.notes.recent,
            self_check,
        },
    )
}

impl Watchdog {
    /// Asks, if there is a reason to and the budget allows it.
    pub(super) fn think(&mut self, round: &mut Round, earlier: &CycleState) -> Option<Thought> {
        self.brain.as_ref()?;
        if self.trace == Trace::None {
            return None;
        }
        self.ledger.budget.cycles += 1;
        let every = self.settings.model.every_cycles;
        let wrong = self.ledger.incidents.open().next().is_some();
        if !wrong && (every == 0 || self.ledger.budget.cycles < every) {
            return None;
        }
        let now = round.snapshot.at;
        if let Err(why) = self.ledger.budget.may_ask(now, &self.settings.model) {
            round
                .degraded
                .push(format!("the model is not asked: {why}"));
            return None;
        }
        let usage = self.collector.probe().fs_usage(&self.settings.state_dir);
        if usage.is_ok_and(|u| u.available_bytes < ROOM) {
            round
                .degraded
                .push("the model is not asked: less than 100 MiB are free".into());
            return None;
        }
        let self_check = match earlier.consecutive_failures {
            0 => String::new(),
            n => format!("{n} cycles before this failed: {}", earlier.detail),
        };
        let prompt = prompt(&self.settings, &self.ledger, &round.snapshot, &self_check);
        let reply = self.brain.as_mut()?.ask(&prompt);
        let mut thought = Thought {
            prompt,
            raw: None,
            error: None,
            tokens: 0,
            proposals: Vec::new(),
        };
        match reply {
            Ok(reply) => {
                self.ledger
                    .budget
                    .note(now, Some(reply.tokens), &self.settings.model);
                let said = crate::text::redact(&reply.answer.assessment);
                self.log.info(&format!("the model says: {said}"));
                thought.proposals = reply.answer.proposals();
                thought.tokens = reply.tokens;
                // A model may repeat, or make up, what looks like a secret.
                thought.raw = Some(crate::text::redact_all(reply.raw));
            }
            Err(e) => {
                self.ledger.budget.note(now, None, &self.settings.model);
                self.log.error(&e.to_string());
                round.degraded.push(format!("fallback to rules: {e}"));
                thought.error = Some(e.to_string());
            }
        }
        Some(thought)
    }

    /// Keeps an exchange: on this host, and in short for the server.
    pub(super) fn keep_transcript(
        &mut self,
        round: &mut Round,
        thought: Thought,
        rulings: Vec<String>,
    ) {
        if self.trace == Trace::None {
            return;
        }
        if let Some(raw) = &thought.raw {
            let _ = state::save(&self.settings.state_file("logs/last_response.json"), raw);
        }
        let transcript = Transcript {
            ts: round.snapshot.at,
            model: self.brain.as_ref().map_or("", |b| b.name()).to_owned(),
            instructions: crate::text::hash(thought.prompt.instructions.as_bytes()),
            data: thought.prompt.data,
            answer: thought.raw,
            error: thought.error,
            rulings,
            tokens: thought.tokens,
        };
        if let Err(e) = transcript.keep(&self.settings.state_dir) {
            round.degraded.push(format!("transcript: {e}"));
        }
        let data = serde_json::to_value(&transcript).unwrap_or_default();
        self.report(
            round,
            "transcript",
            &crate::text::uuid(),
            transcript.ts,
            data,
        );
    }
}

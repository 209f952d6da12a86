//! What a model may say: a schema it is given, and the same rules applied to what it says.

use super::BrainError;
use crate::plan::{ActionKind, Origin, Proposal};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Name of the one tool.
pub const TOOL: &str = "propose";
/// Most actions in one answer.
const ACTIONS: usize = 5;
/// Most observations in one answer.
const OBSERVATIONS: usize = 5;
/// Longest text, in characters.
const TEXT: usize = 600;

/// An answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The state of the host in a sentence.
    pub assessment: String,
    /// What to do.
    pub actions: Vec<Wish>,
    /// What to note.
    pub observations: Vec<String>,
}

/// One action as the model names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    /// Which of the six.
    pub action: ActionKind,
    /// A handle, or empty.
    pub target: String,
    /// Why, or the text.
    pub reason: String,
}

/// The schema of the tool's input, as strict as schemas can be.
#[must_use]
pub fn schema() -> Value {
    let names: Vec<&str> = ActionKind::ALL.iter().map(|k| k.name()).collect();
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["assessment", "actions", "observations"],
        "properties": {
            "assessment": {"type": "string", "description": "State of the host in one sentence."},
            "actions": {
                "type": "array",
                "maxItems": ACTIONS,
                "items": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["action", "target", "reason"],
                    "properties": {
                        "action": {"type": "string", "enum": names},
                        "target": {"type": "string", "description": "Handle from the document; empty for alert and log."},
                        "reason": {"type": "string", "description": "Why; the text itself for alert and log."}
                    }
                }
            },
            "observations": {"type": "array", "maxItems": OBSERVATIONS, "items": {"type": "string"}}
        }
    })
}

/// Reads the tool's input. Too much or too long is not cut but refused: who cannot keep to the
/// rules is not trusted with the rest.
pub fn read(input: &Value) -> Result<Answer, BrainError> {
    let unusable = |what: String| BrainError::Unusable(what);
    let answer: Answer =
        serde_json::from_value(input.clone()).map_err(|e| unusable(e.to_string()))?;
    if answer.actions.len() > ACTIONS || answer.observations.len() > OBSERVATIONS {
        return Err(unusable("too many actions or observations".into()));
    }
    let reasons = answer.actions.iter().map(|w| &w.reason);
    let texts = reasons
        .chain(&answer.observations)
        .chain([&answer.assessment]);
    if texts.into_iter().any(|text| text.chars().count() > TEXT) {
        return Err(unusable(format!("a text of more than {TEXT} characters")));
    }
    if answer.actions.iter().any(|w| w.target.len() > 8) {
        return Err(unusable("a target that is no handle".into()));
    }
    Ok(answer)
}

impl Answer {
    /// The wishes, observations included, as proposals.
    #[must_use]
    pub fn proposals(&self) -> Vec<Proposal> {
        let made = |action, target: &str, reason: &str| Proposal {
            action,
            target: target.to_owned(),
            reason: crate::text::clean(reason, TEXT),
            origin: Origin::Model,
            incident: None,
        };
        let actions = self
            .actions
            .iter()
            .map(|w| made(w.action, &w.target, &w.reason));
        let notes = self
            .observations
            .iter()
            .map(|text| made(ActionKind::Log, "", text));
        actions.chain(notes).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_agreed_is_refused_as_a_whole() {
        let good = json!({"assessment": "ok", "actions": [], "observations": []});
        assert!(read(&good).is_ok());
        let wish = json!({"action": "kill_pid", "target": "p1", "reason": "x"});
        for bad in [
            json!([]),
            json!("ok"),
            json!({"assessment": "ok"}),
            json!({"assessment": "ok", "actions": {"a": wish}, "observations": []}),
            json!({"assessment": "ok", "actions": ["log"], "observations": []}),
            json!({"assessment": "ok", "actions": [], "observations": [], "extra": 1}),
            json!({"assessment": "ok", "actions": [wish, wish, wish, wish, wish, wish], "observations": []}),
            json!({"assessment": "ok", "actions": [{"action": "exec", "target": "", "reason": ""}], "observations": []}),
            json!({"assessment": "ok", "actions": [{"action": "kill_pid", "target": 1, "reason": ""}], "observations": []}),
            json!({"assessment": "ok", "actions": [{"action": "kill_pid", "target": "$(reboot)", "reason": ""}], "observations": []}),
            json!({"assessment": "x".repeat(601), "actions": [], "observations": []}),
        ] {
            assert!(read(&bad).is_err(), "{bad}");
        }
    }
}

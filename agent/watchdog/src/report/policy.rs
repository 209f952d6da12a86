//! What the server may say. Each field can only make the watchdog do less, except an answer to a
//! question the watchdog itself asked.

use crate::plan::Mode;
use crate::problem::Kind;
use crate::time::Stamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The server's word.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ServerPolicy {
    /// Changes with every change.
    pub version: serde_json::Value,
    /// Nothing is done until then.
    pub paused_until: Option<Stamp>,
    /// `true`: only look.
    pub dry_run: Option<bool>,
    /// Alerts are held back and nothing is done between these.
    pub maintenance: Option<Maintenance>,
    /// Kinds nobody wants to hear of for a while.
    pub mute: Vec<Mute>,
    /// Answers to questions.
    pub approvals: Vec<Answer>,
}

/// A window of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Maintenance {
    /// Begin.
    pub from: Stamp,
    /// End.
    pub to: Stamp,
}

/// Silence about one kind of problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mute {
    /// Which.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// Until when.
    pub until: Stamp,
}

/// An answer to a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The exact deed.
    pub digest: String,
    /// `allow` or `deny`.
    pub verdict: String,
}

impl ServerPolicy {
    /// The stricter of the host's mode and the server's wish.
    #[must_use]
    pub fn narrow(&self, own: Mode, now: Stamp) -> Mode {
        let maintained = self
            .maintenance
            .is_some_and(|m| m.from <= now && now < m.to);
        if self.paused_until.is_some_and(|until| now < until) || maintained {
            return Mode::Paused;
        }
        if own == Mode::Live && self.dry_run == Some(true) {
            return Mode::DryRun;
        }
        own
    }

    /// Whether alerts of this kind are muted.
    #[must_use]
    pub fn mutes(&self, kind: Kind, now: Stamp) -> bool {
        self.mute.iter().any(|m| m.kind == kind && now < m.until)
    }

    /// Answers by digest; whatever is not `allow` is a no.
    #[must_use]
    pub fn answers(&self) -> BTreeMap<String, bool> {
        let one = |a: &Answer| (a.digest.clone(), a.verdict == "allow");
        self.approvals.iter().map(one).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_can_only_narrow() {
        let wide: ServerPolicy =
            serde_json::from_str(r#"{"version":1,"dry_run":false,"newer":"field"}"#).expect("read");
        let now = Stamp(1000);
        for own in [Mode::Live, Mode::DryRun, Mode::Paused] {
            assert_eq!(wide.narrow(own, now), own);
        }
        let paused = ServerPolicy {
            paused_until: Some(Stamp(2000)),
            ..ServerPolicy::default()
        };
        assert_eq!(paused.narrow(Mode::Live, now), Mode::Paused);
        assert_eq!(paused.narrow(Mode::Live, Stamp(2000)), Mode::Live);
        let dry = ServerPolicy {
            dry_run: Some(true),
            ..ServerPolicy::default()
        };
        assert_eq!(dry.narrow(Mode::Live, now), Mode::DryRun);
        assert_eq!(dry.narrow(Mode::Paused, now), Mode::Paused);
    }
}

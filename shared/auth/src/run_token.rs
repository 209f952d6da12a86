//! Tokens of single runs: an agent hands one to the script it starts, which may report into that
//! run's batch and nothing else.

use crate::signed;
use domain::account::UserId;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What such a token begins with.
pub const PREFIX: &str = "em_run_";
const PURPOSE: &str = "run token 1";

/// What a run's token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunToken {
    /// Owner of the batch: reports count as theirs.
    pub user: UserId,
    /// The one batch.
    pub batch: String,
    /// The agent that started it and its owner: revoked, the token is refused.
    pub agent: (UserId, String),
    /// It works until then.
    pub until: Timestamp,
}

/// The text of a token.
pub fn format(secret: &str, token: &RunToken) -> String {
    format!("{PREFIX}{}", signed::sign(PURPOSE, secret, token))
}

/// Reads a token of ours whose time is not over.
pub fn open(secret: &str, text: &str, now: Timestamp) -> Option<RunToken> {
    let signed = text.strip_prefix(PREFIX)?;
    let token: RunToken = signed::open(PURPOSE, secret, signed)?;
    (token.until > now).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_000_000_000);

    #[test]
    fn a_token_holds_for_its_time_and_its_server() {
        let token = RunToken {
            user: 7,
            batch: "rerun-1".into(),
            agent: (7, "agent-1".into()),
            until: NOW.plus_secs(60),
        };
        let text = format("a secret", &token);
        assert_eq!(open("a secret", &text, NOW), Some(token));
        assert_eq!(open("a secret", &text, NOW.plus_secs(60)), None);
        assert_eq!(open("another", &text, NOW), None);
        assert_eq!(open("a secret", &text.replace("em_run_", ""), NOW), None);
    }
}

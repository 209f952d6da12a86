//! Links that do one thing at one tap: signed, for one person and one run, until they end.
//!
//! Nothing is stored of them. Whoever holds one may do what it says, as far as the person it was
//! sent to still may.

use crate::signed;
use domain::account::UserId;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

const PURPOSE: &str = "ticket 1";

/// What a link does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tap {
    /// Leaves an idle job alone for some time.
    Keep,
    /// Stops its batch.
    Stop,
}

impl Tap {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Stop => "stop",
        }
    }
}

/// What a link is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// What it does.
    pub tap: Tap,
    /// Batch.
    pub batch: String,
    /// Its attempt: a later run is not meant.
    pub attempt: u32,
    /// Job.
    pub job: String,
    /// Whom it was sent to.
    pub user: UserId,
    /// It works until then.
    pub until: Timestamp,
}

/// Why a link does nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It is none of ours.
    Invalid,
    /// Its time is over.
    Expired,
}

/// The text of a ticket, which fits a query.
pub fn sign(secret: &str, ticket: &Ticket) -> String {
    signed::sign(PURPOSE, secret, ticket)
}

/// Reads a ticket we signed and whose time is not over.
///
/// # Errors
/// Any other text is refused.
pub fn open(secret: &str, text: &str, now: Timestamp) -> Result<Ticket, Refused> {
    let ticket: Ticket = signed::open(PURPOSE, secret, text).ok_or(Refused::Invalid)?;
    match ticket.until > now {
        true => Ok(ticket),
        false => Err(Refused::Expired),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_000_000_000);

    #[test]
    fn only_our_own_links_work_and_only_for_a_while() {
        let ticket = Ticket {
            tap: Tap::Keep,
            batch: "b/ü".into(),
            attempt: 2,
            job: "j".into(),
            user: 7,
            until: NOW.plus_secs(60),
        };
        let text = sign("a secret", &ticket);
        assert!(
            text.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        );
        assert_eq!(open("a secret", &text, NOW), Ok(ticket.clone()));
        assert_eq!(
            open("a secret", &text, NOW.plus_secs(60)),
            Err(Refused::Expired)
        );
        assert_eq!(open("another", &text, NOW), Err(Refused::Invalid));
        // The same signature under other words.
        let other = sign(
            "a secret",
            &Ticket {
                tap: Tap::Stop,
                ..ticket
            },
        );
        let (payload, _) = other.split_once('.').expect("two parts");
        let (_, signature) = text.split_once('.').expect("two parts");
        for forged in [
            format!("{payload}.{signature}"),
            format!("{payload}."),
            payload.to_owned(),
            String::new(),
            "x".repeat(5000),
        ] {
            assert_eq!(open("a secret", &forged, NOW), Err(Refused::Invalid));
        }
    }
}

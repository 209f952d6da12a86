//! Questions to people: one exact deed, one digest, one answer, and an end.

use crate::plan::Deed;
use crate::state;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

/// File of the questions.
pub const ASKS: &str = "asks.json";
/// File of the answers given on this host.
pub const ANSWERS: &str = "answers.json";

/// Open questions by digest.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Asks(pub BTreeMap<String, Ask>);

/// One question.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ask {
    /// The exact deed.
    pub deed: Deed,
    /// Why.
    pub reason: String,
    /// When it was asked, seconds since 1970.
    pub asked: i64,
    /// When it ends.
    pub expires: i64,
}

/// Answers given with `argus-watchdog approve`, by digest.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Answers(pub BTreeMap<String, bool>);

impl Asks {
    /// Asks, unless the same question is open. Says whether it is new.
    pub fn ask(&mut self, deed: &Deed, reason: &str, now: i64, life_s: u64) -> bool {
        let ask = Ask {
            deed: deed.clone(),
            reason: reason.to_owned(),
            asked: now,
            expires: now.saturating_add(life_s.cast_signed()),
        };
        match self.0.entry(deed.digest()) {
            std::collections::btree_map::Entry::Occupied(_) => false,
            std::collections::btree_map::Entry::Vacant(free) => {
                free.insert(ask);
                true
            }
        }
    }

    /// Drops questions that ended; a clock set back does not keep them.
    pub fn expire(&mut self, now: i64) {
        self.0
            .retain(|_, ask| now < ask.expires && ask.asked <= now);
    }

    /// Digests that were agreed to and whose question is open.
    #[must_use]
    pub fn agreed(&self, answers: &BTreeMap<String, bool>) -> BTreeSet<String> {
        let said_yes = |digest: &&String| answers.get(*digest) == Some(&true);
        self.0.keys().filter(said_yes).cloned().collect()
    }

    /// The question whose digest begins with `start`; `None` unless there is exactly one.
    #[must_use]
    pub fn find(&self, start: &str) -> Option<(&String, &Ask)> {
        let mut fitting = self
            .0
            .iter()
            .filter(|(digest, _)| start.len() >= 8 && digest.starts_with(start));
        let only = fitting.next();
        if fitting.next().is_some() { None } else { only }
    }
}

/// Notes an answer for the next cycle.
pub fn answer(folder: &Path, digest: &str, agreed: bool) -> io::Result<()> {
    let file = folder.join(ANSWERS);
    let mut answers: Answers = state::load(&file)?.or_default();
    answers.0.insert(digest.to_owned(), agreed);
    state::save(&file, &answers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_counts_for_its_deed_and_not_for_ever() {
        let deed = |unit: &str| Deed::RestartService { unit: unit.into() };
        let mut asks = Asks::default();
        assert!(asks.ask(&deed("a.service"), "why", 100, 60));
        assert!(!asks.ask(&deed("a.service"), "again", 110, 60));
        let answers = BTreeMap::from([
            (deed("a.service").digest(), true),
            (deed("b.service").digest(), true),
        ]);
        assert_eq!(asks.agreed(&answers), [deed("a.service").digest()].into());
        assert!(asks.find(&deed("a.service").digest()[..12]).is_some());
        asks.expire(160);
        assert!(asks.agreed(&answers).is_empty());
    }
}

//! Where somebody logs in from, and whether that is new.

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Places remembered of one user.
const KEPT: usize = 50;
/// How long a place is remembered, seconds.
const FORGOTTEN_SECS: f64 = 30.0 * 86_400.0;

/// An address with a browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Network of the client.
    pub network: String,
    /// Fingerprint of the browser.
    pub agent: String,
    /// Last login from there.
    pub at: Timestamp,
}

/// The places of a user, newest last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Places(Vec<Place>);

impl Places {
    /// Whether somebody logged in from this network lately.
    pub fn knows_network(&self, network: &str, now: Timestamp) -> bool {
        self.0
            .iter()
            .any(|p| p.network == network && lately(p, now))
    }

    /// Remembers a login. True when it is from somewhere new and is not the first ever: the
    /// person is then told.
    pub fn note(&mut self, place: Place) -> bool {
        let now = place.at;
        let had_any = !self.0.is_empty();
        self.0.retain(|p| lately(p, now));
        let same = |p: &Place| p.network == place.network && p.agent == place.agent;
        let known = self.0.iter().any(same);
        self.0.retain(|p| !same(p));
        self.0.push(place);
        let surplus = self.0.len().saturating_sub(KEPT);
        self.0.drain(..surplus);
        had_any && !known
    }
}

fn lately(place: &Place, now: Timestamp) -> bool {
    now.secs_since(place.at) < FORGOTTEN_SECS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(network: &str, secs: i64) -> Place {
        Place {
            network: network.into(),
            agent: "browser".into(),
            at: Timestamp(secs * 1000),
        }
    }

    #[test]
    fn the_first_place_is_silent_and_a_new_one_is_told_once() {
        let mut places = Places::default();
        assert!(!places.note(place("a", 0)));
        assert!(!places.note(place("a", 1)));
        assert!(places.note(place("b", 2)) && !places.note(place("b", 3)));
        let month = 31 * 86_400;
        assert!(places.knows_network("b", Timestamp(0)));
        assert!(!places.knows_network("b", Timestamp((month + 3) * 1000)));
        assert!(
            places.note(place("a", month + 3)),
            "forgotten after a month"
        );
        for i in 0..100 {
            places.note(place(&format!("n{i}"), month + 4 + i));
        }
        assert_eq!(places.0.len(), KEPT);
    }
}

//! How often the model may be asked: so much a day, and not again and again while it fails.

use crate::settings::Model;
use crate::time::Stamp;
use serde::{Deserialize, Serialize};

/// Name of the state file.
pub struct BudgetFile;

impl BudgetFile {
    /// In the state folder.
    pub const NAME: &str = "model.json";
}

/// What was spent, and how it went.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Budget {
    /// UTC day the counts are for.
    pub day: String,
    /// Questions that day.
    pub calls: u32,
    /// Tokens that day.
    pub tokens: u64,
    /// Failures in a row.
    pub failures: u32,
    /// Left alone until then, seconds since 1970.
    pub closed_until: i64,
    /// Cycles since it was asked last.
    pub cycles: u64,
}

impl Budget {
    /// Whether it may be asked now; `Err` says why not.
    pub fn may_ask(&mut self, now: Stamp, model: &Model) -> Result<(), String> {
        if self.day != now.day() {
            *self = Self {
                day: now.day(),
                calls: 0,
                tokens: 0,
                ..self.clone()
            };
        }
        let left = (self.closed_until - now.0).min(model.breaker_pause.cast_signed());
        if left > 0 {
            return Err(format!(
                "left alone for {left} s after {} failures",
                self.failures
            ));
        }
        if self.calls >= model.daily_calls || self.tokens >= model.daily_tokens {
            return Err("today's budget is spent".into());
        }
        Ok(())
    }

    /// Notes how a question ended.
    pub fn note(&mut self, now: Stamp, tokens: Option<u64>, model: &Model) {
        self.calls += 1;
        self.cycles = 0;
        match tokens {
            Some(tokens) => {
                self.tokens += tokens;
                self.failures = 0;
            }
            None => {
                self.failures += 1;
                if self.failures >= model.breaker {
                    self.closed_until = now.0 + model.breaker_pause.cast_signed();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_model_is_left_alone_and_a_day_has_its_budget() {
        let model = Model {
            daily_calls: 5,
            ..Model::default()
        };
        let mut budget = Budget::default();
        let at = |s: i64| Stamp(1_792_000_000 + s);
        for n in 0..3 {
            assert_eq!(budget.may_ask(at(n), &model), Ok(()));
            budget.note(at(n), None, &model);
        }
        assert!(budget.may_ask(at(10), &model).is_err());
        assert_eq!(budget.may_ask(at(1803), &model), Ok(()));
        budget.note(at(1803), Some(100), &model);
        budget.note(at(1804), Some(100), &model);
        assert!(budget.may_ask(at(1805), &model).is_err(), "five a day");
        assert_eq!(budget.may_ask(at(90_000), &model), Ok(()));
    }
}

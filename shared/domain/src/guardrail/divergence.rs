//! A loss that leaves the rails.

use super::Thresholds;
use crate::job::Job;
use serde::{Deserialize, Serialize};

/// Why a loss counts as diverging.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// It grew by the ratio.
    Ratio,
    /// It is no number any more.
    NanOrInf,
}

impl Reason {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ratio => "ratio",
            Self::NanOrInf => "nan_or_inf",
        }
    }
}

/// A loss that diverges.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verdict {
    /// Why.
    pub reason: Reason,
    /// How much it grew, for a ratio.
    pub ratio: Option<f64>,
    /// Epoch of the newest loss.
    pub epoch: i64,
    /// The newest loss.
    pub value: f64,
}

/// Losses of a job's current attempt above epoch `after`, oldest first. An earlier attempt's lie
/// before what the script resumed from. A missing validation loss beside a training loss that is
/// no number counts as one: some clients can only say null for it.
pub fn losses(job: &Job, after: Option<i64>) -> Vec<(i64, f64)> {
    let Some(first) = job.first_epoch else {
        return vec![];
    };
    let new = |epoch: i64| epoch >= first.epoch && after.is_none_or(|after| epoch > after);
    let trace = job.val_loss_trace.iter().copied();
    let mut losses: Vec<(i64, f64)> = trace.filter(|(epoch, _)| new(*epoch)).collect();
    if let Some(last) = job.last_epoch.as_ref().filter(|last| new(last.epoch)) {
        let lost = last.train_loss.filter(|loss| !loss.is_finite());
        if let (None, Some(lost)) = (last.val_loss, lost) {
            losses.push((last.epoch, lost));
        }
    }
    losses
}

/// Judges losses, oldest first, by the newest of them.
pub fn assess(losses: &[(i64, f64)], thresholds: &Thresholds) -> Option<Verdict> {
    let newest = &losses[losses.len().saturating_sub(thresholds.divergence_window)..];
    let (epoch, value) = *newest.last()?;
    if newest.iter().any(|(_, loss)| !loss.is_finite()) {
        return Some(Verdict {
            reason: Reason::NanOrInf,
            ratio: None,
            epoch,
            value,
        });
    }
    let (_, first) = *newest.first()?;
    let full = newest.len() == thresholds.divergence_window && newest.len() >= 2;
    let rising = newest.windows(2).all(|pair| pair[0].1 < pair[1].1);
    let ratio = value / first;
    let diverges = full && rising && first > 0.0 && ratio >= thresholds.divergence_ratio;
    diverges.then_some(Verdict {
        reason: Reason::Ratio,
        ratio: Some(ratio),
        epoch,
        value,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::{FirstEpoch, LastEpoch};
    use crate::testing::{START, job};
    use proptest::prelude::*;

    fn numbered(losses: &[f64]) -> Vec<(i64, f64)> {
        (0..).zip(losses.iter().copied()).collect()
    }

    fn reason(losses: &[f64]) -> Option<Reason> {
        let found = assess(&numbered(losses), &Thresholds::default());
        found.map(|verdict| verdict.reason)
    }

    #[test]
    fn the_newest_losses_decide() {
        use Reason::*;
        const NAN: f64 = f64::NAN;
        for (losses, expected) in [
            (&[1.0, 1.5, 2.0][..], Some(Ratio)),
            (&[1.0, 1.5, 1.99], None),
            (&[1.0, 2.0], None),
            (&[], None),
            // The oldest of them rose, the newest do not.
            (&[1.0, 2.0, 4.0, 1.0, 0.9, 0.8], None),
            (&[9.0, 1.0, 0.5, 1.0, 2.0], Some(Ratio)),
            (&[1.0, 3.0, 2.0], None),
            (&[1.0, 1.0, 4.0], None),
            (&[0.0, 1.0, 4.0], None),
            (&[-4.0, -2.0, -1.0], None),
            (&[NAN], Some(NanOrInf)),
            (&[1.0, f64::INFINITY], Some(NanOrInf)),
            (&[1.0, NAN, 0.9], Some(NanOrInf)),
            (&[NAN, 1.0, 0.9, 0.8], None),
        ] {
            assert_eq!(reason(losses), expected, "{losses:?}");
        }
    }

    #[test]
    fn only_losses_of_this_attempt_count() {
        let mut job = job("b", "j");
        job.val_loss_trace = vec![(0, 1.0), (1, 2.0), (2, 4.0), (3, 0.5)];
        assert_eq!(losses(&job, None), []);
        job.first_epoch = Some(FirstEpoch {
            epoch: 2,
            at: START,
        });
        assert_eq!(losses(&job, None), [(2, 4.0), (3, 0.5)]);
        assert_eq!(losses(&job, Some(2)), [(3, 0.5)]);
        job.last_epoch = Some(LastEpoch {
            epoch: 4,
            train_loss: Some(f64::NAN),
            ..LastEpoch::default()
        });
        assert!(losses(&job, Some(3))[0].1.is_nan());
    }

    proptest! {
        #[test]
        fn a_loss_that_never_rises_never_diverges(mut losses in prop::collection::vec(-1e3..1e3f64, 0..20)) {
            losses.sort_by(|a, b| b.total_cmp(a));
            prop_assert_eq!(reason(&losses), None);
        }

        #[test]
        fn what_lies_before_the_window_changes_nothing(
            old in prop::collection::vec(prop::num::f64::ANY, 0..20),
            new in prop::collection::vec(1e-3..1e3f64, 3..6),
        ) {
            let together: Vec<f64> = old.into_iter().chain(new.clone()).collect();
            prop_assert_eq!(reason(&together), reason(&new));
        }

        #[test]
        fn a_higher_ratio_never_fires_more(losses in prop::collection::vec(1e-3..1e3f64, 0..20), ratio in 1.0..9.0f64) {
            let strict = Thresholds { divergence_ratio: ratio + 1.0, ..Thresholds::default() };
            let lax = Thresholds { divergence_ratio: ratio, ..Thresholds::default() };
            let losses = numbered(&losses);
            prop_assert!(assess(&losses, &strict).is_none() || assess(&losses, &lax).is_some());
        }
    }
}

//! How much each hyper-parameter matters: the share of the variance of a study's value that the
//! parameter explains by itself (the main effect of a functional ANOVA, estimated from the trials
//! there are).
//!
//! Trials are grouped by the parameter, numbers into bins of equal count; the share is the
//! variance between the groups over the whole variance, less what as many random groups would
//! explain. Interactions are not told apart, so shares need not add up to one.

use std::collections::{BTreeMap, BTreeSet};

/// Groups a number is cut into at most.
const BINS: usize = 6;
/// Trials needed before anything is said.
const ENOUGH: usize = 8;

/// A trial: its value and its parameters as JSON texts.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Value; finite.
    pub value: f64,
    /// Parameters by name.
    pub params: BTreeMap<String, String>,
}

/// Shares by parameter, 0..1; empty for too few trials or a constant value.
pub fn of(samples: &[Sample]) -> BTreeMap<String, f64> {
    let names: BTreeSet<&String> = samples.iter().flat_map(|s| s.params.keys()).collect();
    let share = |name: &&String| Some(((*name).clone(), explained(samples, name)?));
    names.iter().filter_map(share).collect()
}

fn explained(samples: &[Sample], name: &str) -> Option<f64> {
    let with: Vec<(&str, f64)> = samples
        .iter()
        .filter_map(|s| Some((s.params.get(name)?.as_str(), s.value)))
        .collect();
    if with.len() < ENOUGH {
        return None;
    }
    let count = with.len() as f64;
    let mean = with.iter().map(|(_, v)| v).sum::<f64>() / count;
    let whole: f64 = with.iter().map(|(_, v)| (v - mean).powi(2)).sum();
    if whole <= f64::EPSILON * mean.abs().max(1.0) {
        return None;
    }
    let groups = groups(with);
    let between: f64 = groups
        .iter()
        .map(|group| {
            let own = group.iter().sum::<f64>() / group.len() as f64;
            group.len() as f64 * (own - mean).powi(2)
        })
        .sum();
    // Random groups explain (groups - 1) of (trials - 1) degrees of freedom.
    let by_chance = (groups.len() as f64 - 1.0) / (count - 1.0);
    let share = (between / whole - by_chance) / (1.0 - by_chance).max(f64::EPSILON);
    Some((share.clamp(0.0, 1.0) * 1e4).round() / 1e4)
}

/// Values grouped by the parameter: words by themselves, numbers in bins of equal count that
/// never part equal numbers.
fn groups(with: Vec<(&str, f64)>) -> Vec<Vec<f64>> {
    let numbers: Option<Vec<f64>> = with.iter().map(|(text, _)| text.parse().ok()).collect();
    let Some(numbers) = numbers else {
        let mut by_word: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
        for (word, value) in with {
            by_word.entry(word).or_default().push(value);
        }
        return by_word.into_values().collect();
    };
    let mut pairs: Vec<(f64, f64)> = numbers
        .into_iter()
        .zip(with.into_iter().map(|(_, value)| value))
        .collect();
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let bins = BINS.min(pairs.len() / 2).max(1);
    let size = pairs.len().div_ceil(bins);
    let mut groups: Vec<Vec<f64>> = Vec::new();
    let mut last = None;
    for (number, value) in pairs {
        match groups.last_mut() {
            Some(group) if group.len() < size || last == Some(number) => group.push(value),
            _ => groups.push(vec![value]),
        }
        last = Some(number);
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn study(trials: usize) -> Vec<Sample> {
        let sample = |i: usize| {
            let (lr, noise) = (i % 10, (i * 7919) % 13);
            let params = [
                ("lr", lr.to_string()),
                ("noise", noise.to_string()),
                ("opt", format!("\"{}\"", i % 2)),
            ];
            Sample {
                value: lr as f64,
                params: params.map(|(name, value)| (name.to_owned(), value)).into(),
            }
        };
        (0..trials).map(sample).collect()
    }

    #[test]
    fn what_decides_the_value_matters_most() {
        let shares = of(&study(130));
        assert!(shares["lr"] > 0.9, "{shares:?}");
        assert!(shares["noise"] < 0.1 && shares["opt"] < 0.3, "{shares:?}");
    }

    #[test]
    fn little_is_said_of_little() {
        assert!(of(&study(ENOUGH - 1)).is_empty());
        let constant: Vec<Sample> = study(40)
            .into_iter()
            .map(|s| Sample { value: 1.0, ..s })
            .collect();
        assert!(of(&constant).is_empty());
    }

    proptest! {
        #[test]
        fn shares_stay_between_none_and_all(values in prop::collection::vec((-1e6f64..1e6, -5i64..5), 0..60)) {
            let samples: Vec<Sample> = values
                .iter()
                .map(|(value, p)| Sample { value: *value, params: [("p".to_owned(), p.to_string())].into() })
                .collect();
            prop_assert!(of(&samples).values().all(|share| (0.0..=1.0).contains(share)));
        }
    }
}

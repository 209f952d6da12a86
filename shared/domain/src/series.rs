//! Metric series: exact numbers in storage, fewer points on request.

/// Keeps a number exactly, non-finite values as their spelling.
pub mod loss_text {
    use crate::nonfinite;
    use serde::{Deserialize, Deserializer, Serializer};

    /// A finite number or a spelling.
    #[derive(Deserialize)]
    #[serde(untagged)]
    pub(super) enum Number {
        Finite(f64),
        Word(String),
    }

    impl Number {
        pub(super) fn value(self) -> Option<f64> {
            match self {
                Self::Finite(value) => Some(value),
                Self::Word(word) => nonfinite::parse(&word),
            }
        }
    }

    /// Writes a number, a spelling, or null.
    pub fn serialize<S: Serializer>(value: &Option<f64>, to: S) -> Result<S::Ok, S::Error> {
        match value {
            None => to.serialize_none(),
            Some(value) => match nonfinite::spelling(*value) {
                Some(word) => to.serialize_str(word),
                None => to.serialize_f64(*value),
            },
        }
    }

    /// Reads what [`serialize`] wrote.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
        Ok(Option::<Number>::deserialize(from)?.and_then(Number::value))
    }
}

/// A list of `(epoch, value)` pairs with non-finite values kept.
pub mod trace_text {
    use super::loss_text::Number;
    use crate::nonfinite;
    use serde::ser::SerializeSeq;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    struct Value(f64);

    impl Serialize for Value {
        fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
            match nonfinite::spelling(self.0) {
                Some(word) => to.serialize_str(word),
                None => to.serialize_f64(self.0),
            }
        }
    }

    /// Writes `[[epoch, value], …]`.
    pub fn serialize<S: Serializer>(trace: &[(i64, f64)], to: S) -> Result<S::Ok, S::Error> {
        let mut seq = to.serialize_seq(Some(trace.len()))?;
        for (epoch, value) in trace {
            seq.serialize_element(&(*epoch, Value(*value)))?;
        }
        seq.end()
    }

    /// Reads what [`serialize`] wrote.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<(i64, f64)>, D::Error> {
        let pairs = Vec::<(i64, Number)>::deserialize(from)?;
        Ok(pairs
            .into_iter()
            .filter_map(|(e, n)| n.value().map(|v| (e, v)))
            .collect())
    }
}

/// Which of `len` points to keep so that at most about `max` remain.
///
/// Deterministic: the points are cut into equal buckets by position; of each bucket the first,
/// last, lowest and highest (by every series in `values`) stay, as do the first and last of all
/// and every non-finite one's neighbourhood (it counts as an extreme). Indices come ascending.
/// `values[s][i]` is point `i` of series `s`; absent values are `None`.
pub fn downsample(len: usize, values: &[Vec<Option<f64>>], max: usize) -> Vec<usize> {
    if len <= max || max < 2 {
        return (0..len).collect();
    }
    let per_bucket = 2 + 2 * values.len();
    let buckets = (max / per_bucket).max(1);
    let mut keep = std::collections::BTreeSet::from([0, len - 1]);
    for bucket in 0..buckets {
        let from = bucket * len / buckets;
        let to = ((bucket + 1) * len / buckets).max(from + 1).min(len);
        keep.insert(from);
        keep.insert(to - 1);
        for series in values {
            let present = || (from..to).filter_map(|i| series[i].map(|v| (i, v)));
            let lowest = present().min_by(|a, b| a.1.total_cmp(&b.1));
            let highest = present().max_by(|a, b| a.1.total_cmp(&b.1));
            keep.extend(lowest.iter().chain(highest.iter()).map(|(i, _)| *i));
        }
    }
    keep.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn downsampling_keeps_ends_and_extremes(
            points in prop::collection::vec(-1e9f64..1e9, 1..3000),
            max in 2usize..200,
        ) {
            let series = vec![points.iter().copied().map(Some).collect::<Vec<_>>()];
            let kept = downsample(points.len(), &series, max);
            prop_assert!(kept.windows(2).all(|w| w[0] < w[1]));
            prop_assert_eq!(kept[0], 0);
            prop_assert_eq!(*kept.last().expect("not empty"), points.len() - 1);
            let all_max = points.iter().copied().fold(f64::MIN, f64::max);
            let all_min = points.iter().copied().fold(f64::MAX, f64::min);
            prop_assert!(kept.iter().any(|i| points[*i] == all_max));
            prop_assert!(kept.iter().any(|i| points[*i] == all_min));
            prop_assert!(kept.len() <= max.max(6));
            prop_assert_eq!(kept, downsample(points.len(), &series, max));
        }
    }

    #[test]
    fn short_series_stay_whole() {
        assert_eq!(downsample(3, &[vec![None; 3]], 10), vec![0, 1, 2]);
    }
}

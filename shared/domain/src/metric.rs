//! Final metrics: their values, and which way is better.

use crate::event::JsonFields;
use crate::nonfinite;
use serde::{Deserialize, Serialize};

/// Which way a metric gets better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Lower is better.
    Minimize,
    /// Higher is better.
    Maximize,
}

/// Metrics of which more is better, lower-case, by their last word. Everything else is an error
/// or a loss.
const MAXIMIZED: &[&str] = &[
    "r2",
    "r²",
    "pcc",
    "scc",
    "acc",
    "accuracy",
    "f1",
    "auc",
    "auroc",
    "auprc",
    "map",
    "ap",
    "precision",
    "recall",
    "iou",
    "miou",
    "dice",
    "bleu",
    "rouge",
    "ndcg",
    "mrr",
    "kappa",
    "mcc",
    "psnr",
    "ssim",
    "reward",
    "score",
    "top1",
    "top5",
];

impl Direction {
    /// The usual direction of the metric called `name`: `val_acc` and `test/F1` are judged by
    /// their last word, `R2` with or without case.
    pub fn of(name: &str) -> Self {
        let name = name.trim().to_lowercase();
        let last = name
            .rsplit(['_', '/', '-', '.', ' ', ':', '@'])
            .find(|word| !word.is_empty())
            .unwrap_or_default();
        let up = |word: &str| MAXIMIZED.contains(&word);
        // `top5_acc@10` and `precision@5` name the metric before a number.
        let numbered = last.chars().all(|c| c.is_ascii_digit());
        let before = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '@');
        let before = before
            .rsplit(['_', '/', '-', '.', ' ', ':'])
            .next()
            .unwrap_or_default();
        match up(&name) || up(last) || (numbered && up(before)) {
            true => Self::Maximize,
            false => Self::Minimize,
        }
    }

    /// Whether `a` is better than `b`. NaN is worse than anything.
    pub fn better(self, a: f64, b: f64) -> bool {
        if a.is_nan() || b.is_nan() {
            return !a.is_nan();
        }
        match self {
            Self::Minimize => a < b,
            Self::Maximize => a > b,
        }
    }

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Minimize => "minimize",
            Self::Maximize => "maximize",
        }
    }
}

/// A number as stored: JSON numbers, spelled non-finite ones, booleans as 0 and 1. Text that only
/// looks like a number is none.
pub fn number(json: &str) -> Option<f64> {
    match json {
        "true" => Some(1.0),
        "false" => Some(0.0),
        _ => match json.strip_prefix('"').and_then(|t| t.strip_suffix('"')) {
            Some(text) => nonfinite::parse(text),
            None => json.parse().ok(),
        },
    }
}

/// The value of the metric called `name`, exactly or else regardless of case.
pub fn value(metrics: &JsonFields, name: &str) -> Option<f64> {
    let found = metrics.get(name).or_else(|| {
        let mut all = metrics.iter();
        all.find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, json)| json)
    });
    number(found?)
}

/// A number with at most six significant digits, as C's `%.6g` writes it.
pub fn six_digits(number: f64) -> String {
    if let Some(word) = nonfinite::spelling(number) {
        return word.to_owned();
    }
    let scientific = format!("{number:.5e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let trimmed = |text: &str| match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text.to_owned(),
    };
    if (-4..6).contains(&exponent) {
        let decimals = usize::try_from(5 - exponent).unwrap_or(0);
        return trimmed(&format!("{number:.decimals$}"));
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{}e{sign}{:02}", trimmed(digits), exponent.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directions_follow_the_metric_and_not_its_decoration() {
        for up in [
            "R2",
            "r²",
            "ACC",
            "val_accuracy",
            "test/F1",
            "AUC",
            "PCC",
            "mAP",
            "top5_acc",
            "precision@5",
        ] {
            assert_eq!(Direction::of(up), Direction::Maximize, "{up}");
        }
        for down in [
            "MSE", "val_loss", "MAPE", "acc_loss", "elapsed", "", "fid", "rmse@10",
        ] {
            assert_eq!(Direction::of(down), Direction::Minimize, "{down}");
        }
    }

    #[test]
    fn six_digits_read_like_printf() {
        for (number, text) in [
            (0.0, "0"),
            (1.0, "1"),
            (0.123_456_789, "0.123457"),
            (123_456.7, "123457"),
            (1_234_567.0, "1.23457e+06"),
            (0.000_012_345, "1.2345e-05"),
            (-0.5, "-0.5"),
            (999_999.9, "1e+06"),
            (100.0, "100"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(six_digits(number), text);
        }
    }

    #[test]
    fn nan_is_never_better() {
        for direction in [Direction::Minimize, Direction::Maximize] {
            assert!(direction.better(1.0, f64::NAN));
            assert!(!direction.better(f64::NAN, 1.0));
            assert!(!direction.better(f64::NAN, f64::NAN));
            assert!(!direction.better(1.0, 1.0));
        }
    }

    #[test]
    fn values_are_numbers_only() {
        let metrics = JsonFields::from([
            ("MSE".to_owned(), "0.5".to_owned()),
            ("note".to_owned(), "\"0.5\"".to_owned()),
            ("bad".to_owned(), "\"NaN\"".to_owned()),
            ("ok".to_owned(), "true".to_owned()),
        ]);
        assert_eq!(value(&metrics, "mse"), Some(0.5));
        assert_eq!(value(&metrics, "note"), None);
        assert!(value(&metrics, "bad").is_some_and(f64::is_nan));
        assert_eq!(value(&metrics, "ok"), Some(1.0));
    }
}

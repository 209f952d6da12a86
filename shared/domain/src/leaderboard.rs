//! Tables over the jobs of a project: who is best at what, and how sure that is.

use crate::batch::Batch;
use crate::job::Job;
use crate::metric::{self, Direction};
use crate::status;
use std::collections::{BTreeMap, BTreeSet};

/// A live job with its batch.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// The batch.
    pub batch: &'a Batch,
    /// The job.
    pub job: &'a Job,
}

impl<'a> Run<'a> {
    /// Model, empty when unnamed.
    pub fn model(&self) -> &'a str {
        self.job.model.as_deref().unwrap_or_default()
    }

    /// Data set, empty when unnamed.
    pub fn dataset(&self) -> &'a str {
        self.job.dataset.as_deref().unwrap_or_default()
    }

    /// Its final value of `metric`, NaN counting as none.
    pub fn value(&self, metric: &str) -> Option<f64> {
        let value = metric::value(self.job.metrics.as_ref()?, metric)?;
        (!value.is_nan()).then_some(value)
    }
}

/// The best run of a model on a data set.
#[derive(Clone, Copy, Debug)]
pub struct Best<'a> {
    /// The run; the first met when none has the metric.
    pub run: Run<'a>,
    /// Its value.
    pub value: Option<f64>,
}

/// The best run per model and data set, sorted by both.
pub fn leaderboard<'a>(
    runs: impl IntoIterator<Item = Run<'a>>,
    metric: &str,
    direction: Direction,
) -> Vec<Best<'a>> {
    let mut best: BTreeMap<(&str, &str), Best<'a>> = BTreeMap::new();
    for run in runs {
        let candidate = Best {
            run,
            value: run.value(metric),
        };
        let held = best
            .entry((run.model(), run.dataset()))
            .or_insert(candidate);
        let wins = match (candidate.value, held.value) {
            (Some(new), Some(old)) => direction.better(new, old),
            (Some(_), None) => true,
            (None, _) => false,
        };
        if wins {
            *held = candidate;
        }
    }
    best.into_values().collect()
}

/// What one batch reached, for others to be measured against.
#[derive(Clone, Debug, Default)]
pub struct Baseline {
    /// Best value by model and data set.
    exact: BTreeMap<(String, String), f64>,
    /// Best value by data set, whatever the model.
    any: BTreeMap<String, f64>,
}

impl Baseline {
    /// The best of `runs`.
    pub fn of<'a>(
        runs: impl IntoIterator<Item = Run<'a>>,
        metric: &str,
        direction: Direction,
    ) -> Self {
        let mut found = Self::default();
        for best in leaderboard(runs, metric, direction) {
            let Some(value) = best.value.filter(|value| value.is_finite()) else {
                continue;
            };
            let (model, dataset) = (best.run.model(), best.run.dataset());
            let held = found.any.entry(dataset.to_owned()).or_insert(value);
            if direction.better(value, *held) {
                *held = value;
            }
            found
                .exact
                .insert((model.to_owned(), dataset.to_owned()), value);
        }
        found
    }

    /// The value a model on a data set is measured against: that of the same model, else the best
    /// of any on that data set.
    pub fn value(&self, model: &str, dataset: &str) -> Option<f64> {
        let exact = self.exact.get(&(model.to_owned(), dataset.to_owned()));
        exact.or_else(|| self.any.get(dataset)).copied()
    }
}

/// What all runs of a model on a data set came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// Best value.
    pub best: f64,
    /// Batch of the best value.
    pub batch_id: String,
    /// Mean over the runs.
    pub mean: f64,
    /// Standard deviation of a sample; `None` for a single run.
    pub spread: Option<f64>,
    /// Runs with a finite value.
    pub runs: usize,
}

/// Models by data sets.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    /// Models, sorted.
    pub rows: Vec<String>,
    /// Data sets, sorted.
    pub cols: Vec<String>,
    /// A cell per row and column.
    pub cells: Vec<Vec<Option<Cell>>>,
    /// Per column the row of the best mean, and whether its lead is larger than the spread.
    pub marks: Vec<Option<(usize, bool)>>,
}

/// The matrix of `metric`; runs without model or data set are left out.
pub fn matrix<'a>(
    runs: impl IntoIterator<Item = Run<'a>>,
    metric: &str,
    direction: Direction,
) -> Matrix {
    let (mut rows, mut cols) = (BTreeSet::new(), BTreeSet::new());
    let mut values: BTreeMap<(&str, &str), Vec<(f64, &str)>> = BTreeMap::new();
    for run in runs
        .into_iter()
        .filter(|r| !r.model().is_empty() && !r.dataset().is_empty())
    {
        rows.insert(run.model());
        cols.insert(run.dataset());
        if let Some(value) = run.value(metric).filter(|v| v.is_finite()) {
            let of_cell = values.entry((run.model(), run.dataset())).or_default();
            of_cell.push((value, &run.batch.id));
        }
    }
    let cell = |row: &&str, col: &&str| Some(summed(values.get(&(*row, *col))?, direction));
    let cells: Vec<Vec<Option<Cell>>> = rows
        .iter()
        .map(|row| cols.iter().map(|col| cell(row, col)).collect())
        .collect();
    let column = |i: usize| cells.iter().map(move |row| row[i].as_ref());
    let marks = (0..cols.len())
        .map(|i| mark(column(i), direction))
        .collect();
    Matrix {
        rows: rows.into_iter().map(str::to_owned).collect(),
        cols: cols.into_iter().map(str::to_owned).collect(),
        cells,
        marks,
    }
}

fn summed(values: &[(f64, &str)], direction: Direction) -> Cell {
    let runs = values.len();
    let mean = values.iter().map(|(value, _)| value).sum::<f64>() / runs as f64;
    let squares: f64 = values.iter().map(|(value, _)| (value - mean).powi(2)).sum();
    let mut best = values[0];
    for value in values {
        if direction.better(value.0, best.0) {
            best = *value;
        }
    }
    Cell {
        best: best.0,
        batch_id: best.1.to_owned(),
        mean,
        spread: (runs > 1).then(|| (squares / (runs - 1) as f64).sqrt()),
        runs,
    }
}

/// The best mean of a column. Its lead is solid when it is larger than the spreads of both.
fn mark<'a>(
    column: impl Iterator<Item = Option<&'a Cell>>,
    direction: Direction,
) -> Option<(usize, bool)> {
    let mut ranked: Vec<(usize, &Cell)> = column
        .enumerate()
        .filter_map(|(i, cell)| Some((i, cell?)))
        .collect();
    ranked.sort_by(|(_, a), (_, b)| match direction {
        Direction::Minimize => a.mean.total_cmp(&b.mean),
        Direction::Maximize => b.mean.total_cmp(&a.mean),
    });
    let (row, first) = ranked.first()?;
    let solid = ranked.get(1).is_none_or(|(_, second)| {
        let spread = first.spread.unwrap_or(0.0) + second.spread.unwrap_or(0.0);
        (first.mean - second.mean).abs() > spread
    });
    Some((*row, solid))
}

/// The metric a project's cards show: MSE when any done run has it, else the one most have.
pub fn card_metric<'a>(runs: &[Run<'a>]) -> Option<&'a str> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let done = runs
        .iter()
        .filter(|run| status::job_is_done(&run.job.status));
    for (name, json) in done.filter_map(|run| run.job.metrics.as_ref()).flatten() {
        if metric::number(json).is_some_and(f64::is_finite) {
            *counts.entry(name).or_default() += 1;
        }
    }
    if let Some((name, _)) = counts.get_key_value("MSE") {
        return Some(name);
    }
    counts
        .into_iter()
        .max_by_key(|(name, count)| (*count, std::cmp::Reverse(*name)))
        .map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::JsonFields;
    use crate::testing;
    use proptest::prelude::*;

    fn job(model: &str, metric: &str, value: f64) -> Job {
        let mut job = testing::job("b", "j");
        job.model = Some(model.into());
        job.dataset = Some("d".into());
        job.status = "done".into();
        job.metrics = Some(JsonFields::from([(metric.to_owned(), value.to_string())]));
        job
    }

    #[test]
    fn a_lead_within_the_spread_is_not_solid() {
        let batch = testing::batch("b");
        let jobs = [
            job("a", "R2", 0.9),
            job("a", "R2", 0.7),
            job("c", "R2", 0.75),
            job("c", "R2", 0.77),
        ];
        let runs = jobs.iter().map(|job| Run { batch: &batch, job });
        let table = matrix(runs, "R2", Direction::Maximize);
        assert_eq!(
            (table.rows.as_slice(), table.marks.as_slice()),
            (
                &["a".to_owned(), "c".to_owned()][..],
                &[Some((0, false))][..]
            )
        );
        let cell = table.cells[0][0].as_ref().expect("filled");
        assert_eq!((cell.best, cell.runs), (0.9, 2));
        let far = [job("a", "R2", 0.9), job("c", "R2", 0.1)];
        let runs = far.iter().map(|job| Run { batch: &batch, job });
        assert_eq!(
            matrix(runs, "R2", Direction::Maximize).marks,
            [Some((0, true))]
        );
    }

    #[test]
    fn cards_show_what_most_have() {
        let batch = testing::batch("b");
        let mut jobs = vec![
            job("a", "F1", 0.9),
            job("b", "F1", 0.7),
            job("c", "AUC", 0.8),
        ];
        let metric = |jobs: &[Job]| {
            let runs: Vec<Run> = jobs.iter().map(|job| Run { batch: &batch, job }).collect();
            card_metric(&runs).map(str::to_owned)
        };
        assert_eq!(metric(&jobs).as_deref(), Some("F1"));
        jobs.push(job("d", "MSE", 0.1));
        assert_eq!(metric(&jobs).as_deref(), Some("MSE"));
        assert_eq!(metric(&[]), None);
    }

    proptest! {
        #[test]
        fn the_winner_is_the_best_whatever_the_order(values in prop::collection::vec(-1e6f64..1e6, 1..20), up in any::<bool>()) {
            let direction = if up { Direction::Maximize } else { Direction::Minimize };
            let batch = testing::batch("b");
            let jobs: Vec<Job> = values.iter().map(|v| job("a", "m", *v)).collect();
            let rows = leaderboard(jobs.iter().map(|job| Run { batch: &batch, job }), "m", direction);
            let best = values.iter().copied().reduce(|a, b| if up { a.max(b) } else { a.min(b) });
            prop_assert_eq!(rows.len(), 1);
            prop_assert_eq!(rows[0].value, best);
        }
    }
}

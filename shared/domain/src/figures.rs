//! What the batches of one name come to.

use crate::batch::Batch;
use crate::eta;
use crate::job::Job;
use crate::leaderboard::{Run, card_metric, leaderboard};
use crate::metric::Direction;
use crate::project::{self, Project, Visibility};
use crate::status;
use crate::time::Timestamp;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};

/// Models named as the best.
const TOP: usize = 3;
/// Days of the small histogram.
const DAYS: usize = 7;
/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// A batch with its live jobs.
pub type Part<'a> = (&'a Batch, &'a [Job]);

/// The live jobs of some batches, in the same order.
pub fn runs<'a>(parts: impl IntoIterator<Item = Part<'a>>) -> impl Iterator<Item = Run<'a>> {
    parts
        .into_iter()
        .flat_map(|(batch, jobs)| jobs.iter().map(move |job| Run { batch, job }))
}

/// Sorts batches into projects, by name; those of `settings` are there even when empty.
pub fn by_name<'a>(
    parts: impl IntoIterator<Item = Part<'a>>,
    settings: &'a [Project],
) -> Vec<Figures<'a>> {
    let mut by_name: BTreeMap<&str, Figures<'a>> = BTreeMap::new();
    for settings in settings {
        let mut empty = Figures::named(&settings.slug);
        empty.settings = Some(settings);
        by_name.insert(&settings.slug, empty);
    }
    for part in parts {
        let name = &part.0.project;
        let found = by_name.entry(name).or_insert_with(|| Figures::named(name));
        found.parts.push(part);
    }
    by_name.into_values().collect()
}

/// The order people look at projects in: starred, then by batches at work, then by recency.
pub fn rank(projects: &mut [Figures<'_>], starred: &HashSet<String>) {
    projects.sort_by_cached_key(|project| {
        let first = (
            starred.contains(project.name),
            project.running(),
            project.last_event_at(),
        );
        (Reverse(first), project.name.to_owned())
    });
}

/// `value` with so many decimals.
pub fn rounded(value: f64, decimals: i32) -> f64 {
    let scale = 10f64.powi(decimals);
    (value * scale).round() / scale
}

/// A project as somebody sees it: the batches of its name they may read.
#[derive(Clone, Debug)]
pub struct Figures<'a> {
    /// Name.
    pub name: &'a str,
    /// Settings, as far as there are any.
    pub settings: Option<&'a Project>,
    /// Its batches.
    pub parts: Vec<Part<'a>>,
}

/// A model with its best result.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TopModel<'a> {
    /// Model.
    pub model: Option<&'a str>,
    /// Data set.
    pub dataset: Option<&'a str>,
    /// Metric.
    pub metric: &'a str,
    /// Its value.
    pub value: f64,
}

impl<'a> Figures<'a> {
    fn named(name: &'a str) -> Self {
        Self {
            name,
            settings: None,
            parts: vec![],
        }
    }

    /// What people read.
    pub fn title(&self) -> &'a str {
        self.settings.map_or(self.name, |settings| &settings.name)
    }

    /// Who may look.
    pub fn visibility(&self) -> Visibility {
        self.settings
            .map_or(Visibility::Private, |settings| settings.visibility)
    }

    fn batches(&self) -> impl Iterator<Item = &'a Batch> {
        self.parts.iter().map(|(batch, _)| *batch)
    }

    /// Its live jobs.
    pub fn runs(&self) -> impl Iterator<Item = Run<'a>> {
        runs(self.parts.iter().copied())
    }

    /// Jobs done and failed.
    pub fn counts(&self) -> (i64, i64) {
        self.batches().fold((0, 0), |(done, failed), batch| {
            (done + batch.n_done, failed + batch.n_failed)
        })
    }

    /// Batches at work.
    pub fn running(&self) -> usize {
        let running = self.batches().filter(|batch| batch.status.blocks_delete());
        running.count()
    }

    /// Server time of the newest event.
    pub fn last_event_at(&self) -> Option<Timestamp> {
        self.batches().map(|batch| batch.last_event_at).max()
    }

    /// Failed of all that ended, four decimals; `None` when none did.
    pub fn failure_rate(&self) -> Option<f64> {
        let (done, failed) = self.counts();
        let ended = done + failed;
        (ended > 0).then(|| rounded(failed as f64 / ended as f64, 4))
    }

    /// Hours of all jobs, three decimals.
    pub fn gpu_hours(&self) -> f64 {
        let seconds: i64 = self.runs().filter_map(|run| run.job.elapsed_s).sum();
        rounded(seconds as f64 / 3600.0, 3)
    }

    /// Seconds until the last planned job of its batches at work is done; `None` when none is at
    /// work or none of them can tell.
    pub fn eta_seconds(&self) -> Option<i64> {
        let planned = |batch: &Batch| batch.n_total.is_some_and(|n| n > 0);
        let at_work = self.parts.iter();
        at_work
            .filter(|(batch, _)| batch.status.is_active() && planned(batch))
            .filter_map(|(batch, jobs)| eta::of_batch(batch, jobs).seconds)
            .max()
    }

    /// The models with the best results, best first.
    pub fn top_models(&self) -> Vec<TopModel<'a>> {
        let done = self
            .runs()
            .filter(|run| status::job_is_done(&run.job.status));
        let done: Vec<Run<'a>> = done.collect();
        let primary = self.settings.and_then(|s| s.primary_metric.as_deref());
        let Some(metric) = primary.or(card_metric(&done)) else {
            return vec![];
        };
        let direction = project::direction(self.settings, metric);
        let rows = leaderboard(done, metric, direction).into_iter();
        let valued =
            rows.filter_map(|best| Some((best.value.filter(|v| v.is_finite())?, best.run)));
        let mut valued: Vec<(f64, Run<'a>)> = valued.collect();
        valued.sort_by(|(a, _), (b, _)| match direction {
            Direction::Minimize => a.total_cmp(b),
            Direction::Maximize => b.total_cmp(a),
        });
        let top = valued.into_iter().take(TOP).map(|(value, run)| TopModel {
            model: run.job.model.as_deref(),
            dataset: run.job.dataset.as_deref(),
            metric,
            value,
        });
        top.collect()
    }

    /// Batches started per UTC day of the last seven, today last.
    pub fn volume(&self, now: Timestamp) -> Vec<usize> {
        let today = now.0.div_euclid(DAY_MS);
        let mut days = vec![0; DAYS];
        for batch in self.batches() {
            let age = today - batch.start_time.at.0.div_euclid(DAY_MS);
            if let Ok(age) = usize::try_from(age)
                && age < DAYS
            {
                days[DAYS - 1 - age] += 1;
            }
        }
        days
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status::BatchStatus;
    use crate::testing::{START, batch};

    #[test]
    fn projects_are_ranked_by_stars_work_and_recency() {
        let mut batches = Vec::new();
        for (project, status, seen) in [
            ("old", BatchStatus::Done, 1),
            ("new", BatchStatus::Done, 2),
            ("busy", BatchStatus::Running, 0),
            ("liked", BatchStatus::Done, 0),
            ("also new", BatchStatus::Done, 2),
        ] {
            let mut batch = batch(project);
            batch.project = project.into();
            batch.status = status;
            batch.last_event_at = START.plus_secs(seen);
            batches.push(batch);
        }
        let mut projects = by_name(batches.iter().map(|batch| (batch, &[][..])), &[]);
        rank(&mut projects, &HashSet::from(["liked".to_owned()]));
        let names: Vec<&str> = projects.iter().map(|project| project.name).collect();
        assert_eq!(names, ["liked", "busy", "also new", "new", "old"]);
        assert_eq!(
            projects[0].volume(START.plus_secs(86_400)),
            [0, 0, 0, 0, 0, 1, 0]
        );
        assert_eq!(projects[0].eta_seconds(), None);
    }
}

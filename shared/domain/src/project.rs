//! A project: what its batches have in common, and who takes part.

use crate::access::Role;
use crate::account::UserId;
use crate::guardrail::Overrides;
use crate::limits::{METRIC_CHARS, SLUG_CHARS};
use crate::metric::Direction;
use crate::notice::NoticeKind;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Who may look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// Members.
    #[default]
    Private,
    /// Everybody, logged in or not.
    Public,
}

impl Visibility {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Public => "public",
        }
    }
}

/// Settings of a project. Members lie beside it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Project {
    /// What scripts send as `source_project`; never changes.
    pub slug: String,
    /// What people read.
    pub name: String,
    /// A few sentences.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Who may look.
    #[serde(default)]
    pub visibility: Visibility,
    /// Since when it is public.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published_at: Option<Timestamp>,
    /// Who opened it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published_by: Option<UserId>,
    /// The metric its tables and cards start with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary_metric: Option<String>,
    /// Directions that differ from the usual ones, by metric.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub directions: BTreeMap<String, Direction>,
    /// The batch others are measured against.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<String>,
    /// From when on its runs count as wrong, where that differs.
    #[serde(default, skip_serializing_if = "Overrides::is_nothing")]
    pub guardrails: Overrides,
    /// Its editors may have the batches of others run again, on those others' machines.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub editors_may_rerun: bool,
    /// Who made it, by hand or by the first report.
    pub created_by: UserId,
    /// When.
    pub created_at: Timestamp,
}

impl Project {
    /// A project as the first report of `owner` makes it.
    pub fn new(slug: &str, owner: UserId, now: Timestamp) -> Self {
        Self {
            slug: slug.to_owned(),
            name: slug.to_owned(),
            description: None,
            visibility: Visibility::Private,
            published_at: None,
            published_by: None,
            primary_metric: None,
            directions: BTreeMap::new(),
            baseline: None,
            guardrails: Overrides::default(),
            editors_may_rerun: false,
            created_by: owner,
            created_at: now,
        }
    }

    /// Which way `metric` gets better here; names match regardless of case.
    pub fn direction(&self, metric: &str) -> Direction {
        let mut set = self.directions.iter();
        set.find(|(name, _)| name.eq_ignore_ascii_case(metric))
            .map_or_else(|| Direction::of(metric), |(_, direction)| *direction)
    }

    /// Opens or closes it, by the wish of `by`; it stays published since the first of repeated
    /// wishes, and by whom that was.
    pub fn show_to(&mut self, visibility: Visibility, by: UserId, now: Timestamp) {
        (self.published_at, self.published_by) = match (visibility, self.published_at) {
            (Visibility::Private, _) => (None, None),
            (Visibility::Public, None) => (Some(now), Some(by)),
            (Visibility::Public, Some(at)) => (Some(at), self.published_by),
        };
        self.visibility = visibility;
    }
}

/// Which way `metric` gets better in a project, or under a name without settings.
pub fn direction(settings: Option<&Project>, metric: &str) -> Direction {
    settings.map_or_else(|| Direction::of(metric), |s| s.direction(metric))
}

/// An address that is told what happens in a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    /// Row id.
    pub id: u64,
    /// Address, lower-case.
    pub email: String,
    /// Kinds of events it is told.
    pub event_kinds: Vec<NoticeKind>,
    /// Whether it is told at all.
    pub enabled: bool,
    /// Who entered it.
    pub added_by: UserId,
    /// When.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// The project of sample data that an installation may show to visitors.
pub const DEMO: &str = "__demo_forecast__";

/// Whether a project is the one of sample data. It is nobody's: only visitors without an account
/// read it, nothing watches it, and no figure of people counts it.
pub fn is_demo(slug: &str) -> bool {
    slug == DEMO
}

/// Names the routes below `/api/projects` keep for themselves.
const RESERVED: &[&str] = &["shares"];

/// Why a name cannot be chosen by hand; reports may use any.
pub fn check_slug(slug: &str) -> Result<(), &'static str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if slug.chars().count() > SLUG_CHARS {
        return Err("at most 128 characters");
    }
    if !slug.starts_with(|c: char| c.is_ascii_alphanumeric()) || !slug.chars().all(plain) {
        return Err("letters, digits, - _ . only, beginning with a letter or digit");
    }
    if RESERVED.contains(&slug) {
        return Err("this name is reserved");
    }
    Ok(())
}

/// Whether `name` can be a metric's.
pub fn is_metric_name(name: &str) -> bool {
    !name.trim().is_empty() && name.chars().count() <= METRIC_CHARS
}

/// Whether a project would still have an owner after `user` became `role` (`None`: left).
pub fn keeps_an_owner(
    members: impl IntoIterator<Item = (UserId, Role)>,
    user: UserId,
    role: Option<Role>,
) -> bool {
    let mut others = members.into_iter().filter(|(member, _)| *member != user);
    role == Some(Role::Owner) || others.any(|(_, role)| role == Role::Owner)
}

/// How far `value` is from `baseline`, in percent of the baseline's size, two decimals.
pub fn difference_pct(value: f64, baseline: f64) -> Option<f64> {
    let pct = 100.0 * (value - baseline) / baseline.abs();
    pct.is_finite().then(|| (pct * 100.0).round() / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directions_set_by_hand_win_regardless_of_case() {
        let mut project = Project::new("p", 1, Timestamp(0));
        assert_eq!(project.direction("reward"), Direction::Maximize);
        project
            .directions
            .insert("Reward".into(), Direction::Minimize);
        assert_eq!(project.direction("reward"), Direction::Minimize);
        assert_eq!(project.direction("MSE"), Direction::Minimize);
    }

    #[test]
    fn names_chosen_by_hand_fit_a_url() {
        assert!(check_slug("my-bench_2.0").is_ok());
        for bad in [
            DEMO,
            "",
            "-x",
            "a b",
            "a/b",
            "ä",
            "shares",
            &"x".repeat(129),
        ] {
            assert!(check_slug(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn publishing_again_keeps_the_date() {
        let mut project = Project::new("p", 1, Timestamp(0));
        project.show_to(Visibility::Public, 1, Timestamp(5));
        project.show_to(Visibility::Public, 2, Timestamp(9));
        assert_eq!(project.published_at, Some(Timestamp(5)));
        assert_eq!(project.published_by, Some(1));
        project.show_to(Visibility::Private, 2, Timestamp(9));
        assert_eq!((project.published_at, project.published_by), (None, None));
    }

    #[test]
    fn the_last_owner_stays() {
        let members = [(1, Role::Owner), (2, Role::Editor)];
        assert!(!keeps_an_owner(members, 1, None));
        assert!(!keeps_an_owner(members, 1, Some(Role::Viewer)));
        assert!(keeps_an_owner(members, 2, None));
    }

    #[test]
    fn differences_are_relative_to_the_size_of_the_baseline() {
        assert_eq!(difference_pct(0.9, 1.0), Some(-10.0));
        assert_eq!(difference_pct(-0.5, -1.0), Some(50.0));
        assert_eq!(difference_pct(1.0, 0.0), None);
    }
}

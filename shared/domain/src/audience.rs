//! Who is told of something, by which way and when. One model for the wishes people have for
//! everything, for one project and for one batch.
//!
//! The web UI shows an event to everybody it concerns. Mails follow wishes: the first of a batch's
//! override, a row for the project, a row for everything and the built-in default decides. What
//! would come too soon after the last mail of its kind, or in quiet hours, waits and comes
//! together; nothing is dropped.

use crate::account::UserId;
use crate::channel::{QuietHours, minute_of_day, minute_text};
use crate::notice::{Notice, NoticeKind};
use crate::project::Recipient;
use crate::time::Timestamp;
use jiff::ToSpan;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Least time between two mails of one kind to one person, seconds.
pub const MAIL_PAUSE_SECS: i64 = 300;
/// Notices one mail tells in full; more of them are only counted.
pub const NOTICES_PER_MAIL: usize = 50;
/// Bytes of notices that are collected at most; they lie in one item.
const COLLECTED_BYTES: usize = 200_000;

/// A wish for one kind of event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// Project it is for; `None`: all of them.
    pub project: Option<String>,
    /// Kind.
    pub kind: NoticeKind,
    /// Mails are wanted.
    pub enabled: bool,
}

/// One mail a day in the place of many.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DailyDigest {
    /// Minute of the day.
    pub minute: u16,
    /// Time zone, `Asia/Shanghai`.
    pub zone: String,
}

/// What a person wants to be mailed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wishes {
    /// Rows by project and kind, each pair at most once.
    #[serde(default)]
    pub rows: Vec<Subscription>,
    /// One mail a day.
    #[serde(default)]
    pub digest: Option<DailyDigest>,
    /// Hours without mails.
    #[serde(default)]
    pub quiet: Option<QuietHours>,
}

/// What a person wants to be mailed of one batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchWish {
    /// Kinds that are mailed; all others are not.
    pub kinds: Vec<NoticeKind>,
    /// Ignored while false.
    pub enabled: bool,
}

/// Whether a kind is mailed to people who never said anything.
pub fn default_wish(kind: NoticeKind) -> bool {
    !matches!(
        kind,
        NoticeKind::JobIdleFlagged | NoticeKind::BatchRecovered
    )
}

impl Wishes {
    /// Whether mails of a kind are wanted, for a project or for everything.
    pub fn wants(&self, kind: NoticeKind, project: Option<&str>) -> bool {
        let row = |project: Option<&str>| {
            let fits = |row: &&Subscription| row.kind == kind && row.project.as_deref() == project;
            self.rows.iter().find(fits).map(|row| row.enabled)
        };
        project
            .and_then(|project| row(Some(project)))
            .or_else(|| row(None))
            .unwrap_or_else(|| default_wish(kind))
    }

    /// Whether somebody who only watches a project asked to be told of a kind in it.
    pub fn follows(&self, kind: NoticeKind, project: &str) -> bool {
        let asks = |row: &Subscription| row.kind == kind && row.project.as_deref() == Some(project);
        self.rows.iter().any(|row| row.enabled && asks(row))
    }

    /// Ends all mails of a kind, those of single projects too.
    pub fn end(&mut self, kind: NoticeKind) {
        for row in self.rows.iter_mut().filter(|row| row.kind == kind) {
            row.enabled = false;
        }
        self.set(Subscription {
            project: None,
            kind,
            enabled: false,
        });
    }

    /// Adds a row, or changes the one for the same project and kind.
    pub fn set(&mut self, wish: Subscription) {
        let same = |row: &&mut Subscription| row.project == wish.project && row.kind == wish.kind;
        match self.rows.iter_mut().find(same) {
            Some(row) => row.enabled = wish.enabled,
            None => self.rows.push(wish),
        }
    }
}

/// Somebody an event concerns: the owner, or one it was shared with.
#[derive(Clone, Debug)]
pub struct Person {
    /// Who.
    pub user: UserId,
    /// Lower-cased address.
    pub email: String,
    /// False while banned: is told nothing.
    pub is_active: bool,
    /// Wishes for everything and for projects.
    pub wishes: Wishes,
    /// Wish for the batch at hand.
    pub batch: Option<BatchWish>,
}

/// Who is told, in order, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audience {
    /// Who sees it in the web UI.
    pub shown: Vec<UserId>,
    /// Whom it is mailed to.
    pub mailed: Vec<UserId>,
    /// Recipients it is mailed to, by id.
    pub recipients: Vec<u64>,
}

/// Whether a person wants a notice mailed.
pub fn is_mailed(person: &Person, notice: &Notice) -> bool {
    let own = person.batch.as_ref().filter(|wish| wish.enabled);
    match own.filter(|_| notice.batch_id.is_some()) {
        Some(wish) => wish.kinds.contains(&notice.kind),
        None => {
            let project = Some(notice.project.as_str()).filter(|name| !name.is_empty());
            person.wishes.wants(notice.kind, project)
        }
    }
}

/// Who is told of a notice: `people` it concerns, the owner first, then a project's `recipients`.
/// An address that has it by one way does not get it by another.
pub fn audience(notice: &Notice, people: &[Person], recipients: &[Recipient]) -> Audience {
    let mut audience = Audience::default();
    let mut addresses: BTreeSet<&str> = BTreeSet::new();
    for person in people.iter().filter(|person| person.is_active) {
        if audience.shown.contains(&person.user) {
            continue;
        }
        audience.shown.push(person.user);
        if is_mailed(person, notice) && addresses.insert(&person.email) {
            audience.mailed.push(person.user);
        }
    }
    for recipient in recipients {
        let wants = recipient.enabled && recipient.event_kinds.contains(&notice.kind);
        if wants && addresses.insert(&recipient.email) {
            audience.recipients.push(recipient.id);
        }
    }
    audience
}

/// Which mail a notice goes into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Collected {
    /// The next one of its kind.
    Kind,
    /// The next digest.
    Digest,
}

/// Into which mail a wanted notice goes, and when that leaves; `last` is when the last one of the
/// same collection left.
pub fn mail_due(
    wishes: &Wishes,
    last: Option<Timestamp>,
    now: Timestamp,
) -> (Collected, Timestamp) {
    if let Some(at) = wishes.digest.as_ref().and_then(|digest| digest.next(now)) {
        return (Collected::Digest, at);
    }
    let free = last.map_or(now, |last| last.plus_secs(MAIL_PAUSE_SECS).max(now));
    let quiet_until = wishes.quiet.as_ref().and_then(|quiet| quiet.ends(free));
    (Collected::Kind, quiet_until.unwrap_or(free))
}

impl DailyDigest {
    /// Reads `09:00` and a zone's name; `None` when one of them is none.
    pub fn parse(at: &str, zone: &str) -> Option<Self> {
        let minute = minute_of_day(at)?;
        TimeZone::get(zone).ok()?;
        let zone = zone.to_owned();
        Some(Self { minute, zone })
    }

    /// The time as `09:00`.
    pub fn text(&self) -> String {
        minute_text(self.minute)
    }

    /// The first instant after `now` at which the clock shows the minute; `None` when the zone is
    /// not known.
    pub fn next(&self, now: Timestamp) -> Option<Timestamp> {
        let zone = TimeZone::get(&self.zone).ok()?;
        let (hour, minute) = (self.minute / 60, self.minute % 60);
        let (hour, minute) = (i8::try_from(hour).ok()?, i8::try_from(minute).ok()?);
        let local = jiff::Timestamp::from_millisecond(now.0)
            .ok()?
            .to_zoned(zone.clone());
        let at = |day: jiff::civil::Date| {
            let civil = jiff::civil::Time::new(hour, minute, 0, 0).ok()?.on(
                day.year(),
                day.month(),
                day.day(),
            );
            let instant = civil.to_zoned(zone.clone()).ok()?.timestamp();
            Some(Timestamp(instant.as_millisecond()))
        };
        let today = at(local.date())?;
        if today > now {
            return Some(today);
        }
        at(local.date().checked_add(1.day()).ok()?)
    }
}

/// What the next mail of a collection will tell one person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// When the last one left.
    #[serde(default)]
    pub last: Option<Timestamp>,
    /// When the next one leaves, once there is something to tell.
    #[serde(default)]
    pub due: Option<Timestamp>,
    /// What it tells, oldest first.
    #[serde(default)]
    pub notices: Vec<Notice>,
    /// How many more there were than it can tell.
    #[serde(default)]
    pub more: u32,
}

/// Bytes of a notice as it is stored, or more.
fn weight(notice: &Notice) -> usize {
    let words = notice.words.iter();
    let words: usize = words
        .map(|(key, text)| key.len() + 2 * text.len() + 8)
        .sum();
    let batch = notice.batch_id.as_ref().map_or(0, String::len);
    words + 2 * (batch + notice.project.len()) + 200
}

impl Pending {
    /// Takes a notice in. `Some`: a mail has to be queued for then; otherwise one is already.
    pub fn collect(&mut self, notice: Notice, due: Timestamp) -> Option<Timestamp> {
        let bytes: usize = self.notices.iter().map(weight).sum();
        let fits = bytes + weight(&notice) <= COLLECTED_BYTES;
        match fits && self.notices.len() < NOTICES_PER_MAIL {
            true => self.notices.push(notice),
            false => self.more = self.more.saturating_add(1),
        }
        if self.due.is_some() {
            return None;
        }
        self.due = Some(due);
        self.due
    }

    /// A mail left that told the first `told` notices and the `more` it knew of. `Some`: others
    /// came meanwhile, and the next mail has to be queued for then.
    pub fn sent(&mut self, told: usize, more: u32, now: Timestamp) -> Option<Timestamp> {
        self.notices.drain(..told.min(self.notices.len()));
        self.more = self.more.saturating_sub(more);
        self.last = Some(now);
        let is_empty = self.notices.is_empty() && self.more == 0;
        self.due = (!is_empty).then(|| now.plus_secs(MAIL_PAUSE_SECS));
        self.due
    }
}

#[cfg(test)]
#[path = "audience_tests.rs"]
mod tests;

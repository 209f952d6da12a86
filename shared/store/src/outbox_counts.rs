//! How many messages left and how many were given up, in steps of five minutes.

use crate::Store;
use crate::error::StoreError;
use crate::item::number;
use crate::keys;
use crate::table::Write;
use domain::time::Timestamp;

/// Length of a step.
const STEP_SECS: i64 = 300;
/// How long counters are kept.
const KEPT_SECS: i64 = 400 * 86_400;
/// Steps of a day.
const STEPS: usize = 288;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Count {
    /// A message left.
    Sent,
    /// A message was given up.
    Failed,
}

/// Messages of a span of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutboxCounts {
    /// Messages that left.
    pub sent: u64,
    /// Messages that were given up.
    pub failed: u64,
}

/// Day and minute of the step an instant lies in.
fn step(at: Timestamp) -> (String, String) {
    let begin = Timestamp(at.secs().div_euclid(STEP_SECS) * STEP_SECS * 1000).to_text();
    let part = |range: std::ops::Range<usize>| begin.get(range).unwrap_or_default().to_owned();
    (part(0..10), part(11..16))
}

/// Raises a counter; goes into the transaction of what is counted.
pub(crate) fn count_write(count: Count, now: Timestamp) -> Write {
    let (day, minute) = step(now);
    let name = match count {
        Count::Sent => "sent",
        Count::Failed => "failed",
    };
    let ends = now.plus_secs(KEPT_SECS).secs();
    Write::Count(keys::outbox_count(&day, &minute), name, ends)
}

impl Store {
    /// Messages of the day of `at`, from the step `from` on.
    async fn counts_of_day(&self, at: Timestamp, from: &str) -> Result<OutboxCounts, StoreError> {
        let (day, _) = step(at);
        let steps = self.table.partition(&keys::outbox_counts(&day));
        let mut sum = OutboxCounts::default();
        for item in steps.at_least(from).take(STEPS).await? {
            sum.sent += number(&item, "sent").unwrap_or(0);
            sum.failed += number(&item, "failed").unwrap_or(0);
        }
        Ok(sum)
    }

    /// Messages of the day (UTC) of `at`.
    pub async fn outbox_counts_of_day(&self, at: Timestamp) -> Result<OutboxCounts, StoreError> {
        self.counts_of_day(at, "00:00").await
    }

    /// Messages of the hour before `now`, to five minutes.
    pub async fn outbox_counts_of_hour(&self, now: Timestamp) -> Result<OutboxCounts, StoreError> {
        let begin = now.plus_secs(-3600);
        let (first_day, minute) = step(begin);
        let mut sum = self.counts_of_day(begin, &minute).await?;
        if step(now).0 != first_day {
            let rest = self.outbox_counts_of_day(now).await?;
            sum.sent += rest.sent;
            sum.failed += rest.failed;
        }
        Ok(sum)
    }

    /// Messages that wait, counted up to `most`.
    pub async fn outbox_depth(&self, most: usize) -> Result<usize, StoreError> {
        Ok(self.table.partition(keys::OUTBOX).take(most).await?.len())
    }

    /// Messages that were given up, counted up to `most`.
    pub async fn dead_letter_depth(&self, most: usize) -> Result<usize, StoreError> {
        let range = self.table.partition(keys::DEAD_LETTERS);
        Ok(range.take(most).await?.len())
    }
}

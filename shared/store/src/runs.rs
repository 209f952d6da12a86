//! What scheduled functions did last, one row each.

use crate::Store;
use crate::error::StoreError;
use crate::item::{decode, encode};
use crate::keys;
use crate::table::{Expect, Write};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most scheduled functions.
const MOST: usize = 100;

/// The last run of a scheduled function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Which function, `cron-mailer`.
    pub name: String,
    /// When it ended.
    pub at: Timestamp,
    /// What it did: counts by name.
    pub report: BTreeMap<String, u64>,
    /// Where the next one goes on, for a run that came to the end of its time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// How long it took, milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elapsed_ms: Option<u64>,
    /// What went wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl Store {
    /// Notes the last run of a function; the one before is forgotten.
    pub async fn note_run(
        &self,
        name: &str,
        report: &[(&str, usize)],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.note_run_until(name, report, None, now).await
    }

    /// As [`Store::note_run`], for a function that goes on at `cursor` the next time.
    pub async fn note_run_until(
        &self,
        name: &str,
        report: &[(&str, usize)],
        cursor: Option<String>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let count = |(name, count): &(&str, usize)| ((*name).to_owned(), *count as u64);
        let run = Run {
            name: name.to_owned(),
            at: now,
            report: report.iter().map(count).collect(),
            cursor,
            elapsed_ms: None,
            error: None,
        };
        self.save_run(&run).await
    }

    /// As [`Store::note_run`], with everything there is to say.
    pub async fn save_run(&self, run: &Run) -> Result<(), StoreError> {
        let item = encode(&keys::run(&run.name), 1, run)?;
        self.table.write(Write::Put(item, Expect::Anything)).await
    }

    /// The last run of a function.
    pub async fn run(&self, name: &str) -> Result<Option<Run>, StoreError> {
        let item = self.table.get(&keys::run(name)).await?;
        let found = item.as_ref().map(decode).transpose()?;
        Ok(found.map(|found| found.value))
    }

    /// The last run of every function that ran.
    pub async fn runs(&self) -> Result<Vec<Run>, StoreError> {
        let items = self.table.partition(keys::RUNS).take(MOST).await?;
        let row = |item| decode(item).map(|found| found.value);
        items.iter().map(row).collect()
    }
}

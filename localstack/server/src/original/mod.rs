//! Moving in from the original Argus: its SQLite file becomes accounts, runs and settings here.
//!
//! Runs come in through the intake of live events, under the ids they had: what the original kept
//! as events is told again, and what it remembers only as rows (its events are purged after some
//! weeks) is told from the rows. So nothing can be stored that a reporter could not have sent, and
//! an import that broke off is repeated. At the end everything is counted again on both sides.
//!
//! Reading order: [`rows`] (the file), [`people`], [`retold`] (rows to events), [`recount`].

mod people;
mod recount;
mod retold;
mod rows;

use crate::bar::Bar;
use api_ingest::{Intake, Posted, Verdict, deliver};
use domain::access::Actor;
use people::People;
use recount::recount;
use retold::{Run, runs};
use rows::Original;
use runtime::config::ConfigError;
use runtime::vars::Source;
use runtime::{Clock, Config, Services};
use std::fmt;
use std::path::{Path, PathBuf};
use store::{Store, StoreError, schema};

/// Events told together, as many as one request may carry.
const TOGETHER: usize = domain::limits::EVENTS_PER_BATCH;

/// Why nothing, or not everything, moved in.
#[derive(Debug, thiserror::Error)]
pub enum OriginalError {
    /// The file cannot be read.
    #[error("{0}: {1}")]
    File(PathBuf, rusqlite::Error),
    /// The file holds something else.
    #[error("{0} is no database of the original Argus: it has no table {1}")]
    Foreign(PathBuf, &'static str),
    /// A setting has no meaning.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Something is there already.
    #[error("there is data already; --force adds to it, and repeats an import that broke off")]
    NotEmpty,
    /// An account there and one here have a name or an address in common, but not both.
    #[error("user {0}: the name or the address belongs to another account here")]
    Taken(String),
    /// Storage.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Both sides were counted, and differ.
    #[error("counted again, and found to differ:\n  {}", .0.join("\n  "))]
    Differs(Vec<String>),
}

/// What moved in.
#[derive(Clone, Debug, Default)]
pub struct MovedIn {
    users: usize,
    batches: usize,
    jobs: usize,
    events: usize,
    settings: usize,
    notes: Vec<String>,
}

impl fmt::Display for MovedIn {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            users,
            batches,
            jobs,
            events,
            settings,
            notes,
        } = self;
        write!(
            out,
            "{users} users, {batches} batches, {jobs} jobs, {events} events, {settings} settings; counted again on both sides"
        )?;
        notes.iter().try_for_each(|note| write!(out, "\n  {note}"))
    }
}

/// Moves everything of the file `from` in.
///
/// # Errors
/// When the file is none of the original's, the place is not empty and not `force`d, or the counts
/// of both sides differ at the end.
pub async fn move_in(
    services: &Services,
    from: &Path,
    force: bool,
) -> Result<MovedIn, OriginalError> {
    let original = Original::open(from)?;
    schema::create_table(&services.store.table).await?;
    services.store.blobs.create_bucket().await?;
    if !force && !services.store.table.is_empty().await? {
        return Err(OriginalError::NotEmpty);
    }
    let people = People::move_in(&original, services).await?;
    let mut moved = MovedIn {
        users: people.len(),
        ..MovedIn::default()
    };
    (moved.settings, moved.notes) = people.settings(&original, services).await?;
    let runs = runs(&original, &people, &mut moved.notes)?;
    let intake = Intake::default();
    let total = runs.iter().map(|run| run.events.len() as u64).sum();
    let mut bar = Bar::new("import", total);
    for run in &runs {
        moved.events += tell(&intake, services, run, &mut bar, &mut moved.notes).await?;
        moved.batches += 1;
        moved.jobs += run.jobs.len();
    }
    drop(bar);
    recount(&services.store, &runs, services.clock.now()).await?;
    Ok(moved)
}

/// Services over a store nobody logs in to meanwhile, so that no key is needed. `alone`: no other
/// process uses it.
///
/// # Errors
/// A variable without meaning.
pub fn services_over(
    store: Store,
    alone: bool,
    variables: &Source<'_>,
) -> Result<Services, OriginalError> {
    let unused = "an import signs no session at all".to_owned();
    let mut config = Config::read(variables, Some(unused))?;
    config.base_url = "http://localhost".to_owned();
    config.exclusive = alone;
    Ok(Services::new(config, store, Clock::System))
}

/// Tells the events of a run; how many are stored now.
async fn tell(
    intake: &Intake,
    services: &Services,
    run: &Run,
    bar: &mut Bar,
    notes: &mut Vec<String>,
) -> Result<usize, OriginalError> {
    let actor = Actor {
        user_id: run.owner,
        is_admin: true,
    };
    let mut stored = 0;
    for events in run.events.chunks(TOGETHER) {
        bar.add(events.len() as u64);
        let mut posted = Vec::with_capacity(events.len());
        for event in events {
            match Posted::read(event.clone()) {
                Ok(event) => posted.push(event),
                Err(_) => notes.push(format!("{}: an event without shape: {event}", run.id)),
            }
        }
        let now = services.clock.now();
        let delivered = deliver(intake, services, actor, posted, now).await?;
        for verdict in delivered.verdicts {
            match verdict {
                Verdict::Rejected(reject) => {
                    notes.push(format!("{}: refused: {}", run.id, reject.code.as_str()));
                }
                _ => stored += 1,
            }
        }
    }
    Ok(stored)
}

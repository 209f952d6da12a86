//! One walk over the active batches.

use crate::act::{self, Act};
use crate::thresholds::Book;
use crate::{agents, failures, heartbeat, look};
use domain::guardrail::Thresholds;
use domain::guardrail::judge::judge;
use domain::project::is_demo;
use futures::{StreamExt, stream};
use reach::Client;
use runtime::settings::Guardrails;
use runtime::{Services, meter};
use store::batch_lists::ActiveBatch;
use store::pause::after_lost_race;
use store::watches::Watched;
use store::{Store, StoreError};
use tokio::time::Instant;

/// Name under which runs are noted.
pub const NAME: &str = "cron-guardrails";
/// Batches of one step of the walk.
const PAGE: usize = 100;
/// Batches looked at at the same time.
const AT_ONCE: usize = 8;
/// Rounds after lost races for a batch; what is still to be done then waits for the next walk.
const ROUNDS: u32 = 4;
/// Longest pause after the first such round, milliseconds.
const FIRST_PAUSE_MS: u64 = 10;

/// What is kept between walks.
pub struct Guard {
    client: Client,
}

impl Guard {
    /// A guard that reaches what the configuration allows.
    pub fn new(services: &Services) -> Self {
        Self {
            client: Client::within(services.config.channels_allow_private),
        }
    }
}

/// What a walk did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Batches looked at.
    pub looked: usize,
    /// Things found, or found to be over.
    pub found: usize,
    /// How many of them people are told of.
    pub told: usize,
    /// Batches that kept changing; the next walk looks again.
    pub lost: usize,
    /// Batches that could not be looked at.
    pub failed: usize,
    /// One when time was up before the end; the next walk goes on there.
    pub left: usize,
    /// Milliseconds it took.
    pub took_ms: usize,
}

impl Report {
    fn count(&mut self, outcome: Result<Looked, StoreError>, batch: &str) {
        self.looked += 1;
        match outcome {
            Ok(Looked::Done(act)) => {
                self.found += act.found;
                self.told += act.told;
            }
            Ok(Looked::Lost) => self.lost += 1,
            Err(error) => {
                self.failed += 1;
                tracing::warn!(batch.id = %batch, cause = %error, "a batch could not be looked at");
            }
        }
    }
}

/// What became of looking at a batch.
enum Looked {
    Done(Act),
    Lost,
}

/// Looks at every active batch once, beginning no step but the first after `deadline`; where time was up the
/// last time, this one begins. Notes its run, and tells the outside that it is alive.
///
/// # Errors
/// When storage fails; everything found until then is stored.
pub async fn tick(
    services: &Services,
    guard: &Guard,
    deadline: Option<Instant>,
) -> Result<Report, StoreError> {
    let begun = Instant::now();
    let done = walk(services, guard, deadline).await;
    meter::ticked(NAME, begun.elapsed().as_secs_f64(), done.is_ok());
    done
}

async fn walk(
    services: &Services,
    guard: &Guard,
    deadline: Option<Instant>,
) -> Result<Report, StoreError> {
    let settings = services.settings().await?.guardrails.clone();
    if !settings.enabled {
        return Ok(Report::default());
    }
    let begun = Instant::now();
    let mut walk = Walk {
        services,
        book: Book::new(settings.thresholds.clone()),
        settings: &settings,
        deadline,
        report: Report::default(),
    };
    walk.agents().await?;
    walk.failures().await?;
    let cursor = walk.active().await?;
    let mut report = walk.report;
    report.left = usize::from(cursor.is_some());
    report.took_ms = usize::try_from(begun.elapsed().as_millis()).unwrap_or(usize::MAX);
    let counts = [
        ("looked", report.looked),
        ("found", report.found),
        ("told", report.told),
        ("lost", report.lost),
        ("failed", report.failed),
        ("left", report.left),
        ("took_ms", report.took_ms),
    ];
    let now = services.clock.now();
    let noted = services.store.note_run_until(NAME, &counts, cursor, now);
    noted.await?;
    if report.failed == 0 {
        heartbeat::send(&guard.client, &settings.heartbeat_url).await;
    }
    Ok(report)
}

struct Walk<'a> {
    services: &'a Services,
    settings: &'a Guardrails,
    book: Book,
    deadline: Option<Instant>,
    report: Report,
}

impl Walk<'_> {
    fn store(&self) -> &Store {
        &self.services.store
    }

    fn is_late(&self) -> bool {
        let late = |deadline| Instant::now() >= deadline;
        self.deadline.is_some_and(late)
    }

    /// Walks the index from where the last walk was interrupted, round to there again. Returns
    /// where this one was.
    async fn active(&mut self) -> Result<Option<String>, StoreError> {
        let last = self.store().run(NAME).await?;
        let begin = last.and_then(|run| run.cursor);
        let (mut after, mut is_round) = (begin.clone(), begin.is_none());
        let mut steps = 0;
        loop {
            // However little time there is, every walk gets somewhere.
            if steps > 0 && self.is_late() {
                // At the end of the index nothing is left: earlier walks saw what lies before.
                return Ok(after);
            }
            steps += 1;
            let from = after.as_deref();
            let (page, next) = self.store().active_page(from, PAGE).await?;
            self.page(page).await?;
            let is_back = |next: &String| is_round && begin.as_ref().is_some_and(|at| next >= at);
            match next {
                Some(next) if is_back(&next) => return Ok(None),
                Some(next) => after = Some(next),
                None if is_round => return Ok(None),
                None => (after, is_round) = (None, true),
            }
        }
    }

    async fn page(&mut self, page: Vec<ActiveBatch>) -> Result<(), StoreError> {
        let watched = page.into_iter().filter(|batch| !is_demo(&batch.project));
        let ids: Vec<String> = watched.map(|batch| batch.id).collect();
        let mut watched = self.services.store.watched(&ids).await?;
        watched.retain(|watched| {
            let batch = &watched.batch.value;
            batch.deleted_at.is_none() && !batch.status.is_terminal() && !is_demo(&batch.project)
        });
        let batches = watched.iter().map(|watched| &watched.batch.value);
        self.book.learn(&self.services.store, batches).await?;
        let looks = watched.into_iter().map(|watched| {
            let thresholds = self.book.of(&watched.batch.value);
            let id = watched.batch.value.id.clone();
            let look = look_after(self.services, self.settings, watched, thresholds);
            async move { (id, look.await) }
        });
        let outcomes = stream::iter(looks).buffer_unordered(AT_ONCE);
        let outcomes: Vec<(String, Result<Looked, StoreError>)> = outcomes.collect().await;
        for (id, outcome) in outcomes {
            self.report.count(outcome, &id);
        }
        Ok(())
    }

    /// Looks after agents that went silent.
    async fn agents(&mut self) -> Result<(), StoreError> {
        let mut after = None;
        loop {
            let (page, next) = self.store().all_agents(after.as_deref()).await?;
            let now = self.services.clock.now();
            let told = agents::tell_silent(self.services, &page, now).await?;
            self.report.found += told;
            self.report.told += told;
            after = next;
            if after.is_none() || self.is_late() {
                return Ok(());
            }
        }
    }

    /// Looks into the failures of batches that ended meanwhile.
    async fn failures(&mut self) -> Result<(), StoreError> {
        let ids = self.store().unseen_failures(PAGE).await?;
        for id in ids {
            if self.is_late() {
                break;
            }
            let found = failures::of_ended(self.services, self.settings, &id).await;
            let outcome = found.map(|act| act.map_or(Looked::Lost, Looked::Done));
            self.report.count(outcome, &id);
        }
        Ok(())
    }
}

/// Looks at one batch, again after lost races.
async fn look_after(
    services: &Services,
    settings: &Guardrails,
    mut watched: Watched,
    thresholds: Thresholds,
) -> Result<Looked, StoreError> {
    let store = &services.store;
    for round in 0..ROUNDS {
        let now = services.clock.now();
        let memory = watched.memory();
        let gathered = look::gather(store, &watched.batch.value, &memory, &thresholds, now).await?;
        let jobs = gathered.jobs();
        let Some(ruling) = judge(
            &gathered.seen(&watched.batch.value, &jobs),
            &memory,
            &thresholds,
            now,
        ) else {
            return Ok(Looked::Done(Act::default()));
        };
        let done = act::carry_out(
            services,
            &settings.price,
            (&watched, &gathered.versions),
            ruling,
            vec![],
        );
        match done.await {
            Err(StoreError::ConditionAt(_) | StoreError::Conflict | StoreError::Busy(_)) => {
                after_lost_race(round, FIRST_PAUSE_MS).await;
            }
            outcome => return outcome.map(Looked::Done),
        }
        let Some(newer) = store.watched_batch(&watched.batch.value.id).await? else {
            return Ok(Looked::Done(Act::default()));
        };
        let gone = newer.batch.value.deleted_at.is_some();
        if gone || newer.batch.value.status.is_terminal() {
            return Ok(Looked::Done(Act::default()));
        }
        watched = newer;
    }
    Ok(Looked::Lost)
}

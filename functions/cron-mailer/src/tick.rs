//! One round over what is due.

use crate::chosen::Chosen;
use crate::deliver::{Tried, Work, work};
use crate::transport::Transport;
use futures::StreamExt;
use mail::SendError;
use reach::Client;
use runtime::{Services, entropy, meter};
use std::time::Duration;
use store::StoreError;
use store::outbox::{Claim, Failed};
use tokio::time::Instant;

/// How long a message belongs to whoever claimed it, seconds.
pub const LEASE_SECS: i64 = 120;
/// Longest one try may take; well inside the lease, so that nobody else begins meanwhile.
const TRY: Duration = Duration::from_secs(60);
/// Messages under way at the same time.
const AT_ONCE: usize = 8;
/// Longest error text that is kept, in characters.
const ERROR_CHARS: usize = 500;

/// What sends.
pub struct Mailer {
    /// How mails leave.
    pub(crate) transport: Chosen,
    /// How channels are reached.
    pub client: Client,
    /// Name in leases.
    name: String,
}

impl Mailer {
    /// A mailer with a name of its own; `fallback` is how mails leave while the settings name no
    /// way.
    pub fn new(services: &Services, fallback: Transport) -> Self {
        Self {
            transport: Chosen::new(fallback),
            client: Client::within(services.config.channels_allow_private),
            name: format!("{:016x}", entropy::number()),
        }
    }
}

/// What a round did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Messages that left.
    pub sent: usize,
    /// Messages in whose place others were put.
    pub replaced: usize,
    /// Messages that are tried again later.
    pub waiting: usize,
    /// Messages given up.
    pub dead: usize,
    /// Messages somebody else had claimed.
    pub taken: usize,
    /// Messages left for the next round, since time was up.
    pub left: usize,
}

impl Report {
    /// Messages this round did something about.
    pub fn handled(&self) -> usize {
        self.sent + self.replaced + self.waiting + self.dead
    }
}

enum Outcome {
    Sent,
    Replaced,
    Failed(Failed),
    Taken,
    Left,
}

/// Sends what is due, at most `limit` messages, beginning none after `deadline`.
///
/// # Errors
/// When storage fails; what was not settled is due again when its lease ends.
pub async fn tick(
    services: &Services,
    mailer: &Mailer,
    limit: usize,
    deadline: Option<Instant>,
) -> Result<Report, StoreError> {
    let begun = Instant::now();
    let done = round(services, mailer, limit, deadline).await;
    // A look that found nothing says nothing about how long work takes.
    if done.as_ref().map_or(true, |report| report.handled() > 0) {
        meter::ticked("cron-mailer", begun.elapsed().as_secs_f64(), done.is_ok());
    }
    done
}

async fn round(
    services: &Services,
    mailer: &Mailer,
    limit: usize,
    deadline: Option<Instant>,
) -> Result<Report, StoreError> {
    mailer.transport.refresh(services).await?;
    let due = services.store.due_messages(services.clock.now(), limit);
    let mut tries = futures::stream::iter(due.await?)
        .map(|claim| handle(services, mailer, claim, deadline))
        .buffer_unordered(AT_ONCE);
    let mut report = Report::default();
    let mut failure = None;
    while let Some(outcome) = tries.next().await {
        match outcome {
            Ok(Outcome::Sent) => report.sent += 1,
            Ok(Outcome::Replaced) => report.replaced += 1,
            Ok(Outcome::Failed(Failed::Waits(_))) => report.waiting += 1,
            Ok(Outcome::Failed(Failed::Dead)) => report.dead += 1,
            Ok(Outcome::Taken) => report.taken += 1,
            Ok(Outcome::Left) => report.left += 1,
            // The others under way are sent and settled all the same.
            Err(error) => failure = Some(error),
        }
    }
    failure.map_or(Ok(report), Err)
}

async fn handle(
    services: &Services,
    mailer: &Mailer,
    claim: Claim,
    deadline: Option<Instant>,
) -> Result<Outcome, StoreError> {
    if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
        return Ok(Outcome::Left);
    }
    let store = &services.store;
    let until = services.clock.now().plus_secs(LEASE_SECS);
    let Some(claim) = store.claim_message(claim, &mailer.name, until).await? else {
        return Ok(Outcome::Taken);
    };
    let tried = match tokio::time::timeout(TRY, work(services, mailer, &claim)).await {
        Ok(Ok(Work::Replaced)) => return Ok(Outcome::Replaced),
        Ok(Ok(Work::Tried(tried))) => tried,
        Ok(Err(StoreError::Conflict)) => return Ok(lost(&claim)),
        // A row that does not read back must not be tried for ever.
        Ok(Err(StoreError::Corrupt(cause))) => Tried::failed(&claim, SendError::passing(cause)),
        Ok(Err(error)) => return Err(error),
        Err(_) => Tried::failed(&claim, SendError::passing("no answer in time")),
    };
    settle(services, &claim, tried).await
}

async fn settle(services: &Services, claim: &Claim, tried: Tried) -> Result<Outcome, StoreError> {
    let store = &services.store;
    let now = services.clock.now();
    let settled = match tried.outcome {
        Ok(()) => {
            let sent = store.message_sent(claim, now).await;
            sent.map(|()| Outcome::Sent)
        }
        Err(error) => {
            let text: String = error.text.chars().take(ERROR_CHARS).collect();
            tracing::warn!(
                message = claim.waiting.id,
                is_final = error.is_final,
                "not sent: {text}"
            );
            let failed = store.message_failed(claim, tried.payload, &text, error.is_final, now);
            failed.await.map(Outcome::Failed)
        }
    };
    match settled {
        Err(StoreError::Conflict) => Ok(lost(claim)),
        other => other,
    }
}

fn lost(claim: &Claim) -> Outcome {
    tracing::warn!(
        message = claim.waiting.id,
        "the lease ended before the message was settled"
    );
    Outcome::Taken
}

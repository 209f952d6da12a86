//! One try to send one message, by its kind.

use crate::post::{self, Post};
use crate::tick::Mailer;
use crate::{collected, tell};
use mail::{Outgoing, SendError};
use runtime::Services;
use store::StoreError;
use store::outbox::{Claim, Payload};

/// What one try came to.
pub(crate) struct Tried {
    /// Whether it left.
    pub outcome: Result<(), SendError>,
    /// What was tried, in full.
    pub payload: Payload,
}

impl Tried {
    /// A try that failed before anything was made of the message.
    pub fn failed(claim: &Claim, error: SendError) -> Self {
        Self {
            outcome: Err(error),
            payload: claim.waiting.payload.clone(),
        }
    }
}

/// What became of a claimed message.
pub(crate) enum Work {
    /// It was tried to send, and is yet to be settled.
    Tried(Tried),
    /// Other messages took its place.
    Replaced,
}

/// Does what a claimed message is for.
///
/// # Errors
/// When storage fails before anything left; [`StoreError::Conflict`] when the lease had ended.
pub(crate) async fn work(
    services: &Services,
    mailer: &Mailer,
    claim: &Claim,
) -> Result<Work, StoreError> {
    match &claim.waiting.payload {
        Payload::Notice { notice, only } => {
            tell::tell(services, claim, notice, *only).await?;
            Ok(Work::Replaced)
        }
        Payload::Collected { to, gate } => {
            collected::put_into_words(services, claim, to, gate).await?;
            Ok(Work::Replaced)
        }
        Payload::Mail { .. } | Payload::Post { .. } => {
            let outcome = deliver(services, mailer, claim).await?;
            let payload = claim.waiting.payload.clone();
            Ok(Work::Tried(Tried { outcome, payload }))
        }
    }
}

async fn deliver(
    services: &Services,
    mailer: &Mailer,
    claim: &Claim,
) -> Result<Result<(), SendError>, StoreError> {
    match &claim.waiting.payload {
        Payload::Mail {
            mail, unsubscribe, ..
        } => {
            let outgoing = Outgoing {
                id: claim.waiting.id,
                at: mail.created_at,
                to: &mail.to,
                subject: &mail.subject,
                text: &mail.text,
                html: mail.html.as_deref(),
                unsubscribe: unsubscribe.as_deref(),
            };
            Ok(mailer.transport.send(&outgoing).await)
        }
        Payload::Post {
            of,
            channel,
            notice,
        } => {
            let post = Post {
                of,
                channel: *channel,
                notice: notice.as_ref(),
            };
            post::send(services, mailer, claim, post).await
        }
        Payload::Notice { .. } | Payload::Collected { .. } => Ok(Ok(())),
    }
}

//! One try to send one message, by its kind.

use crate::post::{self, Post};
use crate::tick::Mailer;
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

/// Tries to send what was claimed.
///
/// # Errors
/// When storage fails before anything left.
pub(crate) async fn deliver(
    services: &Services,
    mailer: &Mailer,
    claim: &Claim,
) -> Result<Tried, StoreError> {
    let payload = claim.waiting.payload.clone();
    let outcome = match &payload {
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
            mailer.transport.send(&outgoing).await
        }
        Payload::Post {
            user,
            channel,
            notice,
        } => {
            let post = Post {
                user: *user,
                channel: *channel,
                notice: notice.as_ref(),
            };
            post::send(services, mailer, claim, post).await?
        }
    };
    Ok(Tried { outcome, payload })
}

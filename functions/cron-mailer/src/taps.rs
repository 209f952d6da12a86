//! Links that act on an idle job at one tap, each for one person.

use crate::wording::address;
use auth::ticket::{Tap, Ticket, sign};
use domain::account::UserId;
use domain::notice::{Notice, NoticeKind};
use domain::time::Timestamp;
use runtime::Services;

/// Word of the link that keeps the job.
pub(crate) const KEEP: &str = "act.keep_url";
/// Word of the link that stops its batch.
pub(crate) const STOP: &str = "act.stop_url";
/// Seconds a link works.
const LIFE_SECS: i64 = 24 * 3600;

/// A notice as everybody may see it: its texts leave out lines without a link.
pub(crate) fn without(notice: &Notice) -> Notice {
    let mut notice = notice.clone();
    if notice.kind == NoticeKind::JobIdleFlagged {
        for word in [KEEP, STOP] {
            notice.words.insert(word.to_owned(), String::new());
        }
    }
    notice
}

/// A notice for `user`, who may act on it: with links, where there is something to do.
pub(crate) fn with(notice: &Notice, services: &Services, user: UserId, now: Timestamp) -> Notice {
    let mut notice = notice.clone();
    let word = |name: &str| notice.words.get(name).filter(|word| !word.is_empty());
    let attempt = word("idle.attempt").and_then(|attempt| attempt.parse().ok());
    let done = word("idle.stopped_at").is_some();
    let (Some(batch), Some(job), Some(attempt), false) = (
        notice.batch_id.clone(),
        word("job.id").cloned(),
        attempt,
        done || notice.kind != NoticeKind::JobIdleFlagged,
    ) else {
        return notice;
    };
    for (word, tap) in [(KEEP, Tap::Keep), (STOP, Tap::Stop)] {
        let ticket = Ticket {
            tap,
            batch: batch.clone(),
            attempt,
            job: job.clone(),
            user,
            until: now.plus_secs(LIFE_SECS),
        };
        let page = address(&services.config.base_url, &["api", "guardrails", "act"]);
        let token = sign(&services.config.jwt_secret, &ticket);
        let link = format!("{page}?token={token}");
        notice.words.insert(word.to_owned(), link);
    }
    notice
}

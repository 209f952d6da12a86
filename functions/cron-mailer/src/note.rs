//! What is noted of a run, for administrators.

use crate::tick::Report;
use runtime::Services;

/// Name under which runs are noted.
const NAME: &str = "cron-mailer";

impl Report {
    /// Both together.
    pub fn and(self, other: Self) -> Self {
        Self {
            sent: self.sent + other.sent,
            replaced: self.replaced + other.replaced,
            waiting: self.waiting + other.waiting,
            dead: self.dead + other.dead,
            taken: self.taken + other.taken,
            left: other.left,
        }
    }
}

/// Notes a run. What cannot be noted was done all the same.
pub async fn note(services: &Services, report: &Report) {
    let counts = [
        ("sent", report.sent),
        ("replaced", report.replaced),
        ("waiting", report.waiting),
        ("dead", report.dead),
        ("left", report.left),
    ];
    let now = services.clock.now();
    if let Err(error) = services.store.note_run(NAME, &counts, now).await {
        tracing::warn!(cause = %error, "a run of the mailer was not noted");
    }
}

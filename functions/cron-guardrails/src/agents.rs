//! Agents that went silent: their owners hear of it once, until they are back.

use domain::agent::Agent;
use domain::notice::{Notice, NoticeKind};
use domain::time::Timestamp;
use runtime::Services;
use store::StoreError;
use store::notices::notice_write;

/// Seconds of silence people are told of; a daemon that is restarted or upgraded takes less.
const SILENT_SECS: i64 = 300;
/// Seconds after which silence is nothing new.
const FORGOTTEN_SECS: i64 = 7 * 24 * 3600;

fn is_news(agent: &Agent, now: Timestamp) -> bool {
    let silent = now.secs() - agent.last_seen.secs();
    !agent.silence_told && (SILENT_SECS..FORGOTTEN_SECS).contains(&silent)
}

/// Tells owners of the agents among `agents` that went silent; returns how many there were.
pub(crate) async fn tell_silent(
    services: &Services,
    agents: &[Agent],
    now: Timestamp,
) -> Result<usize, StoreError> {
    let mut told = 0;
    for agent in agents.iter().filter(|agent| is_news(agent, now)) {
        let words = [
            ("agent.name", agent.name()),
            ("agent.host", &agent.place.hostname),
            ("agent.last_seen", &agent.last_seen.to_text()),
            ("agent.runs", &agent.runs.len().to_string()),
        ];
        let notice = Notice::of_host(NoticeKind::AgentOffline, &words, now);
        let row = services.store.row_ids.take(now, 1);
        let also = [notice_write(row, &notice, Some(agent.user_id))?];
        let noted = services
            .store
            .update_agent(agent.user_id, &agent.id, &also, |found| {
                // Meanwhile it may be back, or another walk was here.
                found.silence_told |= is_news(found, now);
            });
        told += usize::from(noted.await?.is_some_and(|found| found.silence_told));
    }
    Ok(told)
}

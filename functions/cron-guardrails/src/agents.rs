//! Agents and watchdogs that went silent: their owners hear of it once, until they are back.

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

/// Whether the owner has to hear that nothing can be stopped or run again there.
fn is_news(agent: &Agent, now: Timestamp) -> bool {
    let silent = now.secs() - agent.last_seen.secs();
    // A registration of a watchdog alone: how long that may be silent is its own matter.
    agent.takes_commands() && !agent.silence_told && (SILENT_SECS..FORGOTTEN_SECS).contains(&silent)
}

/// Whether the owner has to hear that nobody looks after the host.
fn is_unwatched_news(agent: &Agent, now: Timestamp) -> bool {
    let late = agent.watchdog_due.map(|due| now.secs() - due.secs());
    !agent.watchdog_silence_told && late.is_some_and(|late| (0..FORGOTTEN_SECS).contains(&late))
}

/// Tells owners of the agents among `agents` that went silent, or whose watchdog did; returns how
/// many there were.
pub(crate) async fn tell_silent(
    services: &Services,
    agents: &[Agent],
    now: Timestamp,
) -> Result<usize, StoreError> {
    let mut told = 0;
    for agent in agents {
        if is_news(agent, now) {
            let notice = of_agent(agent, now);
            told += tell(services, agent, &notice, now, |found| {
                // Meanwhile it may be back, or another walk was here.
                found.silence_told |= is_news(found, now);
                found.silence_told
            })
            .await?;
        }
        if is_unwatched_news(agent, now) {
            let notice = of_watchdog(agent, now);
            told += tell(services, agent, &notice, now, |found| {
                found.watchdog_silence_told |= is_unwatched_news(found, now);
                found.watchdog_silence_told
            })
            .await?;
        }
    }
    Ok(told)
}

async fn tell(
    services: &Services,
    agent: &Agent,
    notice: &Notice,
    now: Timestamp,
    note: impl Fn(&mut Agent) -> bool,
) -> Result<usize, StoreError> {
    let row = services.store.row_ids.take(now, 1);
    let also = [notice_write(row, notice, Some(agent.user_id))?];
    let mut told = false;
    let noted = services
        .store
        .update_agent(agent.user_id, &agent.id, &also, |found| {
            told = note(found);
        });
    Ok(usize::from(noted.await?.is_some() && told))
}

fn of_agent(agent: &Agent, now: Timestamp) -> Notice {
    let words = [
        ("agent.name", agent.name()),
        ("agent.host", &agent.place.hostname),
        ("agent.last_seen", &agent.last_seen.to_text()),
        ("agent.runs", &agent.runs.len().to_string()),
    ];
    Notice::of_host(NoticeKind::AgentOffline, &words, now)
}

fn of_watchdog(agent: &Agent, now: Timestamp) -> Notice {
    let due = agent.watchdog_due.unwrap_or(now).to_text();
    let words = [
        ("host.name", agent.place.hostname.as_str()),
        ("host.severity", "critical"),
        ("host.problem", "watchdog"),
        (
            "host.description",
            &format!("nothing; it was to be heard of by {due}, and the host may be down"),
        ),
        ("host.action", "-"),
        ("host.runs", &agent.runs.len().to_string()),
    ];
    Notice::of_host(NoticeKind::HostTrouble, &words, now)
}

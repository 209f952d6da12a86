//! The summary of a day, for Relay and people.

use crate::channels::{Delivery, Relay, Telegram, Urgency, keep_for_relay};
use crate::ledger::Notes;
use crate::log::Log;
use crate::patterns;
use crate::settings::{Environment, Settings};
use crate::state;
use crate::stats::stats;
use crate::time::Stamp;
use serde::Serialize;
use std::io;

#[derive(Serialize)]
struct Event<'a> {
    r#type: &'a str,
    source: &'a str,
    event: &'a str,
    timestamp: Stamp,
    summary: &'a str,
    problems_url: Option<&'a str>,
    stats: &'a crate::stats::Stats,
    patterns: &'a patterns::Analysis,
}

/// Sums up and sends; where Relay cannot be reached the summary waits in its file and goes out by
/// Telegram. Reports the patterns too.
pub fn send(settings: &Settings, environment: &Environment, log: &Log) -> io::Result<String> {
    let now = Stamp::now();
    let notes: Notes = state::load(&settings.state_file("notes.json"))?.or_default();
    let figures = stats(
        &settings.files.problems,
        &notes.tally,
        now,
        settings.patterns.stats_days,
    )?;
    let found = patterns::analyse(settings, now)?;
    let url = Some(settings.patterns.dashboard_url.as_str()).filter(|u| !u.is_empty());
    let mut text = format!(
        "Argus daily summary: problems={}, success_rate={:.1}%, patterns={}",
        figures.total_problems,
        figures.action_success_rate,
        found.patterns.len(),
    );
    if let Some(url) = url {
        text.push_str(&format!(", dashboard={url}"));
    }
    if let Some(score) = figures.recovery.score_pct {
        text.push_str(&format!(
            "; of {} actions checked, {score:.0}% helped",
            figures.recovery.recovered + figures.recovery.escalated
        ));
    }
    let event = serde_json::to_string(&Event {
        r#type: "summary",
        source: "argus",
        event: "argus.daily_summary",
        timestamp: now,
        summary: &text,
        problems_url: url,
        stats: &figures,
        patterns: &found,
    })?;
    let relay = Relay::of(&settings.relay);
    let file = &settings.patterns.summary_fallback_file;
    if let Some(relay) = &relay {
        relay.replay(file, Urgency::Summary)?;
    }
    let taken = relay.is_some_and(|r| r.send(&event, Urgency::Summary) == Delivery::Delivered);
    if !taken {
        if settings.relay.enabled {
            keep_for_relay(file, &event)?;
        }
        if let Some(telegram) = Telegram::of(&settings.telegram)
            && let Delivery::Later(_, why) = telegram.send(&text, &mut 0)
        {
            log.error(&format!("telegram: {why}"));
        }
    }
    let path = environment
        .get("PATH")
        .unwrap_or("/usr/local/bin:/usr/bin:/bin");
    let beads = crate::beads::Beads::of(&settings.beads, path);
    let reported = patterns::detect(settings, beads.as_ref(), now)?;
    log.info(&format!("{text}; {reported}"));
    Ok(text)
}

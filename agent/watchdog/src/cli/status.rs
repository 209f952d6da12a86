//! How it is going, what the settings come to, and answers to questions.

use super::{Exit, failed, print};
use crate::approval;
use crate::ledger::{CycleState, Ledger};
use crate::settings::{Provider, Settings};
use crate::state::{self, Loaded};
use crate::time::{Stamp, span};
use serde_json::json;

pub(super) fn status(settings: &Settings, as_json: bool) -> Exit {
    let file = settings.state_file("logs/cycle_state.json");
    let state: CycleState = match state::load(&file) {
        Ok(Loaded::Absent) => {
            return failed(&format!(
                "no cycle was recorded in {} yet",
                settings.state_dir.display()
            ));
        }
        Ok(found) => found.or_default(),
        Err(e) => return failed(&format!("{}: {e}", file.display())),
    };
    if state.timestamp.is_none() {
        return failed("the first cycle has not ended yet");
    }
    let ledger = match Ledger::load(settings) {
        Ok(ledger) => ledger,
        Err(e) => return failed(&e.to_string()),
    };
    let now = Stamp::now();
    let age = state.timestamp.map_or(i64::MAX, |at| now.since(at.0));
    let late = age > 3 * settings.interval.cast_signed();
    let degraded = state.status != "ok" || !state.degraded.is_empty() || late;
    let text = if as_json {
        let troubles: Vec<_> = ledger.incidents.open().collect();
        let value = json!({
            "cycle": state, "age_s": age, "late": late, "troubles": troubles, "asks": ledger.asks,
            "undelivered": ledger.outbox.undelivered(), "recovery": ledger.notes.tally, "model": ledger.budget,
        });
        format!("{value:#}\n")
    } else {
        in_words(&state, &ledger, age, late, now)
    };
    print(&text);
    if degraded { Exit::Degraded } else { Exit::Ok }
}

fn in_words(state: &CycleState, ledger: &Ledger, age: i64, late: bool, now: Stamp) -> String {
    let mut text = format!(
        "last cycle   {} {} ago, {} ms, {}\n",
        state.status,
        span(age),
        state.ms,
        state.mode
    );
    if late {
        text.push_str("             that is too long ago: is the service running?\n");
    }
    if state.consecutive_failures > 0 {
        text.push_str(&format!(
            "failures     {} in a row: {}\n",
            state.consecutive_failures, state.detail
        ));
    }
    for line in &state.degraded {
        text.push_str(&format!("not working  {line}\n"));
    }
    for (_, incident) in ledger.incidents.open() {
        let since = incident.opened.map_or(0, |at| now.since(at));
        text.push_str(&format!(
            "trouble      {}: {} ({}), for {}\n",
            incident.severity.name(),
            incident.title,
            incident.detail,
            span(since)
        ));
    }
    text.push_str(&questions(ledger, now));
    let [good, bad] = ledger
        .notes
        .tally
        .values()
        .fold([0, 0], |sum: [u32; 2], c| [sum[0] + c[0], sum[1] + c[1]]);
    text.push_str(&format!(
        "recovery     {good} of {} actions helped\n",
        good + bad
    ));
    text.push_str(&format!(
        "model        {} questions today, {} tokens\n",
        ledger.budget.calls, ledger.budget.tokens
    ));
    text
}

fn questions(ledger: &Ledger, now: Stamp) -> String {
    let line = |(digest, ask): (&String, &approval::Ask)| {
        format!(
            "question     {} {} {}, {} left: {}\n",
            &digest[..12],
            ask.deed.kind().name(),
            ask.deed.target(),
            span((ask.expires - now.0).max(0)),
            ask.reason,
        )
    };
    ledger.asks.0.iter().map(line).collect()
}

pub(super) fn check_config(settings: &Settings) -> Exit {
    let model = match settings.model.provider {
        Provider::None => "none".to_owned(),
        _ if settings.model.key.is_none() && settings.model.base_url.is_empty() => {
            "none (no key): rules only".into()
        }
        Provider::Anthropic => format!("anthropic {}", settings.model.model),
        Provider::Openai => format!("openai-compatible {}", settings.model.model),
    };
    let yes = |on: bool| if on { "yes" } else { "no" };
    let telegram = settings.telegram.token.is_some() && !settings.telegram.chat_id.is_empty();
    let server = if settings.server.url.is_empty() {
        "none"
    } else {
        &settings.server.url
    };
    let mode = match settings.dry_run {
        Some(true) => "only looks".to_owned(),
        Some(false) => "acts".into(),
        None => format!(
            "only looks for the first {} h, then acts",
            settings.trial_hours.unwrap_or(24)
        ),
    };
    let units = if settings.services.units.is_empty() {
        "none".into()
    } else {
        settings.services.units.join(", ")
    };
    print(&format!(
        "settings are good\n  every        {} s, {mode}\n  state        {}\n  units        {units}\n  checks       {}\n  programs     {}\n  \
         clean        {}\n  model        {model}\n  telegram     {}\n  server       {server}\n  relay        {}\n",
        settings.interval,
        settings.state_dir.display(),
        settings.services.check.len(),
        settings.kill.programs.join(", "),
        settings
            .clean
            .roots
            .iter()
            .map(|r| r.display().to_string())
            .collect::<Vec<_>>()
            .join(", "),
        yes(telegram),
        yes(settings.relay.enabled && crate::exec::is_executable(&settings.relay.bin)),
    ))
}

pub(super) fn approve(
    settings: &Settings,
    digest: Option<&str>,
    agreed: bool,
    dry_run: bool,
) -> Exit {
    let ledger = match Ledger::load(settings) {
        Ok(ledger) => ledger,
        Err(e) => return failed(&e.to_string()),
    };
    let now = Stamp::now();
    let Some(digest) = digest else {
        let open = questions(&ledger, now);
        return print(if open.is_empty() {
            "no open questions\n"
        } else {
            &open
        });
    };
    let Some((full, ask)) = ledger
        .asks
        .find(digest)
        .filter(|(_, ask)| now.0 < ask.expires)
    else {
        return failed(
            "no open question has that digest (at least 8 digits); `argus-watchdog approve` lists them",
        );
    };
    let word = if agreed { "agreed to" } else { "refused" };
    let what = format!("{} {}", ask.deed.kind().name(), ask.deed.target());
    if dry_run {
        return print(&format!("would have {word}: {what}\n"));
    }
    match approval::answer(&settings.state_dir, full, agreed) {
        Ok(()) => print(&format!(
            "{word}: {what}; the next cycle looks again and acts\n"
        )),
        Err(e) => failed(&e.to_string()),
    }
}

//! Telling people what began, what goes on and what is over; once, and until it arrived.

use super::classify::classify;
use super::record::Row;
use super::{Round, Trace, Watchdog};
use crate::channels::{Delivery, Lines, Urgency, keep_for_relay, relay_event};
use crate::detect::incident::{Change, What};
use crate::detect::is_moment;
use crate::ledger::CycleState;
use crate::observe;
use crate::plan::{ActionKind, Origin};
use crate::problem::{self, Kind, Severity, key};

/// Something people should hear of.
struct News<'a> {
    kind: Kind,
    severity: Severity,
    /// The trouble without figures; the same title is the same news.
    title: &'a str,
    text: &'a str,
    origin: Origin,
}

impl Watchdog {
    /// Tells of everything a round found.
    pub(super) fn tell(&mut self, round: &mut Round) {
        for change in round.changes.clone() {
            self.tell_of_change(round, &change);
        }
        if round.sighted.watched > 0 {
            let count = round.sighted.watched;
            round.rows.push(Row {
                kind: Kind::Process,
                severity: Severity::Info,
                title: "Left-over test runs of node are watched".into(),
                description: format!(
                    "Left-over test runs of node are watched: {count}, sighting {} of {}",
                    self.ledger.orphans.count, self.settings.orphans.sightings
                ),
                action_taken: format!("monitor_orphan_tests:{count}"),
                result: problem::Outcome::Skipped,
                verdict: "waiting",
                origin: Origin::Rule,
                reason: "orphan rule".into(),
                run: None,
                recovery: None,
                ask: None,
            });
        }
        let texts = std::mem::take(&mut round.observations);
        for text in observe::streaks(
            &mut self.ledger.notes,
            &texts,
            self.settings.observations.escalate_after,
        ) {
            let again = format!(
                "Observed {} times in a row: {text}",
                self.settings.observations.escalate_after
            );
            self.alert_text(round, &again, Origin::Rule);
        }
    }

    fn tell_of_change(&mut self, round: &mut Round, change: &Change) {
        let incident = &change.incident;
        let text = format!("{} ({})", incident.title, incident.detail);
        if change.what == What::Resolved {
            let told = key(incident.kind, &incident.title);
            self.ledger.dedup.forget(&told);
            if incident.told && !is_moment(&change.id) {
                let over = format!("Over: {}", incident.title);
                self.alert_trouble(round, incident.kind, Severity::Info, &over, &over);
            }
            return;
        }
        if incident.severity == Severity::Info {
            if change.what == What::Opened {
                self.observe(round, &text, Origin::Rule);
            }
            return;
        }
        if change.what == What::Worse {
            // Worse is news, whatever was said a short while ago.
            self.ledger
                .dedup
                .forget(&key(incident.kind, &incident.title));
        }
        self.alert_trouble(
            round,
            incident.kind,
            incident.severity,
            &incident.title,
            &text,
        );
        if let Some(known) = self.ledger.incidents.0.get_mut(&change.id) {
            known.told = true;
        }
    }

    /// An alert in somebody's own words.
    pub(super) fn alert_text(&mut self, round: &mut Round, text: &str, origin: Origin) {
        let (kind, severity) = classify(text);
        let title = format!(
            "{} [{}]",
            crate::text::clean(text, 60),
            observe::essence(text)
        );
        let severity = severity.max(Severity::Warning);
        self.alert(
            round,
            News {
                kind,
                severity,
                title: &title,
                text,
                origin,
            },
        );
    }

    /// An alert about a trouble, known by its title.
    pub(super) fn alert_trouble(
        &mut self,
        round: &mut Round,
        kind: Kind,
        severity: Severity,
        title: &str,
        text: &str,
    ) {
        let origin = Origin::Rule;
        self.alert(
            round,
            News {
                kind,
                severity,
                title,
                text,
                origin,
            },
        );
    }

    fn alert(&mut self, round: &mut Round, news: News<'_>) {
        let (kind, title) = (news.kind, news.title);
        let (now, key) = (round.snapshot.at, key(kind, title));
        let limits = &self.settings.limits;
        let muted = self
            .link
            .as_ref()
            .is_some_and(|l| l.policy().mutes(kind, now));
        let paused = round.mode == crate::plan::Mode::Paused;
        let recent = self.ledger.dedup.is_recent(&key, now.0, limits);
        let spent = !self.ledger.spent.allows(ActionKind::Alert, now.0, limits);
        let mut row = Row {
            kind,
            severity: news.severity,
            title: title.to_owned(),
            description: news.text.to_owned(),
            action_taken: "alert:suppressed".into(),
            result: problem::Outcome::Suppressed,
            verdict: "waiting",
            origin: news.origin,
            reason: if muted || paused {
                "muted".into()
            } else if spent {
                "hourly-limit".into()
            } else {
                title.to_owned()
            },
            run: None,
            recovery: None,
            ask: None,
        };
        if muted || paused || recent || spent {
            round.rows.push(row);
            return;
        }
        let waits = self.send(round, news, &key);
        row.action_taken = "alert:telegram".into();
        (row.result, row.verdict) = if waits {
            (problem::Outcome::Failure, "waiting")
        } else {
            (problem::Outcome::Success, "done")
        };
        round.rows.push(row);
    }

    /// Hands news to the channels of its severity. Says whether it still waits for one.
    fn send(&mut self, round: &mut Round, news: News<'_>, key: &str) -> bool {
        let (severity, now) = (news.severity, round.snapshot.at);
        self.ledger.spent.count(ActionKind::Alert, now.0);
        let routes = match severity {
            Severity::Critical => &self.settings.route.critical,
            Severity::Warning => &self.settings.route.warning,
            Severity::Info => &self.settings.route.info,
        };
        let goes_to = |channel: &str| routes.iter().any(|r| r == channel);
        let (by_telegram, by_relay) = (
            goes_to("telegram") && self.telegram.is_some(),
            goes_to("relay"),
        );
        let full = format!(
            "[{}] {}: {}",
            round.snapshot.host,
            severity.name().to_uppercase(),
            news.text
        );
        self.log.info(&format!("alert: {full}"));
        if by_telegram {
            self.ledger
                .outbox
                .add("telegram", key, severity, full.clone(), now.0);
        } else {
            self.ledger.dedup.delivered(key, now.0);
        }
        if by_relay {
            let event = relay_event(severity, true, &full, &round.snapshot.host, now);
            self.tell_relay(round, &event);
        }
        if self.trace == Trace::Full {
            self.flush(round);
        }
        by_telegram && self.ledger.outbox.waits(key)
    }

    /// Notes an observation.
    pub(super) fn observe(&mut self, round: &mut Round, text: &str, origin: Origin) {
        let (kind, severity) = classify(text);
        self.ledger
            .spent
            .count(ActionKind::Log, round.snapshot.at.0);
        round.observations.push(text.to_owned());
        if self.trace == Trace::Full {
            if let Err(e) =
                observe::write(&self.settings.files.observations, round.snapshot.at, text)
            {
                round.degraded.push(format!("observations: {e}"));
            }
            if origin == Origin::Model {
                let event = relay_event(
                    severity,
                    false,
                    text,
                    &round.snapshot.host,
                    round.snapshot.at,
                );
                self.tell_relay(round, &event);
            }
        }
        round.rows.push(Row {
            kind,
            severity: Severity::Info,
            title: observe::essence(text),
            description: text.to_owned(),
            action_taken: "log:observation".into(),
            result: problem::Outcome::Success,
            verdict: "done",
            origin,
            reason: "observation".into(),
            run: None,
            recovery: None,
            ask: None,
        });
    }

    fn tell_relay(&mut self, round: &mut Round, event: &str) {
        if !self.settings.relay.enabled || self.trace == Trace::None {
            return;
        }
        let sent = self.relay.as_ref().map(|r| r.send(event, Urgency::Problem));
        if sent != Some(Delivery::Delivered)
            && let Err(e) = keep_for_relay(&self.settings.relay.fallback_file, event)
        {
            round.degraded.push(format!("relay: {e}"));
        }
    }

    /// Sends what waits. What arrived is remembered at once: a crash right after must not let it be
    /// told again.
    pub(super) fn flush(&mut self, round: &mut Round) {
        if self.ledger.outbox.0.is_empty() {
            return;
        }
        let lines = Lines {
            telegram: self.telegram.as_ref(),
            relay: self.relay.as_ref(),
        };
        let ledger = &mut self.ledger;
        for failure in ledger
            .outbox
            .flush(&lines, &mut ledger.dedup, round.snapshot.at.0)
        {
            self.log.error(&failure);
            round.degraded.push(failure);
        }
        if let Err(e) = self.ledger.save_told(&self.settings) {
            round.degraded.push(format!("state: {e}"));
        }
    }

    /// Three failed cycles in a row, and every three more, are worth an alert of their own.
    pub(super) fn tell_of_failures(&mut self, state: &CycleState) {
        let failures = state.consecutive_failures;
        if self.trace == Trace::None || failures == 0 || !failures.is_multiple_of(3) {
            return;
        }
        let Some(telegram) = &self.telegram else {
            return;
        };
        let text = format!(
            "The watchdog itself is in trouble: {failures} cycles in a row failed ({})",
            state.detail
        );
        if let Delivery::Later(_, why) = telegram.send(&text, &mut 0) {
            self.log.error(&format!("telegram: {why}"));
        }
    }
}

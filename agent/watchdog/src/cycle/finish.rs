//! The end of a round: remember, report, sum up.

use super::{Outcome, Round, Trace, Watchdog};
use crate::channels::Urgency;
use crate::report::{Beat, CycleNote};
use crate::time::Stamp;
use serde_json::json;
use std::time::Instant;

impl Watchdog {
    /// Remembers, reports and sums up.
    pub(super) fn finish(&mut self, mut round: Round, began: Instant) -> std::io::Result<Outcome> {
        self.write_rows(&mut round)?;
        let mut summary = None;
        if self.trace == Trace::Full {
            self.flush(&mut round);
            if let Some(relay) = &self.relay {
                match relay.replay(&self.settings.relay.fallback_file, Urgency::Problem) {
                    Ok(0) => {}
                    Ok(count) => self
                        .log
                        .info(&format!("{count} waiting events were sent to Relay")),
                    Err(e) => round.degraded.push(format!("relay: {e}")),
                }
            }
            if self.ledger.notes.summary_day != round.snapshot.at.day() {
                let first = self.ledger.notes.summary_day.is_empty();
                self.ledger.notes.summary_day = round.snapshot.at.day();
                // The day that ended is summed up; a fresh installation has none behind it.
                summary = (!first && self.settings.patterns.daily_summary).then_some(());
            }
            self.ledger.notes.cycles += 1;
            self.ledger.save(&self.settings)?;
        }
        if summary.is_some() {
            match crate::summary::send(&self.settings, &self.environment, &self.log) {
                Ok(text) => {
                    let at = round.snapshot.at;
                    self.report(
                        &mut round,
                        "summary",
                        &crate::text::uuid(),
                        at,
                        json!({"text": text}),
                    );
                }
                Err(e) => round.degraded.push(format!("summary: {e}")),
            }
        }
        let undelivered = self.ledger.outbox.undelivered();
        if undelivered > 0 {
            round
                .degraded
                .push(format!("{undelivered} alerts wait for delivery"));
        }
        let again = self
            .ledger
            .notes
            .recoveries
            .iter()
            .map(|r| r.due - round.snapshot.at.0)
            .min();
        let mut outcome = Outcome {
            troubles: self.troubles(),
            decisions: std::mem::take(&mut round.decisions),
            actions: round.actions,
            mode: round.mode.name().into(),
            again_in_s: again,
            degraded: Vec::new(),
        };
        self.report_round(&mut round, &outcome, began);
        outcome.degraded = std::mem::take(&mut round.degraded);
        for line in &outcome.degraded {
            self.log.error(line);
        }
        Ok(outcome)
    }

    fn report_round(&mut self, round: &mut Round, outcome: &Outcome, began: Instant) {
        if self.spool.is_none() {
            return;
        }
        let s = &round.snapshot;
        let memory = |p: Option<probe::Pressure>| p.map(|p| p.some.avg60);
        let data = json!({
            "cpu_pct": s.cpu_pct, "load1": s.load.one, "mem_pct": s.memory.used_pct(),
            "swap_pct": s.memory.swap_used_pct(),
            "psi": {"cpu": memory(s.pressures.cpu), "mem": memory(s.pressures.memory), "io": memory(s.pressures.io)},
            "disks": s.disks.iter().map(|d| json!({"mount": d.mount, "used_pct": d.usage.used_pct(), "inodes_pct": d.usage.inodes_pct()})).collect::<Vec<_>>(),
            "gpus": s.gpus,
            "services": s.services.iter().map(|x| json!({"name": x.name, "ok": x.ok})).collect::<Vec<_>>(),
            "runs": s.runs.iter().flat_map(|r| r.pids.iter().map(|pid| json!({"batch_id": r.batch_id, "pid": pid}))).collect::<Vec<_>>(),
        });
        let (host, boot_id, at) = (s.host.clone(), s.boot_id.clone(), s.at);
        self.report(round, "snapshot", &crate::text::uuid(), at, data);
        let beat = Beat {
            host,
            version: env!("CARGO_PKG_VERSION").into(),
            cycle: CycleNote {
                at,
                ms: began.elapsed().as_millis() as u64,
                problems: outcome.troubles.len(),
                actions: outcome.actions,
                interval_s: self.settings.interval,
            },
            mode: outcome.mode.clone(),
        };
        let (Some(link), Some(spool)) = (&mut self.link, &self.spool) else {
            return;
        };
        let told = link.report(spool, &boot_id, &beat, Stamp::now().0);
        let saved = link.save().map_err(|e| e.to_string());
        for why in [told, saved].into_iter().filter_map(Result::err) {
            round.degraded.push(format!("server: {why}"));
        }
    }
}

//! One round: look, judge, perhaps ask, decide, act, check, tell, remember.

mod classify;
mod decide;
mod finish;
mod propose;
mod record;
mod recover;
mod rows;
mod tell;
mod think;

use crate::audit::Audit;
use crate::beads::Beads;
use crate::brain::Brain;
use crate::channels::{Relay, Telegram};
use crate::collect::Collector;
use crate::cooldown;
use crate::detect::{self, incident::Change, orphan::Sighted};
use crate::ledger::{CycleState, Ledger};
use crate::log::Log;
use crate::plan::{Mode, Proposal, Ruling};
use crate::problem::Problem;
use crate::registry;
use crate::report::{Link, Spool};
use crate::settings::{Environment, Settings};
use crate::snapshot::Snapshot;
use crate::state;
use probe::Probe;
use record::Row;
use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::time::Instant;

/// Rows one cycle writes at most, by far.
const ROWS: usize = 500;

/// Whether a cycle may leave traces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trace {
    /// It acts, tells and remembers as the settings say.
    Full,
    /// It only says what it would do: nothing is sent, written or changed.
    None,
}

/// The watchdog of one host.
pub struct Watchdog {
    /// What it is told.
    pub settings: Settings,
    environment: Environment,
    collector: Collector,
    ledger: Ledger,
    audit: Audit,
    brain: Option<Brain>,
    telegram: Option<Telegram>,
    relay: Option<Relay>,
    beads: Option<Beads>,
    link: Option<Link>,
    spool: Option<Spool>,
    log: Log,
    trace: Trace,
    tmux: Option<PathBuf>,
    /// Rows of the cycle before, by id, when it was cut off or failed: they are not written again.
    cut_off: BTreeMap<String, Problem>,
    /// Rows of this cycle so far, by what they are about.
    named: BTreeMap<String, u32>,
}

/// What one cycle came to.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What did not work although the cycle did.
    pub degraded: Vec<String>,
    /// Each decision in a line.
    pub decisions: Vec<String>,
    /// Open troubles in a line each.
    pub troubles: Vec<String>,
    /// Actions that changed the host.
    pub actions: usize,
    /// How far it was allowed to go.
    pub mode: String,
    /// Seconds until somebody should look again, when sooner than usual.
    pub again_in_s: Option<i64>,
}

/// What a cycle works with.
struct Round {
    snapshot: Snapshot,
    digest: String,
    changes: Vec<Change>,
    sighted: Sighted,
    mode: Mode,
    rows: Vec<Row>,
    observations: Vec<String>,
    degraded: Vec<String>,
    decisions: Vec<String>,
    actions: usize,
}

impl Watchdog {
    /// Prepares everything; an error is about the state folder or the connection's settings.
    pub fn new(
        settings: Settings,
        environment: Environment,
        probe: Probe,
        trace: Trace,
        print: bool,
    ) -> io::Result<Self> {
        let ledger = Ledger::load(&settings)?;
        let link = match trace {
            Trace::Full => Link::of(&settings, &environment).map_err(io::Error::other)?,
            Trace::None => None,
        };
        let spool = match &link {
            Some(_) => Some(Spool::open(
                settings.state_file("spool"),
                settings.server.spool_bytes,
            )?),
            None => None,
        };
        let logs = environment.get("LOGS_DIRECTORY").map(PathBuf::from);
        let file = logs
            .unwrap_or_else(|| settings.state_file("logs"))
            .join("argus.log");
        let log = Log::new(
            (trace == Trace::Full).then_some(file),
            print,
            environment.get("JOURNAL_STREAM").is_some(),
        );
        let path = environment
            .get("PATH")
            .unwrap_or("/usr/local/bin:/usr/bin:/bin")
            .to_owned();
        Ok(Self {
            collector: Collector::new(probe, &settings, &environment),
            audit: Audit::open(&settings.state_dir)?,
            brain: Brain::of(&settings.model),
            telegram: Telegram::of(&settings.telegram),
            relay: Relay::of(&settings.relay),
            beads: Beads::of(&settings.beads, &path),
            tmux: crate::collect::find_program(&environment),
            settings,
            environment,
            ledger,
            link,
            spool,
            log,
            trace,
            cut_off: BTreeMap::new(),
            named: BTreeMap::new(),
        })
    }

    /// With another voice than the settings name, for replays and tests.
    #[must_use]
    pub fn with_brain(mut self, brain: Option<Brain>) -> Self {
        self.brain = brain;
        self
    }

    /// Where lines go.
    #[must_use]
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// One whole cycle. An error means that it failed; it is noted in `cycle_state.json`, if that
    /// can be written at all.
    pub fn cycle(&mut self) -> io::Result<Outcome> {
        let began = Instant::now();
        let earlier = self.begin()?;
        let result = self.round(&earlier, began);
        let now = crate::time::Stamp::now();
        let mut after = CycleState {
            timestamp: Some(now),
            ms: began.elapsed().as_millis() as u64,
            ..CycleState::default()
        };
        match &result {
            Ok(outcome) => {
                after.status = "ok".into();
                after.degraded.clone_from(&outcome.degraded);
                after.mode.clone_from(&outcome.mode);
            }
            Err(e) => {
                after.status = "failed".into();
                after.detail = crate::text::clean(&e.to_string(), 300);
                after.consecutive_failures = earlier.consecutive_failures + 1;
                self.log.error(&format!("the cycle failed: {e}"));
                self.tell_of_failures(&after);
            }
        }
        if self.trace == Trace::Full {
            state::save(&self.settings.state_file("logs/cycle_state.json"), &after)?;
        }
        result
    }

    /// Marks the begin, so that a cycle cut off by a crash is noticed by the next.
    fn begin(&mut self) -> io::Result<CycleState> {
        self.log.rotate();
        let file = self.settings.state_file("logs/cycle_state.json");
        let earlier: CycleState = state::load(&file)?.or_default();
        if self.trace == Trace::Full {
            if let Some(folder) = file.parent() {
                std::fs::create_dir_all(folder)?;
            }
            state::save(
                &file,
                &CycleState {
                    running: true,
                    ..earlier.clone()
                },
            )?;
        }
        if earlier.running {
            self.log
                .error("the cycle before was cut off before its end");
        }
        if self.trace == Trace::Full && self.ledger.notes.cycles == 0 {
            // Rows are named by it: the first cycle, begun again after a crash, must know it.
            state::save(&self.settings.state_file("notes.json"), &self.ledger.notes)?;
        }
        self.named.clear();
        self.cut_off.clear();
        if self.trace == Trace::Full && (earlier.running || earlier.status == "failed") {
            let rows = registry::last(&self.settings.files.problems, ROWS, |_| true)?;
            let by_id = rows.into_iter().map(|row| (row.id.clone(), row));
            self.cut_off = by_id.collect();
        }
        for file in std::mem::take(&mut self.ledger.quarantined) {
            self.log.error(&format!(
                "{} could not be read and was set aside; the last good copy is used",
                file.display()
            ));
        }
        Ok(earlier)
    }

    fn round(&mut self, earlier: &CycleState, began: Instant) -> io::Result<Outcome> {
        let mut degraded = Vec::new();
        let now = crate::time::Stamp::now();
        let host = if self.settings.host.is_empty() {
            self.collector.probe().hostname().unwrap_or_default()
        } else {
            self.settings.host.clone()
        };
        if let Some(link) = &mut self.link
            && let Err(why) = link.refresh(&self.settings, self.collector.probe(), &host, now.0)
        {
            degraded.push(format!("server: {why}"));
        }
        let (snapshot, before) = self
            .collector
            .look(&self.settings, &self.ledger.before)
            .map_err(io::Error::other)?;
        self.ledger.before = before;
        self.ledger.answers =
            state::load(&self.settings.state_file(crate::approval::ANSWERS))?.or_default();
        let mut round = self.judge(snapshot);
        round.degraded.append(&mut degraded);
        let blind = round
            .snapshot
            .blind
            .iter()
            .map(|b| format!("not seen: {}", b.why));
        round.degraded.extend(blind);
        self.check_recoveries(&mut round);
        let mut proposals = propose::by_rules(&round.changes, &round.sighted);
        let asked = self.think(&mut round, earlier);
        proposals.extend(asked.iter().flat_map(|t| t.proposals.clone()));
        // What was agreed to earlier may be carried out whoever proposes it now.
        proposals.extend(self.agreed_proposals(&round.snapshot));
        // Rule, model and an earlier question may want the same; it is done once.
        let mut seen = std::collections::BTreeSet::new();
        proposals.retain(|p| !p.action.changes_host() || seen.insert((p.action, p.target.clone())));
        let mut rulings = Vec::new();
        for proposal in proposals {
            let line = self.decide(&mut round, &proposal)?;
            if proposal.origin == crate::plan::Origin::Model {
                rulings.push(line);
            }
        }
        if let Some(thought) = asked {
            self.keep_transcript(&mut round, thought, rulings);
        }
        self.tell(&mut round);
        self.finish(round, began)
    }

    /// From a snapshot to troubles; nothing leaves the process yet.
    fn judge(&mut self, snapshot: Snapshot) -> Round {
        let now = snapshot.at.0;
        if snapshot.clock_jump_s.abs() >= detect::JUMP_S {
            let (by, ledger) = (snapshot.clock_jump_s as i64, &mut self.ledger);
            cooldown::shift(
                &mut ledger.backoff,
                &mut ledger.dedup,
                &mut ledger.spent,
                by,
                now,
            );
        }
        self.ledger.compact(now, &self.settings);
        let readings = detect::readings(&snapshot, &self.settings);
        let changes = self.ledger.incidents.observe(&readings, &snapshot);
        let sighted = self.ledger.orphans.sight(&snapshot, &self.settings);
        let text = serde_json::to_vec(&snapshot).unwrap_or_default();
        Round {
            digest: crate::text::hash(&text),
            mode: self.mode(&snapshot),
            snapshot,
            changes,
            sighted,
            rows: Vec::new(),
            observations: Vec::new(),
            degraded: Vec::new(),
            decisions: Vec::new(),
            actions: 0,
        }
    }

    fn mode(&self, snapshot: &Snapshot) -> Mode {
        let trial_s = self
            .settings
            .trial_hours
            .unwrap_or(24)
            .saturating_mul(3600)
            .cast_signed();
        let in_trial = snapshot.at.since(self.ledger.notes.installed) < trial_s;
        let own = if self.settings.state_file("pause").exists() {
            Mode::Paused
        } else if self.trace == Trace::None || self.settings.dry_run.unwrap_or(in_trial) {
            Mode::DryRun
        } else {
            Mode::Live
        };
        self.link
            .as_ref()
            .map_or(own, |link| link.policy().narrow(own, snapshot.at))
    }

    /// What would be done about this snapshot: rulings, and nothing else.
    pub fn explain(&mut self, snapshot: Snapshot) -> (Vec<(Proposal, Ruling)>, Vec<String>) {
        let round = self.judge(snapshot);
        let mut proposals = propose::by_rules(&round.changes, &round.sighted);
        if let Some(brain) = &mut self.brain {
            let prompt = think::prompt(&self.settings, &self.ledger, &round.snapshot, "");
            match brain.ask(&prompt) {
                Ok(reply) => proposals.extend(reply.answer.proposals()),
                Err(e) => self.log.error(&e.to_string()),
            }
        }
        let agreed = self.agreed();
        let judged = proposals.into_iter().map(|p| {
            let ruling = self.policy(&round, &agreed).rule(&p);
            (p, ruling)
        });
        let judged = judged.collect();
        (judged, self.troubles())
    }

    /// A look at the host, for `explain` and for files to replay.
    pub fn look(&mut self) -> io::Result<Snapshot> {
        self.collector
            .look(&self.settings, &self.ledger.before)
            .map(|(s, _)| s)
            .map_err(io::Error::other)
    }

    fn troubles(&self) -> Vec<String> {
        let line = |(_, i): (_, &crate::detect::incident::Incident)| {
            format!("{}: {} ({})", i.severity.name(), i.title, i.detail)
        };
        self.ledger.incidents.open().map(line).collect()
    }
}

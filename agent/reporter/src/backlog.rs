//! What other processes left unsent: dead ones, forked children, the original reporter.

use crate::notice::Weight;
use crate::settings::Mode;
use crate::shared::Shared;
use crate::spool::{Home, Label, Spool, adopt_legacy, spools_in};
use crate::worker::Writer;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Between two looks for processes that died meanwhile.
const LOOK: Duration = Duration::from_secs(30);

/// Spools taken over, in the order they were begun.
#[derive(Debug)]
pub(crate) struct Backlog {
    shared: Arc<Shared>,
    spools: VecDeque<Spool>,
    next_look: Instant,
    first: bool,
    is_child: bool,
}

impl Backlog {
    /// Nothing yet; the first turn looks.
    pub fn new(shared: Arc<Shared>, is_child: bool) -> Self {
        Self {
            shared,
            spools: VecDeque::new(),
            next_look: Instant::now(),
            first: true,
            is_child,
        }
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.spools.is_empty()
    }

    /// Whether nothing of this batch is left.
    pub fn own_is_empty(&self) -> bool {
        self.spools.iter().all(|spool| !self.is_own(spool))
    }

    fn is_own(&self, spool: &Spool) -> bool {
        spool.home().label().batch_id == self.shared.batch_id
    }

    /// Looks for spools of processes that are gone. A child leaves that to its parent.
    pub fn turn(&mut self, now: Instant, writer: &mut Writer) {
        if self.shared.settings.mode != Mode::Online || self.is_child || now < self.next_look {
            return;
        }
        self.next_look = now + LOOK;
        if std::mem::take(&mut self.first) {
            self.adopt_original();
        }
        self.adopt(|_| true, writer);
    }

    /// At the end of a batch: takes over what its forked children left. A process that ended before
    /// it ever looked looks for everything now; whether it is such a one.
    pub fn look_late(&mut self, writer: &mut Writer) -> bool {
        if self.first {
            self.turn(Instant::now(), writer);
            return true;
        }
        if self.shared.settings.mode == Mode::Online && !self.is_child {
            let own = self.shared.batch_id.clone();
            self.adopt(|batch| batch == own, writer);
        }
        false
    }

    fn adopt(&mut self, wanted: impl Fn(&str) -> bool, writer: &mut Writer) {
        let settings = &self.shared.settings;
        let mut elsewhere = 0;
        for (path, label) in spools_in(&settings.dir) {
            if label.offline || !wanted(&label.batch_id) {
                continue;
            }
            if label.url.is_some() && label.url != settings.url {
                elsewhere += 1;
                continue;
            }
            let Some(home) = Home::take_over(&path) else {
                continue;
            };
            match Spool::reopen(home, settings.spool_bytes) {
                Ok(spool) if spool.is_empty() => drop(spool.close()),
                Ok(spool) => self.spools.push_back(spool),
                Err(error) => {
                    let text = format!("cannot read {}: {error}", path.display());
                    self.shared.notices.once("backlog", Weight::Warning, text);
                }
            }
            // Opening a large folder takes time; callers' events do not wait for it.
            writer.pulse();
        }
        if elsewhere > 0 {
            let text = format!(
                "unsent events of {elsewhere} processes are for another server: argus sync"
            );
            self.shared.notices.once("elsewhere", Weight::Info, text);
        }
    }

    /// Files of the original go before everything of this process: they may be of the same batch.
    fn adopt_original(&mut self) {
        let settings = &self.shared.settings;
        let label = Label {
            url: settings.url.clone(),
            batch_id: self.shared.batch_id.clone(),
            pid: std::process::id(),
            ..Label::default()
        };
        let mut spool = Spool::new(Home::new(&settings.dir, label), settings.spool_bytes);
        match adopt_legacy(&settings.dir, &mut spool) {
            Ok(0) => {}
            Ok(count) => {
                let text = format!("replaying {count} events of an earlier argus-reporter");
                self.shared.notices.once("legacy", Weight::Info, text);
            }
            Err(error) => {
                let text = format!("cannot take over spill files: {error}");
                self.shared.notices.once("legacy", Weight::Warning, text);
            }
        }
        if !spool.is_empty() {
            self.spools.push_back(spool);
        }
    }

    /// The spool to send from before this process's own: one of the same batch, so that its
    /// events arrive in order; else, when nothing of its own waits, any.
    pub fn next(&mut self, own_waits: bool) -> Option<usize> {
        let same = self.spools.iter().position(|spool| self.is_own(spool));
        same.or_else(|| (!own_waits && !self.spools.is_empty()).then_some(0))
    }

    /// A spool by its place.
    pub fn spool(&mut self, at: usize) -> Option<&mut Spool> {
        self.spools.get_mut(at)
    }

    /// Removes a spool of which everything was sent.
    pub fn drop_empty(&mut self, at: usize) {
        if self.spools.get(at).is_some_and(Spool::is_empty)
            && let Some(spool) = self.spools.remove(at)
        {
            spool.close();
        }
    }
}

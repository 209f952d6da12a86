//! Does what [`crate::state::step`] decided, in its order.

use crate::console::Watch;
use crate::courier::Call;
use crate::event::{Effect, Event, Level, Now};
use crate::examine::{self, Prepared};
use crate::fault;
use crate::journal::{Phase, Record};
use crate::snapshot::Surroundings;
use crate::supervisor::Supervisor;
use client::{Exit, ExitReason, Refusal};

impl Supervisor {
    /// Does what follows, in order; what happens at once is dealt with at once.
    pub(crate) fn perform(&mut self, effects: Vec<Effect>, now: Now) -> bool {
        let mut barred: Vec<String> = Vec::new();
        let mut quit = false;
        for (at, effect) in effects.iter().enumerate() {
            let next = match effect {
                Effect::Record(record) => {
                    let opens = |e: &Effect| *e == Effect::Release(record.cmd.clone());
                    let first = record.phase < Phase::Acked || effects[at..].iter().any(opens);
                    self.record(record, now).filter(|_| first).inspect(|_| {
                        barred.push(record.cmd.clone());
                    })
                }
                Effect::Spawn(cmd) | Effect::Release(cmd) | Effect::Examine(cmd)
                    if barred.contains(cmd) =>
                {
                    None
                }
                // Not sent after all; what is said instead follows as a new try.
                Effect::Ack(cmd, _) if barred.contains(cmd) => {
                    let unsent = client::Error::Offline("the journal comes first".to_owned());
                    Some(Event::Acked(cmd.clone(), Err(unsent)))
                }
                Effect::Quit => {
                    quit = true;
                    None
                }
                other => self.perform_one(other, now),
            };
            if let Some(event) = next {
                quit |= self.handle(event, now);
            }
        }
        quit
    }

    fn record(&mut self, record: &Record, now: Now) -> Option<Event> {
        match self.journal.write(record, now.unix_s) {
            Ok(()) => {
                self.state.journal_well = true;
                fault::point(match record.phase {
                    Phase::Received => "received",
                    Phase::Spawning => "spawning",
                    Phase::Spawned => "spawned",
                    Phase::Acked if record.stop.is_some() => "stopping",
                    Phase::Acked => "acked",
                    Phase::Exited => "exited",
                    Phase::Refused => "refused",
                    Phase::Done => "done",
                });
                None
            }
            Err(error) => {
                if self.state.journal_well {
                    crate::say(&format!("warning: the journal: {error}"));
                }
                Some(Event::Unwritten(record.cmd.clone()))
            }
        }
    }

    fn perform_one(&mut self, effect: &Effect, now: Now) -> Option<Event> {
        match effect {
            Effect::Poll { after, wait_s } => self.courier.ask(*after, *wait_s),
            Effect::Examine(cmd) => return self.examine(cmd).map(|(event, _)| event),
            Effect::Spawn(cmd) => return Some(self.spawn(cmd)),
            Effect::Release(cmd) => return self.release(cmd),
            Effect::DropGate(cmd) => self.executor.drop_gate(cmd),
            Effect::Terminate(cmd) => self.executor.terminate(cmd),
            Effect::Kill(cmd) => self.executor.kill(cmd),
            Effect::Ack(cmd, ack) => {
                self.courier.call(Call::Ack(cmd.clone(), (**ack).clone()));
            }
            Effect::Report(cmd) => self.report(cmd, now),
            Effect::Audit(cmd, what, detail) => self.audit.line(cmd, what, detail),
            Effect::Say(level, text) => {
                let mark = if *level == Level::Warn {
                    "warning: "
                } else {
                    ""
                };
                crate::say(&format!("{mark}{text}"));
            }
            Effect::Record(_) | Effect::Quit => {}
        }
        None
    }

    fn examine(&self, cmd: &str) -> Option<(Event, Option<Prepared>)> {
        let request = self.state.runs.get(cmd)?.request.as_ref()?;
        let base = self.settings.vars();
        let (found, prepared) =
            examine::examine(request, &self.state.policies, base, &self.machine);
        Some((Event::Examined(cmd.to_owned(), found), prepared))
    }

    /// Looks once more, since files may have changed while it waited, and makes the process from
    /// what was seen then.
    fn spawn(&mut self, cmd: &str) -> Event {
        let gone = || (Refusal::Other, "the request is gone".to_owned());
        let made = match self.examine(cmd) {
            Some((Event::Examined(_, found), None)) => Err(found.refusal.unwrap_or_else(gone)),
            Some((_, Some(prepared))) => {
                let around = Surroundings {
                    argv: prepared.argv.clone(),
                    program: prepared.program.clone(),
                    cwd: prepared.cwd_path.clone(),
                    env: prepared.env.clone(),
                    gpus: self.machine.gpus(),
                };
                self.surroundings.insert(cmd.to_owned(), around);
                self.executor
                    .spawn(cmd, prepared, &self.settings.home.log(cmd))
            }
            _ => Err(gone()),
        };
        fault::point("gated");
        Event::Spawned(cmd.to_owned(), made)
    }

    fn release(&mut self, cmd: &str) -> Option<Event> {
        let run = self.state.runs.get(cmd)?;
        let mut more = vec![
            ("ARGUS_URL".to_owned(), self.identity.server.clone()),
            ("ARGUS_BATCH_ID".to_owned(), run.record.batch_id.clone()),
        ];
        if let Some(token) = &run.token {
            more.push(("ARGUS_TOKEN".to_owned(), token.reveal().to_owned()));
        }
        let released = self.executor.release(cmd, more);
        self.watch(cmd);
        released
            .err()
            .map(|e| Event::Stuck(cmd.to_owned(), e.to_string()))
    }

    pub(crate) fn watch(&mut self, cmd: &str) {
        let Some(run) = self.state.runs.get(cmd) else {
            return;
        };
        let most = self
            .state
            .policies
            .iter()
            .map(|p| p.limits.log_mb)
            .min()
            .unwrap_or(64);
        let watch = Watch {
            batch_id: run.record.batch_id.clone(),
            log: self.settings.home.log(cmd),
            most: most * 1024 * 1024,
            host: self.identity.hostname.clone(),
            surroundings: self.surroundings.remove(cmd),
            token: run.token.clone(),
        };
        self.watching.insert(cmd.to_owned());
        self.console.watch(cmd, watch);
    }

    fn report(&mut self, cmd: &str, now: Now) {
        let Some(run) = self.state.runs.get(cmd) else {
            return;
        };
        let end = run.record.end.clone();
        let end = end.unwrap_or_else(|| crate::state::unknown_end(ExitReason::Unknown, now));
        let exit = Exit {
            exit_code: end.code,
            signal: end.signal,
            reason: end.reason,
            last_lines: crate::logs::tail(&self.settings.home.log(cmd), 50),
            started_at: run.record.started_at.clone(),
            ended_at: Some(end.at),
        };
        self.watching.remove(cmd);
        self.console.finish(cmd, exit);
    }
}

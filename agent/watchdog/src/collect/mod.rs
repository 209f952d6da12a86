//! From a live host to a snapshot. Each collector may fail by itself; the others go on.

mod checks;
mod disks;
mod processes;
mod runs;
mod tmux;

pub(crate) use checks::reached;
pub use runs::JobMap;
pub use tmux::{find_program, list as tmux_sessions};

use crate::dbus::Systemd;
use crate::settings::{Environment, Settings};
use crate::snapshot::{Blind, Service, Snapshot, Source};
use crate::time::Stamp;
use probe::{Clock, CpuTimes, Gpus, Probe, ProbeError};
use serde::{Deserialize, Serialize};

/// What the last look left for the next: counters whose growth matters.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Before {
    /// Boot it belongs to.
    pub boot_id: String,
    /// Clocks.
    pub clock: Option<Clock>,
    /// Processor time.
    pub cpu: CpuTimes,
    /// OOM kills of host and group.
    pub oom: [u64; 2],
}

/// Looks at a host again and again.
pub struct Collector {
    probe: Probe,
    gpus: Option<Gpus>,
    jobs: JobMap,
    tmux: Option<std::path::PathBuf>,
}

impl Collector {
    /// Opens what stays open: the driver of the GPUs.
    #[must_use]
    pub fn new(probe: Probe, settings: &Settings, environment: &Environment) -> Self {
        Self {
            probe,
            gpus: Gpus::open(),
            jobs: JobMap::new(settings.server.agent_journal.clone()),
            tmux: find_program(environment),
        }
    }

    /// The host it looks at.
    #[must_use]
    pub fn probe(&self) -> &Probe {
        &self.probe
    }

    /// Looks once. An error means that not even the clock of the boot can be read.
    pub fn look(
        &mut self,
        settings: &Settings,
        before: &Before,
    ) -> Result<(Snapshot, Before), ProbeError> {
        let probe = &self.probe;
        let clock = Clock::now();
        let boot_id = probe.boot_id()?;
        let mut blind = Vec::new();
        let host = if settings.host.is_empty() {
            probe.hostname()?
        } else {
            settings.host.clone()
        };
        let cpu = or_blind(probe.cpu_times(), Source::System, &mut blind);
        let memory = or_blind(probe.memory(), Source::Memory, &mut blind);
        let vm = probe.vm_events();
        let own = probe
            .cgroup_of(std::process::id())
            .unwrap_or_else(|| "/".into());
        let cgroup = probe.cgroup(&own);
        let oom = [
            vm.oom_kills,
            cgroup.as_ref().map_or(0, |g| g.events.oom_kill),
        ];
        let same_boot = before.boot_id == boot_id;
        let earlier = before.clock.filter(|_| same_boot);
        let gpus = self.gpus.as_ref().map(Gpus::read).unwrap_or_default();
        let found = processes::look(probe, settings, &clock, &mut self.jobs, &mut blind);
        let mut sessions = tmux::look(self.tmux.as_deref(), settings, &mut blind);
        for session in &mut sessions {
            session.runs = found.runs_below(&session.panes);
        }
        let snapshot = Snapshot {
            at: Stamp(clock.wall_s as i64),
            cores: probe.cores(),
            cpu_pct: earlier.and_then(|_| cpu.percent_since(&before.cpu)),
            load: or_blind(probe.load(), Source::System, &mut blind),
            pressures: probe.pressures(),
            disks: disks::look(probe, settings, &mut blind),
            services: services(settings, &mut blind),
            clock_jump_s: earlier.map_or(0.0, |then| clock.jumped_since(&then)),
            oom_kills: oom_kills(oom, before.oom, same_boot),
            uid: rustix::process::geteuid().as_raw(),
            processes: found.candidates,
            counts: found.counts,
            runs: found.runs,
            notes: notes(&settings.files.memory_dir),
            boot_id: boot_id.clone(),
            host,
            clock,
            memory,
            vm,
            cgroup,
            gpus,
            sessions,
            blind,
        };
        Ok((
            snapshot,
            Before {
                boot_id,
                clock: Some(clock),
                cpu,
                oom,
            },
        ))
    }
}

/// Killings since the last look, of the machine or of the own group; counters begin anew with the
/// machine.
fn oom_kills(now: [u64; 2], then: [u64; 2], same_boot: bool) -> u64 {
    let grown = |at: usize| now[at].saturating_sub(then[at]);
    if same_boot { grown(0).max(grown(1)) } else { 0 }
}

fn or_blind<T: Default>(read: Result<T, ProbeError>, what: Source, blind: &mut Vec<Blind>) -> T {
    read.unwrap_or_else(|e| {
        blind.push(Blind {
            what,
            why: e.to_string(),
        });
        T::default()
    })
}

fn services(settings: &Settings, blind: &mut Vec<Blind>) -> Vec<Service> {
    let mut found = Vec::new();
    let checked: Vec<_> = settings
        .services
        .check
        .iter()
        .filter_map(|c| c.unit.as_ref())
        .collect();
    if !settings.services.units.is_empty() {
        match Systemd::connect(&settings.services.bus) {
            Ok(mut bus) => {
                for unit in &settings.services.units {
                    match bus.state(unit) {
                        Ok(state) => found.push(Service {
                            handle: String::new(),
                            name: unit.clone(),
                            unit: Some(unit.clone()),
                            // A unit that somebody stopped is no trouble; one with a check that
                            // fails is found below.
                            ok: !state.is_trouble(),
                            detail: state.to_string(),
                        }),
                        Err(e) => blind.push(Blind {
                            what: Source::Services,
                            why: format!("{unit}: {e}"),
                        }),
                    }
                }
            }
            Err(e) => blind.push(Blind {
                what: Source::Services,
                why: e.to_string(),
            }),
        }
    }
    // One entry per trouble: a unit that has a check is judged by both under the check's name.
    let results = checks::all(&settings.services.check);
    for (check, result) in settings.services.check.iter().zip(results) {
        found.push(Service {
            handle: String::new(),
            name: check.name.clone(),
            unit: check.unit.clone(),
            ok: result.is_ok(),
            detail: result.unwrap_or_else(|why| why),
        });
    }
    let failing: Vec<String> = found
        .iter()
        .filter(|s| !s.ok && s.unit.as_ref() == Some(&s.name))
        .map(|s| s.name.clone())
        .collect();
    found.retain(|s| {
        let of_unit = s.unit.as_ref() == Some(&s.name);
        !(of_unit && checked.contains(&&s.name)) || failing.contains(&s.name)
    });
    for (number, service) in found.iter_mut().enumerate() {
        service.handle = format!("s{}", number + 1);
    }
    found
}

/// The five newest notes: time and path.
fn notes(folder: &std::path::Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut found: Vec<(i64, String)> = entries
        .flatten()
        .take(1000)
        .filter(|e| e.path().extension().is_some_and(|x| x == "md"))
        .filter_map(|e| {
            use std::os::unix::fs::MetadataExt;
            let name = e.file_name().to_string_lossy().into_owned();
            Some((e.metadata().ok()?.mtime(), crate::text::clean(&name, 80)))
        })
        .collect();
    found.sort_unstable_by(|a, b| b.cmp(a));
    found.truncate(5);
    found
        .into_iter()
        .map(|(at, name)| format!("{} {name}", Stamp(at)))
        .collect()
}

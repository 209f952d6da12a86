//! Processes: a cheap listing of all, a close look at few.

use super::JobMap;
use crate::settings::Settings;
use crate::snapshot::{Blind, Candidate, Counts, Run, Source};
use probe::{Clock, Probe, Process};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Largest processes that are looked at.
const LARGEST: usize = 10;
/// Most processes that are looked at.
const MOST: usize = 64;

/// What was found.
#[derive(Default)]
pub(super) struct Found {
    pub(super) candidates: Vec<Candidate>,
    pub(super) counts: Counts,
    pub(super) runs: Vec<Run>,
    parents: BTreeMap<u32, u32>,
}

impl Found {
    /// Runs with a process at or below one of `roots`.
    pub(super) fn runs_below(&self, roots: &[u32]) -> BTreeSet<String> {
        let inside = |pid: u32| lineage_of(&self.parents, pid).any(|p| roots.contains(&p));
        let touched = self
            .runs
            .iter()
            .filter(|run| run.pids.iter().any(|p| inside(*p)));
        touched.map(|run| run.batch_id.clone()).collect()
    }
}

/// A process and its ancestors, youngest first.
pub(super) fn lineage_of(parents: &BTreeMap<u32, u32>, pid: u32) -> impl Iterator<Item = u32> {
    let step = |p: &u32| {
        parents
            .get(p)
            .copied()
            .filter(|parent| *parent != 0 && parent != p)
    };
    // A parent's number may be reused while listing: a bound instead of trust in there being no ring.
    std::iter::successors(Some(pid), step).take(1000)
}

pub(super) fn look(
    probe: &Probe,
    settings: &Settings,
    clock: &Clock,
    jobs: &mut JobMap,
    blind: &mut Vec<Blind>,
) -> Found {
    let all = match probe.processes() {
        Ok(all) => all,
        Err(e) => {
            blind.push(Blind {
                what: Source::Processes,
                why: e.to_string(),
            });
            return Found::default();
        }
    };
    let parents: BTreeMap<u32, u32> = all.iter().map(|p| (p.pid, p.ppid)).collect();
    let users: Vec<&Process> = all.iter().filter(|p| !p.kernel && p.pid != 2).collect();
    let of_run = jobs.map(probe, &users, &parents, blind);
    let own: BTreeSet<u32> = lineage_of(&parents, std::process::id()).collect();
    let mut sizes: Vec<&&Process> = users.iter().collect();
    sizes.sort_unstable_by_key(|p| std::cmp::Reverse(p.rss_bytes));
    let largest: BTreeSet<u32> = sizes.iter().take(LARGEST).map(|p| p.pid).collect();
    let mut candidates = Vec::new();
    for process in sizes.iter().filter(|p| p.state != 'Z') {
        let exe = probe.exe(process.pid);
        let listed = exe.as_deref().is_some_and(|exe| is_listed(exe, settings));
        if !(listed || largest.contains(&process.pid)) || candidates.len() == MOST {
            continue;
        }
        candidates.push(Candidate {
            handle: format!("p{}", candidates.len() + 1),
            identity: probe
                .identity(process.pid)
                .filter(|i| i.start_ticks == process.start_ticks),
            pid: process.pid,
            ppid: process.ppid,
            name: process.name.clone(),
            argv: probe.argv(process.pid),
            state: process.state,
            rss_bytes: process.rss_bytes,
            age_s: clock.age_of(process.start_ticks).as_secs(),
            run: of_run.get(&process.pid).cloned(),
            own: own.contains(&process.pid),
            orphaned: is_orphaned(process, &all),
        });
    }
    let count = |state: char| users.iter().filter(|p| p.state == state).count();
    Found {
        candidates,
        counts: Counts {
            total: users.len(),
            zombies: count('Z'),
            stuck: count('D'),
        },
        runs: gather(&of_run),
        parents,
    }
}

fn is_listed(exe: &Path, settings: &Settings) -> bool {
    settings
        .kill
        .programs
        .iter()
        .any(|rule| crate::plan::is_program(exe, rule))
}

/// The parent is the first process, or a session manager that adopts.
fn is_orphaned(process: &Process, all: &[Process]) -> bool {
    process.ppid == 1
        || all
            .binary_search_by_key(&process.ppid, |p| p.pid)
            .is_ok_and(|at| {
                let parent = &all[at];
                parent.ppid == 1 && parent.name == "systemd"
            })
}

fn gather(of_run: &BTreeMap<u32, String>) -> Vec<Run> {
    let mut runs: BTreeMap<&String, BTreeSet<u32>> = BTreeMap::new();
    for (pid, batch) in of_run {
        runs.entry(batch).or_default().insert(*pid);
    }
    let made = |(batch, pids): (&String, BTreeSet<u32>)| Run {
        batch_id: batch.clone(),
        pids,
    };
    runs.into_iter().map(made).collect()
}

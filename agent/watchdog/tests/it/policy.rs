//! Whatever is proposed, what is ordered is on the list.

use crate::trees::{candidate, settings, snapshot, usage};
use argus_watchdog::approval::Asks;
use argus_watchdog::cooldown::{Backoff, Spent};
use argus_watchdog::detect;
use argus_watchdog::detect::incident::Incidents;
use argus_watchdog::plan::{ActionKind, Deed, Mode, Origin, Policy, Proposal, Ruling};
use argus_watchdog::settings::Settings;
use argus_watchdog::snapshot::{Candidate, Disk, Service, Session, Snapshot};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::path::Path;

const MORE: &str = "[services]\nunits = [\"a.service\", \"b.service\"]\n[approval]\nkill_tmux = \"auto\"\n[tmux]\nkeep = [\"main\"]\n";

fn processes() -> impl Strategy<Value = Candidate> {
    let exe = prop::sample::select(vec![
        "/usr/bin/node",
        "/usr/bin/node_exporter",
        "/opt/claude",
        "/usr/bin/python3",
        "/usr/bin/nodex",
        "/usr/sbin/sshd",
        "/usr/bin/node (deleted)",
        "node",
        "/usr/bin/codex",
    ]);
    let cgroup = prop::sample::select(vec![
        "/user.slice",
        "/system.slice/a.service",
        "/init.scope",
        "/",
    ]);
    (
        0_u32..8,
        exe,
        any::<[bool; 6]>(),
        0_u64..2000,
        cgroup,
        0_u32..3,
    )
        .prop_map(|(pid, exe, flags, age, cgroup, uid)| {
            let mut one = candidate(&format!("p{pid}"), pid, exe);
            let [no_identity, no_file, run, own, orphaned, test] = flags;
            let identity = one.identity.as_mut().expect("identity");
            cgroup.clone_into(&mut identity.cgroup);
            identity.uid = identity.uid.wrapping_add(uid);
            if no_file {
                identity.exe_file = None;
            }
            if no_identity && test {
                one.identity = None;
            }
            one.run = run.then(|| "b-1".into());
            (one.own, one.orphaned, one.age_s) = (own, orphaned, age);
            one
        })
}

fn hosts() -> impl Strategy<Value = Snapshot> {
    let unit = prop::option::of(prop::sample::select(vec![
        "a.service",
        "b.service",
        "c.service",
        "ssh.service",
    ]));
    let services = prop::collection::vec((unit, any::<bool>()), 0..4);
    let sessions = prop::collection::vec(
        (
            prop::sample::select(vec!["main", "agents", ""]),
            any::<bool>(),
        ),
        0..4,
    );
    let figures = (0_u64..100, 0_u64..1000);
    (
        prop::collection::vec(processes(), 0..6),
        services,
        sessions,
        figures,
    )
        .prop_map(|(processes, services, sessions, (disk, memory))| {
            let mut host = snapshot();
            host.processes = processes;
            host.disks = vec![Disk {
                handle: "d1".into(),
                mount: "/".into(),
                fs: "ext4".into(),
                usage: usage(disk),
            }];
            host.memory.available_bytes = memory;
            host.services = services
                .into_iter()
                .enumerate()
                .map(|(n, (unit, ok))| Service {
                    handle: format!("s{n}"),
                    name: format!("n{n}"),
                    unit: unit.map(str::to_owned),
                    ok,
                    detail: String::new(),
                })
                .collect();
            host.sessions = sessions
                .into_iter()
                .enumerate()
                .map(|(n, (name, run))| Session {
                    handle: format!("t{n}"),
                    socket: "/tmp/s".into(),
                    server_pid: 5,
                    id: format!("${n}"),
                    name: name.into(),
                    created: 1,
                    windows: 1,
                    panes: vec![9],
                    runs: if run {
                        ["b-1".to_owned()].into()
                    } else {
                        BTreeSet::new()
                    },
                })
                .collect();
            host
        })
}

fn proposals() -> impl Strategy<Value = Proposal> {
    let handle = ("[pstdx]", 0_u32..8).prop_map(|(kind, n)| format!("{kind}{n}"));
    let target = prop_oneof![4 => handle, 1 => ".{0,12}", 1 => Just("1".to_owned()), 1 => Just("ssh.service".to_owned())];
    (
        prop::sample::select(ActionKind::ALL.to_vec()),
        target,
        ".{0,40}",
        any::<bool>(),
    )
        .prop_map(|(action, target, reason, rule)| Proposal {
            action,
            target,
            reason,
            origin: if rule { Origin::Rule } else { Origin::Model },
            incident: None,
        })
}

fn is_on_the_list(deed: &Deed, host: &Snapshot, settings: &Settings) -> bool {
    match deed {
        Deed::RestartService { unit } => {
            ["a.service", "b.service"].contains(&unit.as_str())
                && host
                    .services
                    .iter()
                    .any(|s| !s.ok && s.unit.as_ref() == Some(unit))
        }
        Deed::KillPid { identity, boot_id } => host.processes.iter().any(|p| {
            p.identity.as_ref() == Some(identity)
                && (p.run.is_none() && !p.own && p.pid > 2 && *boot_id == host.boot_id)
                && identity.uid == host.uid
                && !identity.cgroup.starts_with("/system.slice")
                && !identity.cgroup.starts_with("/init.scope")
                && ["node", "claude", "codex"]
                    .iter()
                    .any(|n| identity.exe.file_name() == Some(n.as_ref()))
        }),
        Deed::KillTmux { id, name, .. } => {
            name != "main"
                && host
                    .sessions
                    .iter()
                    .any(|t| t.id == *id && t.name == *name && t.runs.is_empty())
        }
        Deed::CleanDisk { mount } => {
            mount.as_deref() == Some(Path::new("/"))
                && host.disks[0].usage.used_pct() >= settings.disk.warn
        }
        Deed::Alert { text } | Deed::Log { text } => {
            !text.chars().any(char::is_control) && !text.is_empty()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, ..ProptestConfig::default() })]
    #[test]
    fn no_proposal_leads_outside_the_list(host in hosts(), wishes in prop::collection::vec(proposals(), 1..8), mode in 0..3) {
        let folder = Path::new("/nonexistent");
        let settings = settings(folder, MORE);
        let mut incidents = Incidents::default();
        incidents.observe(&detect::readings(&host, &settings), &host);
        let ripe: Vec<String> = host.processes.iter().filter(|p| p.orphaned).map(|p| p.handle.clone()).collect();
        let policy = Policy {
            settings: &settings,
            snapshot: &host,
            incidents: &incidents,
            backoff: &Backoff::default(),
            spent: &Spent::default(),
            approved: &BTreeSet::new(),
            ripe: &ripe,
            mode: [Mode::Live, Mode::DryRun, Mode::Paused][mode as usize],
        };
        for wish in &wishes {
            match policy.rule(wish) {
                Ruling::Act(order) => {
                    prop_assert!(is_on_the_list(order.deed(), &host, &settings), "{:?}", order);
                    prop_assert_eq!(order.deed().kind(), wish.action);
                    let changes = wish.action.changes_host();
                    prop_assert!(!changes || policy.mode == Mode::Live);
                }
                Ruling::DryRun(order) | Ruling::Ask(order) => {
                    prop_assert!(is_on_the_list(order.deed(), &host, &settings), "{:?}", order);
                }
                Ruling::Wait(_) | Ruling::Loop { .. } | Ruling::Refuse(_) => {}
            }
        }
    }
}

#[test]
fn an_agreement_is_to_one_deed_only() {
    let settings = settings(
        Path::new("/nonexistent"),
        "[approval]\nkill_tmux = \"ask\"\n",
    );
    let mut host = snapshot();
    let session = |handle: &str, id: &str, created| Session {
        handle: handle.into(),
        socket: "/tmp/s".into(),
        server_pid: 5,
        id: id.into(),
        name: "work".into(),
        created,
        windows: 1,
        panes: Vec::new(),
        runs: BTreeSet::new(),
    };
    host.sessions = vec![session("t1", "$1", 100)];
    let wish = Proposal {
        action: ActionKind::KillTmux,
        target: "t1".into(),
        reason: "old".into(),
        origin: Origin::Model,
        incident: None,
    };
    let rule = |host: &Snapshot, approved: &BTreeSet<String>| {
        Policy {
            settings: &settings,
            snapshot: host,
            incidents: &Incidents::default(),
            backoff: &Backoff::default(),
            spent: &Spent::default(),
            approved,
            ripe: &[],
            mode: Mode::Live,
        }
        .rule(&wish)
    };
    let Ruling::Ask(order) = rule(&host, &BTreeSet::new()) else {
        panic!("not asked")
    };
    let mut asks = Asks::default();
    asks.ask(order.deed(), "old", 10, 60);
    let agreed = asks.agreed(&[(order.deed().digest(), true)].into());
    assert!(matches!(rule(&host, &agreed), Ruling::Act(_)));
    // The same name and number, but made later: another session.
    host.sessions = vec![session("t1", "$1", 200)];
    assert!(matches!(rule(&host, &agreed), Ruling::Ask(_)));
}

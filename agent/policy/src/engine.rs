//! The ruling. Every rule that objects is heard; the strictest answer wins, also over several
//! policies, so that another policy can only narrow.

use crate::pattern::matches;
use crate::script::{file_name, is_shell};
use crate::{Approve, FileFact, FolderFact, Policy, Proposal, Script, argument};
use std::path::Path;

/// The answer; a later one is stricter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Run it.
    Allow,
    /// Ask somebody on the host.
    Ask,
    /// Do not.
    Deny,
}

/// An answer and its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruling {
    /// The answer.
    pub verdict: Verdict,
    /// For people; empty when allowed.
    pub reason: String,
    /// Denied because the program is not there at all.
    pub absent: bool,
}

/// Judges a request by all policies of a host.
pub fn decide(policies: &[Policy], proposal: &Proposal) -> Ruling {
    let mut strictest = allow();
    if policies.is_empty() {
        return deny("there is no policy".to_owned());
    }
    for policy in policies {
        let ruling = judge(policy, proposal);
        if ruling.verdict > strictest.verdict {
            strictest = ruling;
        }
    }
    strictest
}

fn allow() -> Ruling {
    Ruling {
        verdict: Verdict::Allow,
        reason: String::new(),
        absent: false,
    }
}

fn deny(reason: String) -> Ruling {
    Ruling {
        verdict: Verdict::Deny,
        reason,
        absent: false,
    }
}

fn judge(policy: &Policy, proposal: &Proposal) -> Ruling {
    if let Some(reason) = requester(policy, proposal).or_else(|| cwd(policy, proposal)) {
        return deny(reason);
    }
    if let (Some(name), None) = (proposal.argv.first(), &proposal.program) {
        return Ruling {
            absent: true,
            ..deny(format!("there is no program `{name}` on this host"))
        };
    }
    let objection = program(policy, proposal)
        .or_else(|| code(policy, proposal))
        .or_else(|| arguments(policy, proposal));
    if let Some(reason) = objection {
        return deny(reason);
    }
    match policy.approve {
        Approve::Always => allow(),
        Approve::Ask => Ruling {
            verdict: Verdict::Ask,
            reason: "the policy wants a word on this host".to_owned(),
            ..allow()
        },
        Approve::Never => deny("the policy runs nothing (approve = \"never\")".to_owned()),
    }
}

fn requester(policy: &Policy, proposal: &Proposal) -> Option<String> {
    let name = proposal.requested_by.as_deref().unwrap_or("nobody");
    let listed = policy.requesters.is_empty() || policy.requesters.iter().any(|r| r == name);
    (!listed).then(|| format!("{name} is not among `requesters`"))
}

/// Folders that belong to the system, or to Python's own library.
const SYSTEM: [&str; 13] = [
    "/bin", "/boot", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/proc", "/run", "/sbin", "/sys",
    "/usr", "/var/lib",
];

fn is_system(path: &Path) -> bool {
    path == Path::new("/") || SYSTEM.iter().any(|folder| path.starts_with(folder))
}

fn is_library(path: &Path) -> bool {
    let names: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    let packages = |name: &str| name == "site-packages" || name == "dist-packages";
    names.iter().any(|name| packages(name))
        || names
            .windows(2)
            .any(|pair| pair[0].starts_with("lib") && pair[1].starts_with("python"))
}

/// Whether everybody may write there.
fn is_open(mode: u32) -> bool {
    mode & 0o002 != 0
}

fn place(policy: &Policy, proposal: &Proposal, path: &Path, uid: u32, mode: u32) -> Option<String> {
    let shown = path.display();
    let roots = &policy.run.cwd_roots;
    if !roots.is_empty() {
        let inside = roots.iter().any(|root| path.starts_with(root));
        return (!inside).then(|| format!("{shown} is not below any of `cwd_roots`"));
    }
    if uid != proposal.own_uid {
        return Some(format!("{shown} belongs to somebody else"));
    }
    if is_open(mode) {
        return Some(format!("everybody may write to {shown}"));
    }
    if is_system(path) || is_library(path) {
        return Some(format!("{shown} belongs to the system, not to a project"));
    }
    None
}

fn cwd(policy: &Policy, proposal: &Proposal) -> Option<String> {
    let Some(FolderFact { real, uid, mode }) = &proposal.cwd else {
        return Some("there is no folder to run in".to_owned());
    };
    place(policy, proposal, real, *uid, *mode)
}

fn program(policy: &Policy, proposal: &Proposal) -> Option<String> {
    let Some(recorded) = proposal.argv.first() else {
        return Some("there is no command".to_owned());
    };
    let Some(FileFact { real, uid, mode }) = &proposal.program else {
        return Some(format!("there is no program `{recorded}`"));
    };
    let real_name = real.file_name().unwrap_or_default().to_string_lossy();
    if (is_shell(file_name(recorded)) || is_shell(&real_name)) && !policy.run.shell {
        return Some(format!("`{recorded}` is a shell, or runs what it is told"));
    }
    if *uid != proposal.own_uid && *uid != 0 || is_open(*mode) {
        return Some(format!("`{recorded}` can be changed by others"));
    }
    let below = |folder: &FolderFact| real.starts_with(&folder.real);
    let listed = policy.run.programs.iter().any(|rule| match rule.as_str() {
        "./" => proposal.cwd.as_ref().is_some_and(below),
        path if path.contains('/') => matches(path, recorded),
        name => matches(name, file_name(recorded)),
    });
    (!listed).then(|| format!("`{recorded}` is not among `programs`"))
}

fn code(policy: &Policy, proposal: &Proposal) -> Option<String> {
    let file = || match &proposal.script_file {
        Some(FileFact { real, uid, mode }) => place(policy, proposal, real, *uid, *mode),
        None => Some("the script to run is not there".to_owned()),
    };
    match &proposal.script {
        Script::Itself => None,
        Script::File(_) => file(),
        Script::Module(name) if !Script::is_module_name(name) => {
            Some(format!("`{name}` is no module"))
        }
        Script::Module(name) if policy.run.modules.contains(name) => None,
        Script::Module(name) => match &proposal.script_file {
            Some(_) => file(),
            None => Some(format!("the module {name} is not below the run's folder")),
        },
        Script::Inline if policy.run.inline_code => None,
        Script::Inline => Some("the code to run stands on the command line".to_owned()),
        Script::Unclear(_) if policy.run.inline_code => None,
        Script::Unclear(what) => Some(format!("{what}: what would run is not clear")),
    }
}

fn arguments(policy: &Policy, proposal: &Proposal) -> Option<String> {
    if proposal.argv.iter().any(|arg| arg.contains('\0')) {
        return Some("an argument holds a null byte".to_owned());
    }
    if !policy
        .run
        .override_keys
        .iter()
        .any(|k| k.contains("_target_"))
        && proposal.argv.iter().any(|arg| arg.contains("_target_"))
    {
        return Some("an argument names a class to make (`_target_`)".to_owned());
    }
    if !proposal.overrides.is_empty() && !policy.run.overrides {
        return Some("values may not be changed (`overrides`)".to_owned());
    }
    proposal.overrides.iter().find_map(|(key, value)| {
        if let Err(error) = argument(key, value) {
            return Some(error.to_string());
        }
        (!may_change(policy, key)).then(|| format!("`{key}` may not be changed (`override_keys`)"))
    })
}

/// Keys that choose code have to be named; `*` alone does not reach them.
fn may_change(policy: &Policy, key: &str) -> bool {
    let bare = key.trim_start_matches(['+', '~']);
    let chooses = bare
        .split(['.', '/', '@'])
        .any(|part| part.starts_with('_'))
        || bare.split(['.', '/', '@']).next() == Some("hydra");
    policy.run.override_keys.iter().any(|rule| {
        let named = !chooses || !rule.trim_start_matches('*').is_empty();
        named && covers(rule, bare)
    })
}

fn covers(rule: &str, key: &str) -> bool {
    // Keys with a slash are groups; a star reaches across them.
    matches(&rule.replace('/', "."), &key.replace('/', "."))
}

//! Finds out what a request would really do on this host, and asks the rules. What was found here
//! is what the gate is given, so nothing is looked up a second time by name.

use crate::event::Examined;
use crate::machine::Machine;
use crate::request::Rerun;
use client::Refusal;
use policy::{FileFact, FolderFact, Policy, Proposal, Script, Verdict};
use rustix::fs::{Mode, OFlags};
use std::collections::BTreeMap;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Everything a process needs, ready to be made.
#[derive(Debug)]
pub struct Prepared {
    /// Program, and what it is told.
    pub program: PathBuf,
    /// Recorded words and changed values.
    pub argv: Vec<String>,
    /// Its whole environment but what the server adds.
    pub env: BTreeMap<String, String>,
    /// Its folder, held open: what it is called later does not matter.
    pub cwd: OwnedFd,
    /// Where that folder really lies.
    pub cwd_path: PathBuf,
}

/// Looks at a request. The second part is there when it may run now or after a word.
pub fn examine(
    request: &Rerun,
    policies: &[Policy],
    base: &BTreeMap<String, String>,
    machine: &Machine,
) -> (Examined, Option<Prepared>) {
    let mut argv = redact::argv(&request.argv);
    for (key, value) in &request.overrides {
        argv.extend(redact::argv(&[
            policy::argument(key, value).unwrap_or_default()
        ]));
    }
    let mut found = Examined {
        verdict: Verdict::Deny,
        refusal: None,
        argv,
        cwd: request.cwd.clone().unwrap_or_default(),
        gpus: Vec::new(),
    };
    match look(request, policies, base, machine) {
        Err(refusal) => {
            found.refusal = Some(refusal);
            (found, None)
        }
        Ok((prepared, ruling)) => {
            found.cwd = prepared.cwd_path.display().to_string();
            found.gpus = gpus(&prepared.env, machine);
            found.verdict = ruling.verdict;
            if ruling.verdict == Verdict::Deny {
                found.refusal = Some((Refusal::Policy, ruling.reason));
                return (found, None);
            }
            (found, Some(prepared))
        }
    }
}

type Found<T> = Result<T, (Refusal, String)>;

fn look(
    request: &Rerun,
    policies: &[Policy],
    base: &BTreeMap<String, String>,
    machine: &Machine,
) -> Found<(Prepared, policy::Ruling)> {
    let (cwd, folder) = enter(request, policies)?;
    let mut env = policy::child_environment(base, &request.env, policies);
    drop_absent_gpus(&mut env, machine);
    activate(&mut env);
    let own_uid = rustix::process::geteuid().as_raw();
    if let Some(path) = env.get_mut("PATH") {
        *path = own_entries(path, own_uid);
    }
    let program = resolve(&request.argv[0], env.get("PATH"), &folder.real);
    let script = policy::script_of(&request.argv);
    let script_file = match &script {
        Script::File(path) => fact(&folder.real.join(path)),
        Script::Module(name) if Script::is_module_name(name) => Script::module_files(name)
            .iter()
            .find_map(|path| fact(&folder.real.join(path))),
        _ => None,
    };
    let proposal = Proposal {
        argv: request.argv.clone(),
        overrides: request.overrides.clone(),
        requested_by: request.requested_by.clone(),
        program: program.as_deref().and_then(fact),
        cwd: Some(folder.clone()),
        script,
        script_file,
        own_uid,
    };
    let ruling = policy::decide(policies, &proposal);
    let mut argv = request.argv.clone();
    if ruling.verdict != Verdict::Deny {
        for (key, value) in &request.overrides {
            let argument = policy::argument(key, value);
            argv.push(argument.map_err(|e| (Refusal::Policy, e.to_string()))?);
        }
    }
    if ruling.absent {
        return Err((Refusal::CommandMissing, ruling.reason));
    }
    let name = &request.argv[0];
    let runs = |p: &PathBuf| rustix::fs::access(p, rustix::fs::Access::EXEC_OK).is_ok();
    if ruling.verdict != Verdict::Deny && !program.as_ref().is_some_and(runs) {
        return Err((
            Refusal::NotExecutable,
            format!("`{name}` cannot be executed"),
        ));
    }
    let prepared = Prepared {
        program: program.unwrap_or_default(),
        argv,
        env,
        cwd,
        cwd_path: folder.real,
    };
    Ok((prepared, ruling))
}

/// Opens the folder, and looks at what was opened, not at its name.
fn enter(request: &Rerun, policies: &[Policy]) -> Found<(OwnedFd, FolderFact)> {
    let refuse = |text: String| (Refusal::Cwd, text);
    let fallback = || policies.iter().find_map(|p| p.run.default_cwd.clone());
    let path = match request.cwd.as_deref().map(PathBuf::from).or_else(fallback) {
        Some(path) if path.is_absolute() => path,
        Some(path) => return Err(refuse(format!("{} is no full path", path.display()))),
        None => return Err(refuse("no folder was recorded".to_owned())),
    };
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let fd = rustix::fs::open(&path, flags, Mode::empty())
        .map_err(|e| refuse(format!("{}: {}", path.display(), std::io::Error::from(e))))?;
    let real = std::fs::read_link(format!("/proc/self/fd/{}", fd.as_raw_fd()))
        .map_err(|e| refuse(e.to_string()))?;
    let stat = rustix::fs::fstat(&fd).map_err(|e| refuse(e.to_string()))?;
    let fact = FolderFact {
        real,
        uid: stat.st_uid,
        mode: stat.st_mode,
    };
    Ok((fd, fact))
}

fn fact(path: &Path) -> Option<FileFact> {
    let real = std::fs::canonicalize(path).ok()?;
    let found = std::fs::metadata(&real).ok().filter(|m| m.is_file())?;
    Some(FileFact {
        real,
        uid: found.uid(),
        mode: found.mode(),
    })
}

/// The program a name means. Its path is kept as found: an interpreter of a virtual environment
/// knows by its own name which environment it belongs to.
fn resolve(name: &str, path: Option<&String>, cwd: &Path) -> Option<PathBuf> {
    if name.contains('\0') {
        return None;
    }
    if name.contains('/') {
        return Some(cwd.join(name)).filter(|p| p.is_file());
    }
    let folders = path
        .map_or("/usr/local/bin:/usr/bin:/bin", String::as_str)
        .split(':');
    let mut found = folders.map(|folder| Path::new(folder).join(name));
    found.find(|p| rustix::fs::access(p, rustix::fs::Access::EXEC_OK).is_ok() && p.is_file())
}

/// An environment for Python that was active is active again: `python` means the one in it.
fn activate(env: &mut BTreeMap<String, String>) {
    for name in ["CONDA_PREFIX", "VIRTUAL_ENV"] {
        let Some(folder) = env.get(name).filter(|f| f.starts_with('/')) else {
            continue;
        };
        let bin = format!("{folder}/bin");
        let path = env.get("PATH").map_or("", String::as_str);
        if !path.split(':').any(|entry| entry == bin) {
            let path = format!("{bin}:{path}");
            env.insert("PATH".to_owned(), path);
        }
    }
}

/// Entries of `PATH` nobody else can put programs into.
fn own_entries(path: &str, own_uid: u32) -> String {
    let safe = |folder: &&str| {
        let found = std::fs::metadata(folder);
        found.is_ok_and(|m| (m.uid() == own_uid || m.uid() == 0) && m.mode() & 0o002 == 0)
    };
    path.split(':').filter(safe).collect::<Vec<_>>().join(":")
}

const GPU_NAMES: [&str; 3] = [
    "CUDA_VISIBLE_DEVICES",
    "HIP_VISIBLE_DEVICES",
    "ROCR_VISIBLE_DEVICES",
];

/// GPUs a run would use: those it names, or all there are.
fn gpus(env: &BTreeMap<String, String>, machine: &Machine) -> Vec<String> {
    let named = GPU_NAMES.iter().find_map(|name| env.get(*name));
    match named {
        Some(list) => list
            .split(',')
            .map(|gpu| gpu.trim().to_owned())
            .filter(|gpu| !gpu.is_empty() && gpu != "-1")
            .collect(),
        None => (0..machine.gpus().len()).map(|n| n.to_string()).collect(),
    }
}

/// A GPU that is gone would leave the run without any: then it gets those there are.
fn drop_absent_gpus(env: &mut BTreeMap<String, String>, machine: &Machine) {
    let there = machine.gpus();
    let Some(list) = env
        .get("CUDA_VISIBLE_DEVICES")
        .filter(|_| !there.is_empty())
    else {
        return;
    };
    let present = |gpu: &str| match gpu.trim().parse::<usize>() {
        Ok(number) => number < there.len(),
        Err(_) => there.iter().any(|(_, uuid)| uuid.starts_with(gpu.trim())) || gpu.trim() == "-1",
    };
    if !list.split(',').all(present) {
        env.remove("CUDA_VISIBLE_DEVICES");
    }
}

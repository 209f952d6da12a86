//! What a run ran in: for scripts that do not say so themselves. Secrets are taken out here, before
//! anything leaves the host.

use packages::Installed;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What is known when a run begins.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// Its words.
    pub argv: Vec<String>,
    /// Its program.
    pub program: PathBuf,
    /// Its folder.
    pub cwd: PathBuf,
    /// Variables it was given back.
    pub env: std::collections::BTreeMap<String, String>,
    /// GPUs of the machine: name and UUID.
    pub gpus: Vec<(String, String)>,
}

/// The snapshot as an event's data.
pub fn take(around: &Surroundings, host: &str) -> Value {
    let argv = redact::argv(&around.argv);
    let env: serde_json::Map<_, _> = around
        .env
        .iter()
        .filter(|(name, _)| !policy::BASE.contains(&name.as_str()) && !name.starts_with("ARGUS_"))
        .map(|(name, value)| (name.clone(), Value::from(redact::value(name, value))))
        .collect();
    let gpus: Vec<_> = around
        .gpus
        .iter()
        .map(|(name, uuid)| json!({"name": name, "uuid": uuid}))
        .collect();
    let git = git(&around.cwd);
    let installed = Installed::on(&packages::path_of(&around.program));
    let is_python = installed.count() > 0;
    json!({
        "command": argv.join(" "),
        "argv": argv,
        "cwd": around.cwd.display().to_string(),
        "env": env,
        "git": git,
        "git_sha": git.as_ref().and_then(|g| g.get("sha")),
        "git_dirty": git.as_ref().and_then(|g| g.get("dirty")),
        "python_version": python(&around.program),
        "pip_freeze": is_python.then(|| installed.listed()),
        "package_digest": is_python.then(|| installed.digest()),
        "package_count": is_python.then(|| installed.count()),
        "hostname": host,
        "gpus": gpus,
        "recorded_by": "argus-agent",
    })
}

/// Commit, branch, address and whether files differ from it.
fn git(cwd: &Path) -> Option<Value> {
    let ask = |args: &[&str]| {
        let out = Command::new("git")
            // A folder's own settings must not make this run anything.
            .args([
                "--no-optional-locks",
                "-c",
                "core.fsmonitor=false",
                "-c",
                "core.hooksPath=/dev/null",
            ])
            .args(args)
            .current_dir(cwd)
            .env("GIT_TERMINAL_PROMPT", "0")
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output()
            .ok()?;
        let text = String::from_utf8(out.stdout).ok()?;
        out.status.success().then(|| text.trim().to_owned())
    };
    let sha = ask(&["rev-parse", "HEAD"])?;
    let dirty = ask(&["status", "--porcelain", "--untracked-files=no"]).map(|t| !t.is_empty());
    let remote = ask(&["config", "--get", "remote.origin.url"]);
    Some(json!({
        "sha": sha,
        "branch": ask(&["rev-parse", "--abbrev-ref", "HEAD"]),
        "dirty": dirty,
        "remote": remote.map(|url| redact::value("", &url)),
    }))
}

/// The version of a Python, as its environment or its name tells it; it is not started for that.
fn python(program: &Path) -> Option<String> {
    let settings = program.parent()?.parent()?.join("pyvenv.cfg");
    let text = std::fs::read_to_string(settings).unwrap_or_default();
    let told = text.lines().find_map(|line| {
        let (name, value) = line.split_once('=')?;
        (name.trim() == "version").then(|| value.trim().to_owned())
    });
    let named = || {
        let real = std::fs::canonicalize(program).ok()?;
        let name = real
            .file_name()?
            .to_str()?
            .strip_prefix("python")?
            .to_owned();
        name.contains('.').then_some(name)
    };
    told.or_else(named)
}

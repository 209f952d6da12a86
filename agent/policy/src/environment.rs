//! What a run finds in its environment.

use crate::Policy;
use std::collections::BTreeMap;

/// Variables of the agent's own environment every run starts from.
pub const BASE: [&str; 9] = [
    "HOME",
    "USER",
    "LOGNAME",
    "PATH",
    "LANG",
    "LC_ALL",
    "TZ",
    "TMPDIR",
    "XDG_RUNTIME_DIR",
];

/// Names that make a program load or run something, beginnings first.
const BEGINNINGS: [&str; 12] = [
    "LD_",
    "DYLD_",
    "BASH_FUNC_",
    "GIT_",
    "PERL5",
    "RUBY",
    "NODE_",
    "JAVA_",
    "_JAVA_",
    "GCONV",
    "ARGUS_",
    "MALLOC_",
];
const NAMES: [&str; 34] = [
    "PYTHONSTARTUP",
    "PYTHONHOME",
    "PYTHONINSPECT",
    "PYTHONBREAKPOINT",
    "PYTHONWARNINGS",
    "PYTHONUSERBASE",
    "PYTHONEXECUTABLE",
    "PYTHONPLATLIBDIR",
    "PYTHONPYCACHEPREFIX",
    "PYTHONCASEOK",
    "BASH_ENV",
    "ENV",
    "SHELLOPTS",
    "BASHOPTS",
    "IFS",
    "PS4",
    "PROMPT_COMMAND",
    "SHELL",
    "EDITOR",
    "VISUAL",
    "PAGER",
    "BROWSER",
    "JDK_JAVA_OPTIONS",
    "GLIBC_TUNABLES",
    "HOSTALIASES",
    "LOCALDOMAIN",
    "RES_OPTIONS",
    "NLSPATH",
    "LOCPATH",
    "TERMINFO",
    "OPENSSL_CONF",
    "CUDA_INJECTION64_PATH",
    "NVIDIA_PROCESS_INJECTION_CRASH_REPORT",
    "NOTIFY_SOCKET",
];

/// Whether no rule may give this variable back to a run.
pub fn always_dropped(name: &str) -> bool {
    BEGINNINGS.iter().any(|begin| name.starts_with(begin))
        || NAMES.contains(&name)
        || name.is_empty()
        || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The environment of a run: the agent's own base, and of the recorded variables those that every
/// policy lets through. `PATH` keeps only its absolute entries.
pub fn child_environment(
    base: &BTreeMap<String, String>,
    recorded: &BTreeMap<String, String>,
    policies: &[Policy],
) -> BTreeMap<String, String> {
    let mut env: BTreeMap<String, String> = base
        .iter()
        .filter(|(name, _)| BASE.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    for (name, value) in recorded {
        let listed = policies.iter().all(|p| p.run.env.iter().any(|n| n == name));
        if !listed || always_dropped(name) || value.contains('\0') || value.len() > 16 * 1024 {
            continue;
        }
        let value = match name.as_str() {
            "PATH" => absolute_entries(value),
            _ => value.clone(),
        };
        if !value.is_empty() {
            env.insert(name.clone(), value);
        }
    }
    env
}

fn absolute_entries(path: &str) -> String {
    let kept: Vec<_> = path.split(':').filter(|p| p.starts_with('/')).collect();
    kept.join(":")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(n, v)| (n.to_string(), v.to_string()))
            .collect()
    }

    #[test]
    fn nothing_that_loads_code_comes_back() {
        let mut policy = Policy::default();
        let hostile = [
            "LD_PRELOAD",
            "LD_LIBRARY_PATH",
            "PYTHONSTARTUP",
            "BASH_ENV",
            "BASH_FUNC_x%%",
            "GIT_SSH_COMMAND",
            "ARGUS_TOKEN",
            "ARGUS_URL",
            "PYTHONWARNINGS",
            "A B",
            "",
        ];
        policy.run.env.extend(hostile.iter().map(|n| n.to_string()));
        let recorded: Vec<_> = hostile.iter().map(|n| (*n, "x")).collect();
        let mut recorded = map(&recorded);
        recorded.insert("CUDA_VISIBLE_DEVICES".into(), "1".into());
        recorded.insert("UNLISTED".into(), "x".into());
        recorded.insert("PATH".into(), "/venv/bin:.::bin:/usr/bin".into());
        let base = map(&[
            ("HOME", "/home/me"),
            ("AWS_SECRET_ACCESS_KEY", "k"),
            ("PATH", "/bin"),
        ]);
        let env = child_environment(&base, &recorded, &[policy]);
        let expected = map(&[
            ("HOME", "/home/me"),
            ("PATH", "/venv/bin:/usr/bin"),
            ("CUDA_VISIBLE_DEVICES", "1"),
        ]);
        assert_eq!(env, expected);
    }
}

//! Examples in a policy file, tried when it is loaded: rules nobody tried are rules nobody knows.

use crate::{
    FileFact, FolderFact, Policy, PolicyError, Proposal, Script, Verdict, decide, script_of,
};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// One example of a file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Example {
    about: String,
    verdict: Wanted,
    argv: Vec<String>,
    #[serde(default)]
    cwd: Option<PathBuf>,
    #[serde(default)]
    requested_by: Option<String>,
    #[serde(default)]
    overrides: BTreeMap<String, serde_json::Value>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Wanted {
    Allow,
    Ask,
    Deny,
}

/// User of examples.
const ME: u32 = 1000;

/// Tries all examples.
///
/// # Errors
/// The first that does not hold.
pub(crate) fn hold(policy: &Policy, examples: &[Example]) -> Result<(), PolicyError> {
    for example in examples {
        let ruling = decide(std::slice::from_ref(policy), &example.proposal());
        let wanted = match example.verdict {
            Wanted::Allow => Verdict::Allow,
            Wanted::Ask => Verdict::Ask,
            Wanted::Deny => Verdict::Deny,
        };
        if ruling.verdict != wanted {
            return Err(PolicyError::Example {
                about: example.about.clone(),
                wanted: word(wanted).to_owned(),
                got: word(ruling.verdict).to_owned(),
                reason: ruling.reason,
            });
        }
    }
    Ok(())
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Allow => "allow",
        Verdict::Ask => "ask",
        Verdict::Deny => "deny",
    }
}

impl Example {
    /// The request on a host where everything named is there, and what lies below /home/me is ours.
    fn proposal(&self) -> Proposal {
        let cwd = self
            .cwd
            .clone()
            .unwrap_or_else(|| "/home/me/project".into());
        let fact = |real: PathBuf| FileFact {
            uid: owner(&real),
            mode: 0o755,
            real,
        };
        let program = self.argv.first().map(|name| match name.contains('/') {
            true => cwd.join(name),
            false => Path::new("/usr/bin").join(name),
        });
        let script = script_of(&self.argv);
        let script_file = match &script {
            Script::File(path) => Some(cwd.join(path)),
            Script::Module(name) if name.starts_with("project") => {
                Some(cwd.join(&Script::module_files(name)[0]))
            }
            _ => None,
        };
        Proposal {
            argv: self.argv.clone(),
            overrides: self.overrides.clone(),
            requested_by: self.requested_by.clone(),
            program: program.map(fact),
            script,
            script_file: script_file.map(fact),
            cwd: Some(FolderFact {
                uid: owner(&cwd),
                mode: 0o755,
                real: cwd,
            }),
            own_uid: ME,
        }
    }
}

fn owner(path: &Path) -> u32 {
    if path.starts_with("/home/me") {
        ME
    } else if path.starts_with("/home") {
        ME + 1
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_default_hold() {
        Policy::parse(Policy::default_text(), Path::new("/home/me")).unwrap();
        let default = Policy::default();
        assert_eq!(
            default.approve,
            crate::Approve::Always,
            "the default file was not read"
        );
    }

    #[test]
    fn a_file_whose_example_fails_is_refused() {
        let text = r#"
            [[example]]
            about = "shells are fine"
            verdict = "allow"
            argv = ["bash", "run.sh"]
        "#;
        let error = Policy::parse(text, Path::new("/home/me"))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("shells are fine") && error.contains("is a shell"),
            "{error}"
        );
        let text = format!(
            "approve = \"ask\"\n[run]\nshell = true\nprograms = [\"bash\"]\n{}",
            text.replace("\"allow\"", "\"ask\"")
        );
        Policy::parse(&text, Path::new("/home/me")).unwrap();
    }

    #[test]
    fn mistakes_are_named() {
        for (text, word) in [
            ("aprove = \"ask\"", "aprove"),
            ("[run]\ncwd_roots = [\"projects\"]", "projects"),
            ("[limits]\nquiet_hours = [\"late\"]", "late"),
            ("approve = \"maybe\"", "maybe"),
        ] {
            let error = Policy::parse(text, Path::new("/home/me"))
                .unwrap_err()
                .to_string();
            assert!(error.contains(word), "{error}");
        }
    }
}

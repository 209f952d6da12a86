//! Installed Python packages, as facts of the environment.

use crate::event::Fields;
use packages::Installed;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// What the language above calls the folders it looks for packages in. Read, and not reported.
pub(crate) const SEARCHED: &str = "sys_path";

/// The packages a run can import: their number, a digest that two runs have in common when their
/// packages are the same, and a list. Nothing for programs that are no Python.
pub(crate) fn facts(extra: &Fields, arguments: &[String]) -> Fields {
    let told = extra.get(SEARCHED).and_then(Value::as_array);
    let path = match told {
        Some(folders) => folders.iter().filter_map(folder).collect(),
        None => interpreter(arguments).map_or_else(Vec::new, |program| packages::path_of(&program)),
    };
    let found = Installed::on(&path);
    let mut facts = Fields::new();
    if found.count() > 0 {
        facts.insert("package_count".into(), json!(found.count()));
        facts.insert("package_digest".into(), json!(found.digest()));
        facts.insert("pip_freeze".into(), json!(found.listed()));
    }
    facts
}

/// The empty name stands for the current folder.
fn folder(value: &Value) -> Option<PathBuf> {
    let text = value.as_str()?;
    Some(PathBuf::from(if text.is_empty() { "." } else { text }))
}

/// The program of a command line, looked for as a shell does.
fn interpreter(arguments: &[String]) -> Option<PathBuf> {
    let program = Path::new(arguments.first()?);
    if program.components().count() > 1 {
        return Some(program.to_owned());
    }
    let path = std::env::var_os("PATH")?;
    let mut places = std::env::split_paths(&path).map(|folder| folder.join(program));
    places.find(|place| place.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn packages_are_counted_listed_and_named_by_a_digest() {
        let home = tempfile::tempdir().expect("folder");
        let info = home.path().join("torch-2.6.dist-info");
        fs::create_dir(&info).expect("folder");
        fs::write(info.join("METADATA"), "Name: torch\nVersion: 2.6.0\n").expect("write");
        let mut extra = Fields::new();
        extra.insert(SEARCHED.into(), json!([home.path(), "/nowhere"]));
        let facts = facts(&extra, &[]);
        assert_eq!(facts["pip_freeze"], json!(["torch==2.6.0"]));
        assert_eq!(facts["package_count"], 1);
        assert_eq!(facts["package_digest"].as_str().map(str::len), Some(64));
    }

    #[test]
    fn a_program_that_is_no_python_has_none() {
        assert!(facts(&Fields::new(), &["/bin/sh".to_owned()]).is_empty());
    }
}

//! How files look: first line, size, names.

use std::fs;
use std::path::{Path, PathBuf};

/// Longest source file, in lines.
const LONGEST: usize = 400;
/// Folders that hold our sources.
const FOLDERS: [&str; 6] = [
    "functions",
    "shared",
    "localstack",
    "tests",
    "agent",
    "frontend",
];
/// Folders that hold somebody else's.
const FOREIGN: [&str; 6] = [
    "node_modules",
    "dist",
    "target",
    ".venv",
    "__pycache__",
    "test-results",
];
/// Names that say nothing about what is inside.
const DRAWERS: [&str; 5] = ["util", "utils", "helpers", "common", "misc"];

fn sources() -> Vec<PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        let Ok(entries) = fs::read_dir(folder) else {
            return;
        };
        for entry in entries.flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if path.is_dir() && !FOREIGN.contains(&name.as_str()) {
                walk(&path, found);
            } else if ["rs", "ts", "vue", "py"]
                .iter()
                .any(|e| path.extension().is_some_and(|x| x == *e))
            {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    for folder in FOLDERS {
        walk(&crate::root().join(folder), &mut found);
    }
    found
}

#[test]
fn rust_files_say_what_they_are_for() {
    let silent: Vec<_> = sources()
        .into_iter()
        .filter(|path| path.extension().is_some_and(|e| e == "rs"))
        .filter(|path| {
            !fs::read_to_string(path)
                .unwrap_or_default()
                .starts_with("//!")
        })
        .collect();
    assert!(silent.is_empty(), "no //! on the first line: {silent:#?}");
}

#[test]
fn files_stay_short() {
    let long: Vec<_> = sources()
        .into_iter()
        .filter(|path| !path.to_string_lossy().ends_with(".gen.ts"))
        .filter(|path| fs::read_to_string(path).unwrap_or_default().lines().count() > LONGEST)
        .collect();
    assert!(
        long.is_empty(),
        "over {LONGEST} lines, split on the second responsibility: {long:#?}"
    );
}

#[test]
fn names_carry_a_noun() {
    let drawers: Vec<_> = sources()
        .into_iter()
        .filter(|path| {
            let stem = path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .to_lowercase();
            let parent = path.parent().and_then(Path::file_name).unwrap_or_default();
            DRAWERS.contains(&stem.as_str())
                || DRAWERS.contains(&parent.to_string_lossy().to_lowercase().as_str())
        })
        .collect();
    assert!(
        drawers.is_empty(),
        "give the code the noun it serves: {drawers:#?}"
    );
}

#[test]
fn keys_are_formatted_in_one_place() {
    let loose: Vec<_> = sources()
        .into_iter()
        .filter(|path| path.extension().is_some_and(|e| e == "rs"))
        .filter(|path| {
            let own = [
                "store/src/keys.rs",
                "store/src/keys/files.rs",
                "store/src/keys/projects.rs",
                "store/src/keys_tests.rs",
                "tidy/src/files.rs",
            ];
            !own.iter().any(|file| path.ends_with(file))
        })
        .filter(|path| {
            let text = fs::read_to_string(path).unwrap_or_default();
            ["\"B#", "\"J#", "\"F#", "\"U#", "\"E#"]
                .iter()
                .any(|prefix| text.contains(prefix))
        })
        .collect();
    assert!(
        loose.is_empty(),
        "keys belong into shared/store/src/keys.rs: {loose:#?}"
    );
}

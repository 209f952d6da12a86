//! Which Python packages a run can import, read from what installers leave in its folders. Starts
//! no Python and imports nothing; needs as long as reading a few hundred small files takes.

use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Folders of a search path that are looked into.
const FOLDERS: usize = 64;
/// Packages that are counted; more are no environment anybody compares.
const MOST: usize = 5_000;
/// Lines that are listed, and their length in all, in bytes: an event has room for more than this.
const LISTED: (usize, usize) = (1_000, 32 * 1024);
/// Beginning of a description that is read, in bytes: name and version come first.
const HEAD: u64 = 8 * 1024;
/// Longest name or version, in bytes.
const WORD: usize = 128;

/// Packages of one environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Installed {
    lines: Vec<String>,
}

impl Installed {
    /// Those found in the folders of a search path; of two of one name the earlier counts, as it
    /// does for imports.
    #[must_use]
    pub fn on(path: &[PathBuf]) -> Self {
        let mut found = BTreeMap::new();
        for folder in path.iter().take(FOLDERS) {
            let Ok(entries) = fs::read_dir(folder) else {
                continue;
            };
            for entry in entries.flatten() {
                if found.len() == MOST {
                    break;
                }
                if let Some(text) = description(&entry.path())
                    && let Some((name, version)) = name_and_version(&text)
                {
                    found.entry(name).or_insert(version);
                }
            }
        }
        let line = |(name, version): (String, String)| format!("{name}=={version}");
        Self {
            lines: found.into_iter().map(line).collect(),
        }
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.lines.len()
    }

    /// SHA-256, in hexadecimal digits, over all lines, each with its end: two environments with
    /// one digest hold the same packages.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for line in &self.lines {
            hash.update(line);
            hash.update("\n");
        }
        let digits = hash.finalize();
        digits.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// `name==version`, sorted, as many as an event has room for.
    #[must_use]
    pub fn listed(&self) -> &[String] {
        let mut bytes = 0;
        let fits = |line: &&String| {
            bytes += line.len();
            bytes <= LISTED.1
        };
        let count = self.lines.iter().take(LISTED.0).take_while(fits).count();
        &self.lines[..count]
    }
}

/// What an installer wrote about a package, if the entry of a folder is that.
fn description(entry: &Path) -> Option<String> {
    let name = entry.file_name()?.to_str()?;
    let file = if name.ends_with(".dist-info") {
        entry.join("METADATA")
    } else if name.ends_with(".egg-info") {
        // An old installer wrote one file in place of a folder.
        let inside = entry.join("PKG-INFO");
        if inside.is_file() {
            inside
        } else {
            entry.to_owned()
        }
    } else {
        return None;
    };
    // Neither waits for a pipe nor reads a device.
    if !fs::metadata(&file).ok()?.is_file() {
        return None;
    }
    let mut head = Vec::new();
    File::open(file)
        .ok()?
        .take(HEAD)
        .read_to_end(&mut head)
        .ok()?;
    Some(String::from_utf8_lossy(&head).into_owned())
}

fn name_and_version(text: &str) -> Option<(String, String)> {
    let headers = text.lines().take_while(|line| !line.is_empty());
    let (mut name, mut version) = (None, None);
    for line in headers {
        match line.split_once(':') {
            Some(("Name", value)) => name = name.or(word(value)),
            Some(("Version", value)) => version = version.or(word(value)),
            _ => {}
        }
    }
    Some((normal(&name?), version?))
}

/// A name or version, and nothing else somebody may have put there.
fn word(value: &str) -> Option<String> {
    let value = value.trim();
    let plain = |c: char| c.is_ascii_alphanumeric() || "._+!-".contains(c);
    let good = !value.is_empty() && value.len() <= WORD && value.chars().all(plain);
    good.then(|| value.to_owned())
}

/// One spelling for all: `Scikit_Learn` is `scikit-learn`.
fn normal(name: &str) -> String {
    let words = name.split(['-', '_', '.']).filter(|word| !word.is_empty());
    let words: Vec<String> = words.map(str::to_ascii_lowercase).collect();
    words.join("-")
}

/// The folders a Python looks for packages in, as its place tells them; none for other programs.
/// What a script adds to its path while it runs is not among them.
#[must_use]
pub fn path_of(program: &Path) -> Vec<PathBuf> {
    let is_python = |p: &Path| {
        p.file_name()
            .and_then(|name| name.to_str())
            .is_some_and(|name| name.starts_with("python"))
    };
    if !is_python(program) {
        return Vec::new();
    }
    let Some(prefix) = program.parent().and_then(Path::parent) else {
        return Vec::new();
    };
    if prefix.join("pyvenv.cfg").is_file() {
        return below(prefix, "site-packages");
    }
    // Not of an environment: its links lead to the installation.
    let real = fs::canonicalize(program).unwrap_or_else(|_| program.to_owned());
    let prefix = real.parent().and_then(Path::parent).unwrap_or(prefix);
    let mut found = below(Path::new("/usr/local"), "dist-packages");
    found.extend(below(prefix, "site-packages"));
    found.extend(below(prefix, "dist-packages"));
    found.dedup();
    found
}

/// `lib*/python3*/NAME` below a prefix.
fn below(prefix: &Path, name: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for lib in ["lib", "lib64"] {
        let versions = fs::read_dir(prefix.join(lib)).into_iter().flatten();
        for version in versions.flatten() {
            let folder = version.path().join(name);
            let python = version.file_name().to_string_lossy().starts_with("python3");
            if python && folder.is_dir() {
                found.push(folder);
            }
        }
    }
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn install(folder: &Path, entry: &str, text: &str) {
        let path = folder.join(entry);
        fs::create_dir_all(path.parent().expect("a folder")).expect("folder");
        fs::write(path, text).expect("description");
    }

    #[test]
    fn what_installers_left_is_found_once_in_one_spelling() {
        let folder = tempfile::tempdir().expect("folder");
        let (first, second) = (folder.path().join("a"), folder.path().join("b"));
        let meta = |name: &str, version: &str| {
            format!(
                "Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nName: in the text\n"
            )
        };
        install(
            &first,
            "Scikit_Learn-1.5.dist-info/METADATA",
            &meta("Scikit_Learn", "1.5.0"),
        );
        install(
            &second,
            "scikit_learn-1.4.dist-info/METADATA",
            &meta("scikit-learn", "1.4.0"),
        );
        install(
            &second,
            "torch.dist-info/METADATA",
            &meta("torch", "2.6.0+cu124"),
        );
        install(&second, "old.egg-info/PKG-INFO", &meta("old", "0.1"));
        install(&second, "older-0.2.egg-info", &meta("older", "0.2"));
        install(&second, "broken.dist-info/METADATA", "Name: broken\n");
        install(
            &second,
            "sly.dist-info/METADATA",
            &meta("sly", "1 --index-url https://u:p@h"),
        );
        install(&second, "numpy/METADATA", &meta("numpy", "1.0"));
        let path = [folder.path().join("gone"), first, second];
        let found = Installed::on(&path);
        let lines = [
            "old==0.1",
            "older==0.2",
            "scikit-learn==1.5.0",
            "torch==2.6.0+cu124",
        ];
        assert_eq!(found.listed(), lines);
        assert_eq!(found.count(), 4);
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        let expected = Sha256::digest(text);
        let expected: String = expected.iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(found.digest(), expected);
    }

    #[test]
    fn a_huge_environment_is_cut_in_the_list_only() {
        let lines = (0..3000)
            .map(|n| format!("package-{n:04}==1.0.0"))
            .collect();
        let all = Installed { lines };
        assert_eq!((all.count(), all.listed().len()), (3000, 1000));
        let mut fewer = all.clone();
        fewer.lines.pop();
        assert_ne!(all.digest(), fewer.digest());
        let lines = (0..500)
            .map(|n| format!("{n}-{}==1", "x".repeat(100)))
            .collect();
        let wide = Installed { lines };
        let bytes: usize = wide.listed().iter().map(String::len).sum();
        assert!(bytes <= LISTED.1 && wide.listed().len() > 200);
    }

    #[test]
    fn an_environment_is_known_by_its_python() {
        let folder = tempfile::tempdir().expect("folder");
        let site = folder.path().join("lib/python3.12/site-packages");
        fs::create_dir_all(&site).expect("folder");
        install(folder.path(), "bin/python3", "");
        install(folder.path(), "pyvenv.cfg", "version = 3.12.4\n");
        assert_eq!(path_of(&folder.path().join("bin/python3")), [site]);
        assert!(path_of(&folder.path().join("bin/bash")).is_empty());
    }
}

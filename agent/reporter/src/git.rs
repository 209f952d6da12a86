//! The checkout a script runs in, read from files: no process is started for it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long `git status` may take.
const STATUS_LIMIT: Duration = Duration::from_secs(3);

/// What is checked out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checkout {
    /// Folder of the working tree.
    pub root: PathBuf,
    /// Commit, 40 hexadecimal digits.
    pub commit: Option<String>,
    /// Branch; none while a commit is checked out by itself.
    pub branch: Option<String>,
    /// Address of the remote `origin`, without credentials.
    pub remote: Option<String>,
}

impl Checkout {
    /// Finds the checkout that `from` is in.
    pub fn at(from: &Path) -> Option<Self> {
        let from = fs::canonicalize(from).ok()?;
        let root = from.ancestors().find(|dir| dir.join(".git").exists())?;
        let folder = git_folder(root)?;
        let common = fs::read_to_string(folder.join("commondir"))
            .map_or_else(|_| folder.clone(), |path| folder.join(path.trim()));
        let head = fs::read_to_string(folder.join("HEAD")).ok()?;
        let head = head.trim();
        let reference = head.strip_prefix("ref: ").map(str::trim);
        let commit = match reference {
            None => Some(head.to_owned()),
            Some(name) => loose(&folder, name)
                .or_else(|| loose(&common, name))
                .or_else(|| packed(&common, name)),
        };
        Some(Self {
            root: root.to_owned(),
            commit: commit.filter(|sha| sha.len() >= 40),
            branch: reference
                .and_then(|name| name.strip_prefix("refs/heads/"))
                .map(str::to_owned),
            remote: origin(&common),
        })
    }

    /// The first seven digits of the commit.
    pub fn short(&self) -> Option<&str> {
        self.commit.as_deref().map(|sha| &sha[..7])
    }

    /// Whether files differ from the commit; `None` when git does not say within 3 s. Starts a
    /// process, so it is no business of the training loop's thread.
    pub fn is_dirty(&self) -> Option<bool> {
        let mut child = Command::new("git")
            .args([
                "--no-optional-locks",
                "status",
                "--porcelain",
                "--untracked-files=no",
            ])
            .current_dir(&self.root)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .ok()?;
        let started = Instant::now();
        loop {
            match child.try_wait() {
                // A pipe holds enough to tell something from nothing.
                Ok(Some(status)) if status.success() => break,
                Ok(Some(_)) | Err(_) => return None,
                Ok(None) if started.elapsed() > STATUS_LIMIT => {
                    // A repository with very many changes fills the pipe and waits for a reader.
                    let _ = child.kill();
                    let _ = child.wait();
                    return None;
                }
                Ok(None) => std::thread::sleep(Duration::from_millis(10)),
            }
        }
        let mut said = String::new();
        std::io::Read::read_to_string(&mut child.stdout?, &mut said).ok()?;
        Some(!said.trim().is_empty())
    }
}

/// `.git` is a folder, or a file that names one (a linked working tree, a submodule).
fn git_folder(root: &Path) -> Option<PathBuf> {
    let path = root.join(".git");
    if path.is_dir() {
        return Some(path);
    }
    let text = fs::read_to_string(&path).ok()?;
    Some(root.join(text.trim().strip_prefix("gitdir:")?.trim()))
}

fn loose(folder: &Path, name: &str) -> Option<String> {
    let text = fs::read_to_string(folder.join(name)).ok()?;
    Some(text.trim().to_owned())
}

fn packed(folder: &Path, name: &str) -> Option<String> {
    let text = fs::read_to_string(folder.join("packed-refs")).ok()?;
    text.lines()
        .filter_map(|line| line.split_once(' '))
        .find(|(_, reference)| reference.trim() == name)
        .map(|(sha, _)| sha.to_owned())
}

fn origin(folder: &Path) -> Option<String> {
    let text = fs::read_to_string(folder.join("config")).ok()?;
    let mut inside = false;
    for line in text.lines().map(str::trim) {
        if line.starts_with('[') {
            inside = line == "[remote \"origin\"]";
        } else if let Some(("url", url)) = line
            .split_once('=')
            .map(|(key, url)| (key.trim(), url.trim()))
            .filter(|_| inside)
        {
            return Some(redact::addresses(url));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_branches_packed_references_and_linked_trees() {
        let dir = tempfile::tempdir().expect("a folder");
        let (main, linked) = (dir.path().join("main"), dir.path().join("linked"));
        let inner = main.join(".git/worktrees/linked");
        fs::create_dir_all(&inner).expect("made");
        fs::create_dir_all(main.join(".git/refs/heads")).expect("made");
        fs::create_dir_all(linked.join("deep")).expect("made");
        let write = |path: PathBuf, text: &str| fs::write(path, text).expect("written");
        let (one, two) = ("1".repeat(40), "2".repeat(40));
        write(main.join(".git/HEAD"), "ref: refs/heads/main\n");
        write(main.join(".git/refs/heads/main"), &format!("{one}\n"));
        write(
            main.join(".git/packed-refs"),
            &format!("# pack\n{two} refs/heads/topic\n"),
        );
        write(
            main.join(".git/config"),
            "[remote \"origin\"]\n\turl = https://me:secret@git.example/x.git\n",
        );
        write(inner.join("HEAD"), "ref: refs/heads/topic\n");
        write(inner.join("commondir"), "../..\n");
        write(
            linked.join(".git"),
            &format!("gitdir: {}\n", inner.display()),
        );
        let found = Checkout::at(&main).expect("a checkout");
        assert_eq!(found.commit.as_deref(), Some(one.as_str()));
        assert_eq!(found.branch.as_deref(), Some("main"));
        assert_eq!(
            found.remote.as_deref(),
            Some("https://***@git.example/x.git")
        );
        let found = Checkout::at(&linked.join("deep")).expect("a checkout");
        assert_eq!(found.commit.as_deref(), Some(two.as_str()));
        assert_eq!(found.short(), Some("2222222"));
        assert_eq!(Checkout::at(Path::new("/")), None);
    }
}

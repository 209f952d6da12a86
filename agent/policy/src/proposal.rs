//! What somebody wants to run, and what the host found out about it.

use crate::Script;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A file as the host found it, links followed.
#[derive(Clone, Debug, PartialEq)]
pub struct FileFact {
    /// Where it really lies.
    pub real: PathBuf,
    /// Owner.
    pub uid: u32,
    /// Permission bits.
    pub mode: u32,
}

/// A folder as the host found it, links followed.
#[derive(Clone, Debug, PartialEq)]
pub struct FolderFact {
    /// Where it really lies.
    pub real: PathBuf,
    /// Owner.
    pub uid: u32,
    /// Permission bits.
    pub mode: u32,
}

/// A request with the facts it is judged by.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// Recorded command, program first.
    pub argv: Vec<String>,
    /// Values to change, by dotted key.
    pub overrides: BTreeMap<String, Value>,
    /// Who asks, as the server says.
    pub requested_by: Option<String>,
    /// The program, if there is one.
    pub program: Option<FileFact>,
    /// Its folder, if there is one.
    pub cwd: Option<FolderFact>,
    /// What the program is told to run, see [`crate::script_of`].
    pub script: Script,
    /// The file that is, if there is one.
    pub script_file: Option<FileFact>,
    /// User the agent runs as.
    pub own_uid: u32,
}

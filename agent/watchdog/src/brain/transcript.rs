//! Every exchange with the model, kept: what it was told, what it said, what was made of it.

use crate::state;
use crate::time::Stamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::io;
use std::path::Path;

/// Size from which on the file is moved away.
const LARGEST: u64 = 10 * 1024 * 1024;

/// One exchange. Texts in it were redacted when the question was made; no key is ever part of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Transcript {
    /// When.
    pub ts: Stamp,
    /// Who was asked.
    pub model: String,
    /// Hash of the instructions.
    pub instructions: String,
    /// The measurements.
    pub data: Value,
    /// The tool's input, if there was any.
    pub answer: Option<Value>,
    /// What went wrong.
    pub error: Option<String>,
    /// Each proposal and what the policy made of it.
    pub rulings: Vec<String>,
    /// Tokens, in and out.
    pub tokens: u64,
}

impl Transcript {
    /// Keeps it.
    pub fn keep(&self, folder: &Path) -> io::Result<()> {
        let file = folder.join("transcripts.jsonl");
        state::rotate(&file, LARGEST, 3)?;
        state::append(&file, self)
    }
}

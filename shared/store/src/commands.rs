//! Commands for agents, and what is remembered of reruns.

use crate::Store;
use crate::error::StoreError;
use crate::item::{Versioned, decode, encode, key_item, n, s, text};
use crate::keys;
use crate::schema::TTL;
use crate::table::{Expect, Write};
use domain::account::UserId;
use domain::command::Command;
use domain::limits::{COMMAND_KEPT_SECS, COMMANDS_WAITING};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Reruns of one batch that are listed.
const CHILDREN: usize = 200;

/// Where a command lies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandPlace {
    /// Whose agents it is for.
    pub runner: UserId,
    /// On which host.
    pub host: String,
    /// Its id.
    pub id: String,
}

/// How a batch came to be that repeats another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RerunNote {
    /// The batch it repeats.
    pub source_batch_id: String,
    /// The new batch.
    pub batch_id: String,
    /// Changed settings as JSON text.
    pub overrides_json: String,
    /// When.
    pub requested_at: Timestamp,
    /// Name of the person.
    pub requested_by: String,
    /// Its command.
    pub command: CommandPlace,
}

/// Writes of a command: `rev` is the revision it was read at, `None` for a new one. A settled one
/// moves to where polls do not look, and goes after some time.
pub fn command_writes(
    command: &Command,
    rev: Option<u64>,
    now: Timestamp,
) -> Result<Vec<Write>, StoreError> {
    let open = keys::command(command.runner, &command.host, &command.id);
    let expect = rev.map_or(Expect::Absent, Expect::Rev);
    let next = rev.map_or(1, |rev| rev + 1);
    if command.state.is_alive() {
        return Ok(vec![Write::Put(encode(&open, next, command)?, expect)]);
    }
    let settled = keys::settled_command(command.runner, &command.host, &command.id);
    let mut item = encode(&settled, next, command)?;
    item.insert(TTL.into(), n(now.plus_secs(COMMAND_KEPT_SECS).secs()));
    Ok(vec![
        Write::Delete(open, expect),
        Write::Put(item, Expect::Anything),
    ])
}

/// Writes of a rerun's notes: beside the new batch, and beside its source, whose newest it is.
pub fn rerun_writes(note: &RerunNote, newest: Option<u64>) -> Result<[Write; 3], StoreError> {
    let beside = keys::rerun(&note.batch_id);
    let source = keys::newest_rerun(&note.source_batch_id);
    let expect = newest.map_or(Expect::Absent, Expect::Rev);
    let rev = newest.map_or(1, |rev| rev + 1);
    let entry = keys::rerun_child(&note.source_batch_id, note.requested_at, &note.batch_id);
    let mut child = key_item(&entry);
    child.insert("id".into(), s(&note.batch_id));
    Ok([
        Write::Put(child, Expect::Anything),
        Write::Put(encode(&source, rev, note)?, expect),
        Write::Put(encode(&beside, 1, note)?, Expect::Absent),
    ])
}

impl Store {
    /// Commands somebody's agents on a host still have to do with, oldest first.
    pub async fn open_commands(
        &self,
        runner: UserId,
        host: &str,
    ) -> Result<Vec<Versioned<Command>>, StoreError> {
        let pk = keys::commands(runner, host);
        let range = self.table.partition(&pk).prefix(keys::COMMAND_ALIVE);
        let items = range.take(COMMANDS_WAITING * 2).await?;
        items.iter().map(decode).collect()
    }

    /// A command, open or settled.
    pub async fn command(
        &self,
        place: &CommandPlace,
    ) -> Result<Option<Versioned<Command>>, StoreError> {
        let CommandPlace { runner, host, id } = place;
        let keys = [
            keys::command(*runner, host, id),
            keys::settled_command(*runner, host, id),
        ];
        let items = self.table.get_many(&keys).await?;
        let found: Vec<Versioned<Command>> = items.iter().map(decode).collect::<Result<_, _>>()?;
        // In between the two reads of one call it may have moved: what is settled stays so.
        Ok(found
            .into_iter()
            .max_by_key(|found| !found.value.state.is_alive()))
    }

    /// Writes a changed command by itself.
    ///
    /// # Errors
    /// [`StoreError::ConditionAt`] or [`StoreError::Conflict`] when it changed meanwhile.
    pub async fn save_command(
        &self,
        command: &Command,
        rev: u64,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let writes = command_writes(command, Some(rev), now)?;
        self.table.transact(writes).await
    }

    /// How a batch came to be, if it repeats another.
    pub async fn rerun_note(&self, batch: &str) -> Result<Option<RerunNote>, StoreError> {
        let item = self.table.get(&keys::rerun(batch)).await?;
        let found = item.as_ref().map(decode).transpose()?;
        Ok(found.map(|found| found.value))
    }

    /// The reruns of a batch, oldest first.
    pub async fn rerun_children(&self, source: &str) -> Result<Vec<String>, StoreError> {
        let pk = keys::batch_partition(source);
        let range = self.table.partition(&pk).prefix(keys::CHILD_PREFIX);
        let items = range.take(CHILDREN).await?;
        let id = |item| text(item, "id").map(str::to_owned);
        items.iter().map(id).collect()
    }

    /// The newest rerun of a batch.
    pub async fn newest_rerun(
        &self,
        source: &str,
    ) -> Result<Option<Versioned<RerunNote>>, StoreError> {
        let item = self.table.get(&keys::newest_rerun(source)).await?;
        item.as_ref().map(decode).transpose()
    }
}

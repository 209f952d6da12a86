//! What `argus-local` does besides serving.

use crate::backup::{self, BackupError};
use crate::export::{Moved, TransferError, export};
use crate::import::import;
use crate::original::{OriginalError, move_in, services_over};
use crate::place::Place;
use crate::recovery::{RestoreError, restore};
use crate::start::StartError;
use clap::{Args, Subcommand};
use runtime::vars::Source;
use std::path::PathBuf;

/// Something other than serving.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Copy a data directory into one file, also while a server works on it
    #[command(after_help = BACKUP_EXAMPLES)]
    Backup {
        /// File to make
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Data directory
        #[arg(long, default_value = ".argus", value_name = "DIR")]
        data: PathBuf,
    },
    /// Make a data directory from a backup
    #[command(after_help = RESTORE_EXAMPLES)]
    Restore {
        /// Backup
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Data directory to make; nobody may work on it
        #[arg(long, default_value = ".argus", value_name = "DIR")]
        data: PathBuf,
        /// Set aside what is in the directory
        #[arg(long)]
        force: bool,
    },
    /// Write everything that is stored to one file, to move it elsewhere
    #[command(after_help = EXPORT_EXAMPLES)]
    Export {
        /// File to make
        #[arg(value_name = "FILE")]
        file: PathBuf,
        #[command(flatten)]
        at: Whereabouts,
    },
    /// Put what was exported into an empty place
    #[command(after_help = IMPORT_EXAMPLES)]
    Import {
        /// Export
        #[arg(value_name = "FILE")]
        file: PathBuf,
        #[command(flatten)]
        at: Whereabouts,
        /// Write into a place that is not empty
        #[arg(long)]
        force: bool,
    },
    /// Move in from the original Argus: users, batches, jobs, events and settings of its SQLite file
    #[command(after_help = ORIGINAL_EXAMPLES)]
    ImportSqlite {
        /// Its database
        #[arg(value_name = "FILE")]
        file: PathBuf,
        #[command(flatten)]
        at: Whereabouts,
        /// Add to what is there, or repeat an import that broke off
        #[arg(long)]
        force: bool,
    },
}

/// Which state.
#[derive(Clone, Debug, Args)]
pub struct Whereabouts {
    /// Data directory; nobody may work on it
    #[arg(
        long,
        default_value = ".argus",
        value_name = "DIR",
        conflicts_with = "aws"
    )]
    data: PathBuf,
    /// Use AWS, with the usual credentials
    #[arg(long, requires = "table", requires = "bucket")]
    aws: bool,
    /// Table
    #[arg(long, value_name = "NAME", requires = "aws")]
    table: Option<String>,
    /// Bucket
    #[arg(long, value_name = "NAME", requires = "aws")]
    bucket: Option<String>,
}

const BACKUP_EXAMPLES: &str = "\
Examples:
  argus-local backup argus.zip
  argus-local backup /mnt/nas/argus-$(date +%F).zip --data /srv/argus

The file holds the keys of the machine: keep it where nobody else reads it.
A serving argus-local makes such files by itself, see ARGUS_BACKUP_INTERVAL_H.";

const RESTORE_EXAMPLES: &str = "\
Examples:
  argus-local restore argus.zip --data /srv/argus
  argus-local restore /srv/argus/backups/argus-20261121-0600.zip --data /srv/argus --force

With --force what was in the directory is moved into a directory of its own beside it.";

const EXPORT_EXAMPLES: &str = "\
Examples:
  argus-local export all.zip --data /srv/argus
  argus-local export all.zip --aws --table argus-prod --bucket argus-prod-bucket

Nothing may write meanwhile. The keys of the machine are not part of it: set ARGUS_CONFIG_KEY of
the new place to that of the old one, or secrets set by administrators have to be set again.";

const IMPORT_EXAMPLES: &str = "\
Examples:
  argus-local import all.zip --data /srv/argus
  argus-local import all.zip --aws --table argus-prod --bucket argus-prod-bucket

One that broke off is repeated with --force: rows and objects are put again under the same keys.";

const ORIGINAL_EXAMPLES: &str = "\
Examples:
  argus-local import-sqlite /srv/old/argus.db --data /srv/argus
  argus-local import-sqlite argus.db --aws --table argus-prod --bucket argus-prod-bucket

The file is only read; the original may go on running, what it gets afterwards is not moved. Passwords and
GitHub logins go on working. API tokens, sessions, uploaded files, shares and mail settings do not move:
make new tokens and give them to the training hosts.";

/// Why a command failed. Each is one clear line for the person who gave it.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// Backup.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// Restore.
    #[error(transparent)]
    Restore(#[from] RestoreError),
    /// Export and import.
    #[error(transparent)]
    Transfer(#[from] TransferError),
    /// Moving in from the original.
    #[error(transparent)]
    Original(#[from] OriginalError),
    /// The place did not open.
    #[error(transparent)]
    Place(#[from] StartError),
}

impl CommandError {
    /// Exit code of the process.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Place(error) => error.exit_code(),
            Self::Restore(RestoreError::DataDir(crate::data_dir::DataDirError::InUse(_))) => 3,
            _ => 4,
        }
    }
}

/// Does what was asked; the line for standard output.
pub async fn run(command: Command, variables: &Source<'_>) -> Result<String, CommandError> {
    match command {
        Command::Backup { file, data } => {
            let bytes = backup::make(&data, &file)?;
            Ok(format!("{}: {bytes} bytes", file.display()))
        }
        Command::Restore { file, data, force } => {
            let aside = restore(&file, &data, force)?;
            let aside = aside.map(|path| format!("; what was there is in {}", path.display()));
            let note = aside.unwrap_or_default();
            Ok(format!("{} restored{note}", data.display()))
        }
        Command::Export { file, at } => {
            let place = open(&at, true, variables).await?;
            let moved = export(&place.store, &file).await?;
            place.close().await;
            Ok(told(&file, moved))
        }
        Command::Import { file, at, force } => {
            let place = open(&at, false, variables).await?;
            let moved = import(&place.store, &file, force).await?;
            place.close().await;
            Ok(told(&file, moved))
        }
        Command::ImportSqlite { file, at, force } => {
            let place = open(&at, false, variables).await?;
            let services = services_over(place.store.clone(), !at.aws, variables)?;
            let moved = move_in(&services, &file, force).await?;
            drop(services);
            place.close().await;
            Ok(format!("{}: {moved}", file.display()))
        }
    }
}

fn told(file: &std::path::Path, moved: Moved) -> String {
    let Moved { items, objects } = moved;
    format!("{}: {items} rows, {objects} objects", file.display())
}

async fn open(
    at: &Whereabouts,
    must_exist: bool,
    variables: &Source<'_>,
) -> Result<Place, StartError> {
    match (&at.table, &at.bucket) {
        (Some(table), Some(bucket)) if at.aws => Ok(Place::aws(table, bucket).await),
        _ => Place::local(&at.data, must_exist, variables).await,
    }
}

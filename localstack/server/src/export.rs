//! Everything that is stored, in one file that says nothing of where it came from: rows as JSON
//! lines in the order of their keys, then the objects. The same state is the same bytes.

use crate::archive::{ArchiveError, Maker};
use crate::bar::Bar;
use crate::sorted::{Line, Sorter};
use futures::TryStreamExt;
use std::io;
use std::path::{Path, PathBuf};
use store::whole::to_json;
use store::{Store, StoreError};

/// Kind of the archives.
pub const KIND: &str = "export";
/// The rows.
pub const ITEMS: &str = "items.jsonl";
/// Before the keys of objects.
pub const OBJECTS: &str = "objects/";
/// Objects listed together.
const PAGE: usize = 1000;

/// Why nothing was moved.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// Table or bucket.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The archive.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// A file that is needed meanwhile.
    #[error("temporary files: {0}")]
    Temporary(#[from] io::Error),
    /// An object vanished meanwhile.
    #[error("object {0} vanished meanwhile; stop what writes and try again")]
    Vanished(String),
    /// Something is there already.
    #[error("the table or the bucket is not empty; --force writes into it all the same")]
    NotEmpty,
}

/// How much was moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// Rows.
    pub items: u64,
    /// Objects.
    pub objects: u64,
}

/// Writes everything in `store` to the new file `target`. Nothing may change it meanwhile.
pub async fn export(store: &Store, target: &Path) -> Result<Moved, TransferError> {
    let mut maker = Maker::new(target, KIND)?;
    let items = export_items(store, target, &mut maker).await?;
    let objects = export_objects(store, &mut maker).await?;
    maker.finish()?;
    Ok(Moved { items, objects })
}

async fn export_items(
    store: &Store,
    target: &Path,
    maker: &mut Maker,
) -> Result<u64, TransferError> {
    let mut runs = target.to_owned().into_os_string();
    runs.push(".sorting");
    let mut sorter = Sorter::new(&PathBuf::from(runs))?;
    let mut after = None;
    let mut count = 0;
    let mut bar = Bar::new("rows", 0);
    loop {
        let (page, next) = store.table.scan(after).await?;
        for item in &page {
            let text = |name: &str| {
                let value = item.get(name).and_then(|value| value.as_s().ok());
                value.cloned().unwrap_or_default()
            };
            let line = to_json(item)?.to_string();
            bar.add(line.len() as u64);
            sorter.push(Line(text("pk"), text("sk"), line))?;
            count += 1;
        }
        after = next;
        if after.is_none() {
            break;
        }
    }
    maker.begin(ITEMS, true)?;
    sorter.drain(|line| {
        maker.write(line.2.as_bytes())?;
        maker.write(b"\n")?;
        Ok::<(), TransferError>(())
    })?;
    Ok(count)
}

async fn export_objects(store: &Store, maker: &mut Maker) -> Result<u64, TransferError> {
    let mut after = String::new();
    let mut count = 0;
    let mut bar = Bar::new("objects", 0);
    loop {
        let page = store.blobs.list("", &after, PAGE).await?;
        for object in &page {
            let body = store.blobs.stream(&object.key, None).await?;
            let vanished = || TransferError::Vanished(object.key.clone());
            let mut body = std::pin::pin!(body.ok_or_else(vanished)?);
            maker.begin(&format!("{OBJECTS}{}", object.key), false)?;
            while let Some(bytes) = body.try_next().await? {
                maker.write(&bytes)?;
                bar.add(bytes.len() as u64);
            }
            count += 1;
        }
        match page.last().filter(|_| page.len() == PAGE) {
            Some(last) => after.clone_from(&last.key),
            None => return Ok(count),
        }
    }
}

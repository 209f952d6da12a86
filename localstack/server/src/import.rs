//! What an export holds, put into a table and a bucket. Repeating it changes nothing, so one that
//! broke off is repeated.

use crate::archive::Reader;
use crate::bar::Bar;
use crate::export::{ITEMS, KIND, Moved, OBJECTS, TransferError};
use bytes::Bytes;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use store::whole::from_json;
use store::{Store, StoreError, schema};

/// Rows written together.
const TOGETHER: usize = 500;

/// A file that goes when it is no longer needed.
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        // What stays is overwritten by the next import of the same file.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Puts the export `from` into `store`, which must be empty unless `force`. The whole archive is
/// compared with its checksums first; objects go before the rows that name them.
pub async fn import(store: &Store, from: &Path, force: bool) -> Result<Moved, TransferError> {
    let mut reader = Reader::open(from, KIND)?;
    let names: Vec<String> = reader.manifest.entries.keys().cloned().collect();
    let total = reader.manifest.entries.values().map(|e| e.bytes).sum();
    let mut items = from.to_owned().into_os_string();
    items.push(".items");
    let items = Temporary(PathBuf::from(items));
    let mut checked = Bar::new("check", total);
    for name in &names {
        let mut out = match name == ITEMS {
            true => Some(File::create(&items.0)?),
            false => None,
        };
        reader.entry(name, |bytes| {
            checked.add(bytes.len() as u64);
            out.as_mut().map_or(Ok(()), |out| out.write_all(bytes))
        })?;
    }
    drop(checked);
    schema::create_table(&store.table).await?;
    store.blobs.create_bucket().await?;
    let empty = store.table.is_empty().await? && store.blobs.list("", "", 1).await?.is_empty();
    if !empty && !force {
        return Err(TransferError::NotEmpty);
    }
    let mut bar = Bar::new("import", total);
    let mut moved = Moved::default();
    for name in names.iter().filter(|name| name.starts_with(OBJECTS)) {
        let mut body = Vec::new();
        reader.entry(name, |bytes| {
            bar.add(bytes.len() as u64);
            body.extend_from_slice(bytes);
            Ok(())
        })?;
        let digest = &reader.manifest.entries[name].sha256;
        let key = &name[OBJECTS.len()..];
        store.blobs.put(key, Bytes::from(body), digest).await?;
        moved.objects += 1;
    }
    moved.items = put_items(store, &items.0, &mut bar).await?;
    Ok(moved)
}

async fn put_items(store: &Store, path: &Path, bar: &mut Bar) -> Result<u64, TransferError> {
    let mut count = 0;
    let mut together = Vec::with_capacity(TOGETHER);
    for line in BufReader::new(File::open(path)?).lines() {
        let line = line?;
        bar.add(line.len() as u64 + 1);
        let value = serde_json::from_str(&line);
        let value = value.map_err(|e| StoreError::Corrupt(e.to_string()))?;
        together.push(from_json(&value)?);
        count += 1;
        if together.len() == TOGETHER {
            store.table.put_all(std::mem::take(&mut together)).await?;
        }
    }
    store.table.put_all(together).await?;
    Ok(count)
}

//! A spill file of up to 1 GB: uploaded, replayed, once in peace and once across a kill.
//!
//! Reading order: [`file`], [`upload`], [`follow`], [`stored`].

mod file;
mod follow;
mod stored;
mod upload;

use crate::Outcome;
use crate::client::Client;
use crate::server::Process;
use crate::table::print;
use file::SpillFile;
use follow::Followed;
use std::path::Path;

/// Account that replays.
const OWNER: &str = "bench";

/// Makes the file, then replays it twice into fresh data directories.
///
/// # Errors
/// A replay that refuses, loses or doubles an event.
pub async fn run(binary: &Path, megabytes: u64, compressed: bool) -> Outcome<()> {
    let scratch = tempfile::tempdir()?;
    let (place, bytes) = (scratch.path().to_owned(), megabytes * 1_000_000);
    let file =
        tokio::task::spawn_blocking(move || file::write(&place, bytes, compressed)).await??;
    let header = [
        "replay",
        "file MB",
        "events",
        "upload MB/s",
        "replay s",
        "events/s",
        "MB/s",
        "RSS before",
        "peak",
        "grown MB",
        "stored",
        "twice in table",
    ];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    for kills in [false, true] {
        let data = tempfile::tempdir_in(scratch.path())?;
        rows.push(replay(binary, data.path(), &file, kills).await?);
    }
    print(
        "Replay of a spill file (budget: memory stays the same whatever the file holds; every event stored once)",
        &rows,
    );
    Ok(())
}

async fn replay(binary: &Path, data: &Path, file: &SpillFile, kills: bool) -> Outcome<Vec<String>> {
    let mut server = Process::start(binary, data).await?;
    let session = server.session(OWNER).await?;
    let token = server.token(&session).await?;
    let mut client = Client::connect(&server.host, &token).await?;
    let before = server.rss_mb();
    let (id, upload) = upload::send(&mut client, &server.host, file).await?;
    let half = file.unpacked / 2;
    let mut seen = Followed::default();
    if kills {
        follow::until(&server, &token, id, Some(half), file, &mut seen).await?;
        server.kill().await?;
        server = Process::start(binary, data).await?;
    }
    let spill = follow::until(&server, &token, id, None, file, &mut seen).await?;
    server.stop().await?;
    let (accepted, duplicate) = (&spill["accepted"], &spill["duplicate"]);
    let told = accepted.as_u64().unwrap_or(0) + duplicate.as_u64().unwrap_or(0);
    let stored = stored::count(data, file).await?;
    if spill["state"] != "done" || told < file.events || stored.distinct != file.events {
        return Err(format!(
            "{} events were sent, {} are stored: {spill}",
            file.events, stored.distinct
        )
        .into());
    }
    let (secs, size) = (seen.replaying.as_secs_f64(), file.size as f64 / 1e6);
    let name = if kills {
        "killed at the half"
    } else {
        "in peace"
    };
    Ok(vec![
        name.to_owned(),
        format!("{size:.0}"),
        file.events.to_string(),
        format!("{:.0}", size / upload.as_secs_f64()),
        format!("{secs:.1}"),
        format!("{:.0}", file.events as f64 / secs),
        format!("{:.1}", file.unpacked as f64 / 1e6 / secs),
        format!("{before:.0}"),
        format!("{:.0}", seen.peak_mb),
        format!("{:.0}", seen.peak_mb - before),
        stored.distinct.to_string(),
        (stored.records - stored.distinct).to_string(),
    ])
}

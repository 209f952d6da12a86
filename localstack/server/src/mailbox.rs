//! Delivery without a mail server: waiting mails become `.eml` files, their links are logged.

use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::{Address, Message};
use std::path::{Path, PathBuf};
use std::time::Duration;
use store::Store;
use store::outbox::Mail;

/// Mails handled in one round.
const ROUND: usize = 100;
/// Pause between looks at the outbox.
const PAUSE: Duration = Duration::from_millis(500);

/// Where mails go.
#[derive(Clone, Debug)]
pub enum Mailroom {
    /// Files in this directory.
    Directory(PathBuf),
    /// Nowhere but the log: there is no data directory.
    LogOnly,
}

/// Delivers until the process ends.
pub async fn run(store: Store, room: Mailroom) {
    loop {
        if let Err(error) = deliver(&store, &room).await {
            tracing::warn!(cause = %error, "mails could not be written; they stay queued");
            tokio::time::sleep(PAUSE * 20).await;
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Why mails stay queued.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The outbox could not be read or cleared.
    #[error(transparent)]
    Store(#[from] store::StoreError),
    /// The file could not be written.
    #[error("{0}")]
    File(#[from] std::io::Error),
}

/// Delivers what waits; returns how many mails.
///
/// The file is complete before the row goes: a crash in between writes the same file again.
pub async fn deliver(store: &Store, room: &Mailroom) -> Result<usize, MailError> {
    let waiting = store.waiting_mails(ROUND).await?;
    let count = waiting.len();
    for mail in waiting {
        if let Mailroom::Directory(directory) = room {
            let file = directory.join(format!("{}.eml", mail.id));
            write(&file, &mail)?;
            tracing::info!(mail.to = %mail.to, mail.file = %file.display(), "mail {:?}", mail.subject);
        }
        for link in mail
            .text
            .split_whitespace()
            .filter(|w| w.starts_with("http"))
        {
            tracing::info!(mail.to = %mail.to, "link in mail {:?}: {link}", mail.subject);
        }
        store.remove_mail(mail.id).await?;
    }
    Ok(count)
}

fn write(file: &Path, mail: &Mail) -> std::io::Result<()> {
    let invalid = |e: String| std::io::Error::new(std::io::ErrorKind::InvalidData, e);
    let to: Address = mail.to.parse().map_err(|e| invalid(format!("{e}")))?;
    let from: Address = "noreply@argus.local"
        .parse()
        .map_err(|e| invalid(format!("{e}")))?;
    let builder = Message::builder()
        .from(Mailbox::new(Some("Argus".into()), from))
        .to(Mailbox::new(None, to))
        .subject(&mail.subject);
    let message = match &mail.html {
        Some(html) => builder.multipart(MultiPart::alternative_plain_html(
            mail.text.clone(),
            html.clone(),
        )),
        None => builder.singlepart(SinglePart::plain(mail.text.clone())),
    }
    .map_err(|e| invalid(e.to_string()))?;
    crate::data_dir::write_whole(file, &message.formatted())
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_kit::TestApp;

    #[tokio::test]
    async fn waiting_mails_become_files_once() {
        let app = TestApp::new(api_auth::routes()).await;
        app.user("alice", false).await;
        let directory = tempfile::tempdir().expect("temp dir");
        let room = Mailroom::Directory(directory.path().to_owned());
        let store = &app.services.store;
        assert_eq!(deliver(store, &room).await.expect("delivered"), 1);
        assert_eq!(deliver(store, &room).await.expect("nothing left"), 0);
        let files: Vec<_> = std::fs::read_dir(directory.path())
            .expect("directory")
            .flatten()
            .map(|entry| std::fs::read_to_string(entry.path()).expect("readable"))
            .collect();
        assert_eq!(files.len(), 1);
        assert!(
            files[0].contains("To: alice@example.com") && files[0].contains("Subject: welcome")
        );
        let nowhere = Mailroom::Directory(directory.path().join("missing"));
        app.user("bob", false).await;
        assert!(deliver(store, &nowhere).await.is_err());
        assert_eq!(deliver(store, &room).await.expect("kept until written"), 1);
    }
}

//! Rows of the outbox: leases, ids, the bell.

use crate::setup::{message, queue, round, sender, server};
use cron_mailer::{LEASE_SECS, Mailer, Transport};
use domain::time::Timestamp;
use store::StoreError;
use store::outbox::message_write;

#[tokio::test]
async fn a_lease_that_ends_gives_the_message_to_the_next() {
    let app = server().await;
    let (store, clock) = (&app.services.store, &app.services.clock);
    queue(&app.services, 1, "alice@example.com").await;
    let due = store.due_messages(clock.now(), 10).await.expect("read");
    let until = clock.now().plus_secs(LEASE_SECS);
    let first = store.claim_message(due[0].clone(), "a", until).await;
    let first = first.expect("asked").expect("free");
    let second = store.claim_message(due[0].clone(), "b", until).await;
    assert!(second.expect("asked").is_none(), "one claim only");
    assert!(
        store
            .due_messages(clock.now(), 10)
            .await
            .expect("read")
            .is_empty()
    );

    clock.advance(LEASE_SECS + 1);
    let due = store.due_messages(clock.now(), 10).await.expect("read");
    assert_eq!(
        due[0].waiting.leased_by.as_deref(),
        Some("a"),
        "whoever died is named"
    );
    let until = clock.now().plus_secs(LEASE_SECS);
    let next = store.claim_message(due[0].clone(), "b", until).await;
    let next = next.expect("asked").expect("free again");
    // The first comes back to life and cannot settle what is no longer its own.
    let late = store.message_sent(&first, clock.now()).await;
    assert!(matches!(late, Err(StoreError::Conflict)), "{late:?}");
    store
        .message_sent(&next, clock.now())
        .await
        .expect("settled");
    let counts = store.outbox_counts_of_day(clock.now()).await.expect("read");
    assert_eq!(counts.sent, 1);
}

#[tokio::test]
async fn an_id_that_is_taken_overwrites_nothing() {
    let app = server().await;
    let (store, now) = (&app.services.store, app.services.clock.now());
    queue(&app.services, 1, "alice@example.com").await;
    let again = message_write(&message(1, "bob@example.com", now), now).expect("encodes");
    let outcome = store.table.write(again).await;
    assert!(matches!(outcome, Err(StoreError::Conflict)), "{outcome:?}");
    let mails = store.waiting_mails(10).await.expect("read");
    assert_eq!(mails[0].to, "alice@example.com");

    // Two messages of one id that both die are two dead letters.
    let mailer = Mailer::new(&app.services, Transport::Log);
    let nobody = message(1, "nobody", now);
    for at in [1, 2] {
        let write = message_write(&nobody, Timestamp(at)).expect("encodes");
        store.table.write(write).await.expect("queued");
    }
    let directory = tempfile::tempdir().expect("temp dir");
    let files = Transport::Directory(sender(), directory.path().to_owned());
    let files = Mailer::new(&app.services, files);
    let mut done = 0;
    // While one of them is leased until the same instant another cannot be.
    while done < 3 {
        done += round(&app.services, &files).await.handled();
    }
    let dead = store.dead_letters(None, 10).await.expect("read");
    assert_eq!(dead.iter().map(|d| d.id).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(round(&app.services, &mailer).await.handled(), 0);
}

#[tokio::test]
async fn a_new_message_rings() {
    let app = server().await;
    let bell = app.services.store.table.outbox_bell();
    app.user("alice", false).await;
    bell.notified().await;
    queue(&app.services, 1, "alice@example.com").await;
    bell.notified().await;
}

#[tokio::test]
async fn mails_become_files_once_and_wait_while_they_cannot() {
    let app = server().await;
    let directory = tempfile::tempdir().expect("temp dir");
    let place = directory.path().join("outbox");
    let files = Transport::Directory(sender(), place.clone());
    let mailer = Mailer::new(&app.services, files);
    app.user("alice", false).await;
    assert_eq!(
        round(&app.services, &mailer).await.waiting,
        1,
        "no such directory"
    );
    std::fs::create_dir(&place).expect("made");
    app.services.clock.advance(6);
    assert_eq!(round(&app.services, &mailer).await.sent, 1);
    assert_eq!(round(&app.services, &mailer).await.handled(), 0);
    let files: Vec<_> = std::fs::read_dir(&place)
        .expect("directory")
        .flatten()
        .map(|entry| std::fs::read_to_string(entry.path()).expect("readable"))
        .collect();
    assert_eq!(files.len(), 1);
    assert!(files[0].contains("To: alice@example.com") && files[0].contains("Subject: welcome"));
}

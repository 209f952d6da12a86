//! Delivery to a mail server.

use crate::setup::{mailer, queue, round, server};
use crate::smtp_server::SmtpServer;
use cron_mailer::{Report, Transport, tick};
use store::outbox::Payload;
use tokio::time::Instant;

#[tokio::test]
async fn two_mailers_at_once_send_each_mail_once() {
    let app = server().await;
    let smtp = SmtpServer::start().await;
    for id in 1..=40 {
        queue(&app.services, id, &format!("user{id}@example.com")).await;
    }
    let other = app.sibling(web::Routes::new(), &test_kit::app::Setup::default());
    let (first, second) = (
        mailer(&app.services, smtp.address),
        mailer(&other.services, smtp.address),
    );
    let (one, two) = tokio::join!(
        round(&app.services, &first),
        round(&other.services, &second)
    );
    // What both reached for at the same instant may have gone to neither.
    let rest = round(&app.services, &first).await;
    assert_eq!(
        one.sent + two.sent + rest.sent,
        40,
        "{one:?} {two:?} {rest:?}"
    );
    let mut to: Vec<String> = smtp.mails().into_iter().map(|(to, _)| to).collect();
    assert_eq!(to.len(), 40);
    to.sort();
    to.dedup();
    assert_eq!(to.len(), 40, "nobody got two");
    let left = app.services.store.waiting_mails(10).await.expect("read");
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn the_message_arrives_as_it_was_written() {
    let app = server().await;
    let smtp = SmtpServer::start().await;
    queue(&app.services, 7, "alice@example.com").await;
    round(&app.services, &mailer(&app.services, smtp.address)).await;
    let (to, text) = smtp.mails().remove(0);
    assert_eq!(to, "alice@example.com");
    for part in [
        "Subject: mail 7\r\n",
        "Message-ID: <7.argus@argus.example>\r\n",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
        "\r\n.hidden\r\n..two\r\n",
        "<p>one</p>",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[tokio::test]
async fn a_passing_refusal_is_tried_again_and_delays_nobody_else() {
    let app = server().await;
    let smtp = SmtpServer::start().await;
    let mailer = mailer(&app.services, smtp.address);
    smtp.refuse_next(1);
    queue(&app.services, 1, "alice@example.com").await;
    let report = round(&app.services, &mailer).await;
    assert_eq!((report.sent, report.waiting), (0, 1));
    queue(&app.services, 2, "bob@example.com").await;
    let report = round(&app.services, &mailer).await;
    assert_eq!(
        (report.sent, report.waiting),
        (1, 0),
        "the first is not due yet"
    );
    app.services.clock.advance(6);
    assert_eq!(round(&app.services, &mailer).await.sent, 1);
    let to: Vec<String> = smtp.mails().into_iter().map(|(to, _)| to).collect();
    assert_eq!(to, ["bob@example.com", "alice@example.com"]);
    let now = app.services.clock.now();
    let store = &app.services.store;
    for counts in [
        store.outbox_counts_of_day(now).await,
        store.outbox_counts_of_hour(now).await,
    ] {
        let counts = counts.expect("read");
        assert_eq!((counts.sent, counts.failed), (2, 0));
    }
}

#[tokio::test]
async fn a_lasting_refusal_is_a_dead_letter_with_its_body_that_can_be_sent_again() {
    let app = server().await;
    let store = &app.services.store;
    let smtp = SmtpServer::start().await;
    let mailer = mailer(&app.services, smtp.address);
    smtp.refuse_all(true);
    queue(&app.services, 1, "gone@example.com").await;
    queue(&app.services, 2, "gone@example.com").await;
    let report = round(&app.services, &mailer).await;
    assert_eq!((report.dead, report.waiting), (2, 0));
    let dead = store.dead_letters(None, 10).await.expect("read");
    assert_eq!(dead.iter().map(|d| d.id).collect::<Vec<_>>(), [2, 1]);
    assert!(
        dead[0]
            .last_error
            .as_deref()
            .is_some_and(|e| e.contains("550")),
        "{dead:?}"
    );
    let Payload::Mail { mail, .. } = &dead[0].payload else {
        panic!("{dead:?}");
    };
    assert!(mail.text.contains(".hidden") && mail.html.is_some());
    assert_eq!(
        store.dead_letters(Some(2), 10).await.expect("read").len(),
        1
    );
    let now = app.services.clock.now();
    assert_eq!(
        store.outbox_counts_of_day(now).await.expect("read").failed,
        2
    );

    smtp.refuse_all(false);
    assert!(store.retry_dead_letter(1, now).await.expect("queued"));
    assert!(
        !store.retry_dead_letter(1, now).await.expect("asked"),
        "only once"
    );
    assert!(store.discard_dead_letter(2).await.expect("gone"));
    assert!(!store.discard_dead_letter(2).await.expect("asked"));
    assert_eq!(round(&app.services, &mailer).await.sent, 1);
    assert_eq!(smtp.mails().len(), 1);
    assert!(store.dead_letters(None, 10).await.expect("read").is_empty());
}

#[tokio::test]
async fn without_a_way_out_mails_wait_for_a_day_and_are_kept() {
    let app = server().await;
    let mailer = cron_mailer::Mailer::new(&app.services, Transport::Missing);
    queue(&app.services, 1, "alice@example.com").await;
    let mut tries = 0;
    let mut hours = 0;
    loop {
        let report = round(&app.services, &mailer).await;
        tries += report.handled();
        if report.dead == 1 {
            break;
        }
        app.services.clock.advance(3600);
        hours += 1;
        assert!(hours < 48, "given up at last");
    }
    assert!(tries >= 8 && hours >= 23, "{tries} tries in {hours} hours");
    let dead = app
        .services
        .store
        .dead_letters(None, 1)
        .await
        .expect("read");
    assert_eq!(dead[0].attempts as usize, tries);
}

#[tokio::test]
async fn nothing_begins_after_the_deadline() {
    let app = server().await;
    let mailer = cron_mailer::Mailer::new(&app.services, Transport::Log);
    queue(&app.services, 1, "alice@example.com").await;
    let over = Some(Instant::now());
    let report = tick(&app.services, &mailer, 10, over)
        .await
        .expect("storage works");
    assert_eq!(
        report,
        Report {
            left: 1,
            ..Report::default()
        }
    );
    assert_eq!(round(&app.services, &mailer).await.sent, 1);
}

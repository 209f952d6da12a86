//! Who is told of what.

use super::*;
use crate::notice::Words;

const NOW: Timestamp = Timestamp(1_795_000_000_000);

fn notice(kind: NoticeKind) -> Notice {
    Notice {
        kind,
        at: NOW,
        project: "p".into(),
        batch_id: Some("b".into()),
        words: Words::new(),
    }
}

fn person(user: UserId) -> Person {
    Person {
        user,
        email: format!("u{user}@example.com"),
        is_active: true,
        wishes: Wishes::default(),
        batch: None,
    }
}

fn row(project: Option<&str>, kind: NoticeKind, enabled: bool) -> Subscription {
    Subscription {
        project: project.map(str::to_owned),
        kind,
        enabled,
    }
}

fn recipient(id: u64, email: &str) -> Recipient {
    Recipient {
        id,
        email: email.into(),
        event_kinds: vec![NoticeKind::BatchFailed],
        enabled: true,
        added_by: 1,
        created_at: Timestamp(0),
        updated_at: Timestamp(0),
    }
}

#[test]
fn the_nearest_wish_decides() {
    let kind = NoticeKind::BatchFailed;
    let mut alice = person(1);
    assert!(is_mailed(&alice, &notice(kind)), "by default");
    assert!(!is_mailed(&alice, &notice(NoticeKind::JobIdleFlagged)));
    alice.wishes.set(row(None, kind, false));
    assert!(!is_mailed(&alice, &notice(kind)), "for everything");
    alice.wishes.set(row(Some("p"), kind, true));
    assert!(is_mailed(&alice, &notice(kind)), "for the project");
    let other = Notice {
        project: "q".into(),
        ..notice(kind)
    };
    assert!(!is_mailed(&alice, &other));
    alice.batch = Some(BatchWish {
        kinds: vec![NoticeKind::BatchDone],
        enabled: true,
    });
    assert!(!is_mailed(&alice, &notice(kind)), "for the batch");
    assert!(is_mailed(&alice, &notice(NoticeKind::BatchDone)));
    alice.batch = alice.batch.map(|wish| BatchWish {
        enabled: false,
        ..wish
    });
    assert!(
        is_mailed(&alice, &notice(kind)),
        "a disabled one is ignored"
    );
    alice.wishes.set(row(Some("p"), kind, false));
    assert_eq!(
        alice.wishes.rows.len(),
        2,
        "a row is changed, not added again"
    );
}

#[test]
fn everybody_is_told_once_and_the_banned_never() {
    let banned = Person {
        is_active: false,
        ..person(3)
    };
    let mut silent = person(4);
    silent.wishes.set(row(None, NoticeKind::BatchFailed, false));
    let people = [person(1), person(2), person(1), banned, silent];
    let recipients = [
        recipient(10, "u1@example.com"),
        recipient(11, "u3@example.com"),
        recipient(12, "u4@example.com"),
        recipient(13, "u4@example.com"),
        Recipient {
            enabled: false,
            ..recipient(14, "x@example.com")
        },
        Recipient {
            event_kinds: vec![],
            ..recipient(15, "y@example.com")
        },
    ];
    let told = audience(&notice(NoticeKind::BatchFailed), &people, &recipients);
    assert_eq!(told.shown, [1, 2, 4]);
    assert_eq!(told.mailed, [1, 2]);
    assert_eq!(
        told.recipients,
        [11, 12],
        "who has it already does not get it again"
    );
}

#[test]
fn mails_of_a_kind_keep_apart_and_respect_the_night() {
    let mut wishes = Wishes::default();
    assert_eq!(mail_due(&wishes, None, NOW), (Collected::Kind, NOW));
    let recent = Some(NOW.plus_secs(-100));
    assert_eq!(mail_due(&wishes, recent, NOW).1, NOW.plus_secs(200));
    assert_eq!(mail_due(&wishes, Some(NOW.plus_secs(-301)), NOW).1, NOW);

    let night = Timestamp::parse("2026-11-21T23:00:00Z").expect("an instant");
    let morning = Timestamp::parse("2026-11-22T07:00:00Z").expect("an instant");
    wishes.quiet = QuietHours::parse("22:00", "07:00", "UTC");
    assert_eq!(mail_due(&wishes, None, night), (Collected::Kind, morning));
    wishes.digest = Some(DailyDigest {
        minute: 8 * 60,
        zone: "Asia/Shanghai".into(),
    });
    let eight = Timestamp::parse("2026-11-22T00:00:00Z").expect("an instant");
    assert_eq!(mail_due(&wishes, None, night), (Collected::Digest, eight));
    assert_eq!(mail_due(&wishes, None, eight).1, eight.plus_secs(86_400));
}

#[test]
fn what_comes_too_soon_is_collected_and_nothing_is_lost() {
    let mut pending = Pending::default();
    let due = NOW.plus_secs(60);
    assert_eq!(
        pending.collect(notice(NoticeKind::JobFailed), due),
        Some(due)
    );
    for _ in 0..60 {
        assert_eq!(pending.collect(notice(NoticeKind::JobFailed), due), None);
    }
    assert_eq!(
        (pending.notices.len(), pending.more),
        (NOTICES_PER_MAIL, 11)
    );
    // Two more come while the mail is under way.
    let (told, more) = (pending.notices.len(), pending.more);
    pending.collect(notice(NoticeKind::JobFailed), due);
    pending.collect(notice(NoticeKind::JobFailed), due);
    let next = pending.sent(told, more, due);
    assert_eq!(next, Some(due.plus_secs(MAIL_PAUSE_SECS)));
    assert_eq!((pending.notices.len(), pending.more), (0, 2));
    assert_eq!(pending.sent(0, 2, due), None);
    assert_eq!((pending.due, pending.last), (None, Some(due)));
}

#[test]
fn watching_a_project_is_a_wish_of_its_own() {
    let kind = NoticeKind::BatchFailed;
    let mut wishes = Wishes::default();
    wishes.set(row(None, kind, true));
    assert!(!wishes.follows(kind, "p"), "a wish for everything is none");
    wishes.set(row(Some("p"), kind, true));
    assert!(wishes.follows(kind, "p") && !wishes.follows(kind, "q"));
    assert!(!wishes.follows(NoticeKind::BatchDone, "p"));
    wishes.set(row(Some("p"), kind, false));
    assert!(!wishes.follows(kind, "p"));
}

#[test]
fn what_is_collected_fits_one_item() {
    let mut large = notice(NoticeKind::JobFailed);
    large
        .words
        .insert("job.error".to_owned(), "\"".repeat(20_000));
    let mut pending = Pending::default();
    for _ in 0..10 {
        pending.collect(large.clone(), NOW);
    }
    assert_eq!((pending.notices.len(), pending.more), (4, 6));
}

#[test]
fn digests_are_read_as_they_are_written() {
    let digest = DailyDigest::parse("09:05", "Asia/Shanghai").expect("a digest");
    assert_eq!((digest.minute, digest.text()), (545, "09:05".to_owned()));
    assert_eq!(DailyDigest::parse("24:00", "UTC"), None);
    assert_eq!(DailyDigest::parse("09:00", "Mars/Olympus"), None);
}

//! From what a script reports to what people get.

use crate::setup::{mailer, round};
use crate::stage::{Stage, batch_failed, job_failed, link, report, unfolded};
use domain::access::Role;
use domain::notice::NoticeKind;
use domain::project::Recipient;
use engine_dynamodb::Fault;
use http::Method;
use serde_json::{Value, json};
use store::grants::{Grant, Target};
use test_kit::build::event;

async fn recipient(stage: &Stage, email: &str) -> u64 {
    let now = stage.app.services.clock.now();
    let recipient = Recipient {
        id: 7,
        email: email.to_owned(),
        event_kinds: vec![NoticeKind::BatchFailed],
        enabled: true,
        added_by: 1,
        created_at: now,
        updated_at: now,
    };
    let store = &stage.app.services.store;
    let added = store.add_recipient("proj", &recipient, vec![]);
    added.await.expect("added");
    recipient.id
}

async fn give(stage: &Stage, on: Target, to: u64, role: Role) {
    let at = stage.app.services.clock.now();
    let by = 1;
    let grant = Grant {
        on,
        to,
        role,
        by,
        at,
    };
    let writes = grant.give().expect("encodes").to_vec();
    let table = &stage.app.services.store.table;
    table.transact(writes).await.expect("given");
}

async fn put(actor: &test_kit::Actor, path: &str, body: &Value) -> Value {
    let reply = actor.call(Method::PUT, path).json(body).send().await;
    reply.ok(200)
}

#[tokio::test]
async fn everybody_it_concerns_hears_of_a_failure_once() {
    let stage = Stage::new().await;
    let (alice, _, reporter) = stage.alice("b").await;
    let project = Target::Project("proj".into());
    let (editor, _) = stage.person("editor").await;
    give(&stage, project.clone(), editor.id, Role::Editor).await;
    let (viewer, _) = stage.person("viewer").await;
    give(&stage, project.clone(), viewer.id, Role::Viewer).await;
    let (watcher, watching) = stage.person("watcher").await;
    give(&stage, project.clone(), watcher.id, Role::Viewer).await;
    let row = json!({"project": "proj", "event_type": "batch_failed", "enabled": true});
    let rows = json!({"subscriptions": [row]});
    watching.patch("/api/me/subscriptions", &rows).await.ok(200);
    let (guest, _) = stage.person("guest").await;
    give(&stage, Target::Batch("b".into()), guest.id, Role::Viewer).await;
    let (banned, _) = stage.person("banned").await;
    give(&stage, project, banned.id, Role::Editor).await;
    let store = &stage.app.services.store;
    let ban = store.update_user(banned.id, |user| user.is_active = false);
    ban.await.expect("updated");
    let (stranger, _) = stage.person("stranger").await;
    recipient(&stage, "list@example.com").await;

    let failed = batch_failed("b");
    report(&reporter, &failed).await;
    report(&reporter, &failed).await;
    report(&reporter, &batch_failed("b")).await;
    stage.settle().await;
    stage.app.services.clock.advance(400);
    stage.settle().await;

    for (user, name) in [
        (&alice, "alice"),
        (&editor, "editor"),
        (&watcher, "watcher"),
        (&guest, "guest"),
    ] {
        let shown = stage.shown(user).await;
        assert_eq!(shown.len(), 1, "{name}");
        assert_eq!(shown[0].title, "Batch b failed");
        assert!(shown[0].body.contains("out of memory"), "{}", shown[0].body);
        assert!(!shown[0].body.contains("http"), "{}", shown[0].body);
        let mails = stage.mails(name);
        assert_eq!(mails.len(), 1, "{name}: {mails:?}");
    }
    for (user, name) in [
        (&viewer, "viewer"),
        (&banned, "banned"),
        (&stranger, "stranger"),
    ] {
        assert!(stage.shown(user).await.is_empty(), "{name}");
        assert!(stage.mails(name).is_empty(), "{name}");
    }
    let mail = unfolded(&stage.mails("alice")[0]);
    for part in [
        "Subject: Batch b failed",
        "Reason: out of memory",
        "http://argus.example/batches/b",
        "List-Unsubscribe: <http://argus.example/api/unsubscribe?token=",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
    ] {
        assert!(mail.contains(part), "{part} in {mail}");
    }
    let list = stage.mails("list");
    assert_eq!(list.len(), 1, "{list:?}");
    let follow = link(&list[0], "/api/unsubscribe/recipient/");
    for _ in 0..2 {
        assert_eq!(stage.app.get(&follow).send().await.status, 200);
    }
    let entry = store.recipient("proj", 7).await.expect("read");
    assert!(!entry.expect("there").value.enabled);
    let unknown = stage
        .app
        .get("/api/unsubscribe/recipient/nonsense-nonsense");
    assert_eq!(unknown.send().await.refused(404), "unsubscribe_unknown");
    let mine = link(&stage.mails("alice")[0], "/api/unsubscribe?token=");
    assert_eq!(stage.app.get(&mine).send().await.status, 200);
    let wishes = store.wishes(alice.id).await.expect("read");
    assert!(!wishes.wants(NoticeKind::BatchFailed, None));
    assert!(wishes.wants(NoticeKind::JobFailed, None));
}

#[tokio::test]
async fn wishes_decide_about_mails_and_not_about_the_screen() {
    let stage = Stage::new().await;
    let (alice, session, reporter) = stage.alice("b").await;
    let rows = json!({"subscriptions": [{"event_type": "job_failed", "enabled": false}]});
    session.patch("/api/me/subscriptions", &rows).await.ok(200);
    report(&reporter, &job_failed("b", "j1")).await;
    stage.settle().await;
    assert_eq!(stage.shown(&alice).await.len(), 1);
    assert!(stage.mails("alice").is_empty());

    let wish = json!({"event_kinds": ["job_failed"]});
    put(&session, "/api/batches/b/email-subscription", &wish).await;
    report(&reporter, &job_failed("b", "j2")).await;
    report(&reporter, &batch_failed("b")).await;
    stage.settle().await;
    let mails = stage.mails("alice");
    assert_eq!(mails.len(), 1, "the batch's own wish: {mails:?}");
    assert!(mails[0].contains("Subject: Job j2 failed"), "{mails:?}");
}

#[tokio::test]
async fn many_failures_make_one_mail_and_one_of_the_rest() {
    let stage = Stage::new().await;
    let (alice, _, reporter) = stage.alice("b").await;
    for i in 0..10 {
        report(&reporter, &job_failed("b", &format!("j{i}"))).await;
        stage.settle().await;
        stage.app.services.clock.advance(6);
    }
    assert_eq!(stage.mails("alice").len(), 1);
    stage.app.services.clock.advance(300);
    stage.settle().await;
    stage.app.services.clock.advance(900);
    stage.settle().await;
    let mails = stage.mails("alice");
    assert_eq!(mails.len(), 2, "{mails:?}");
    let rest = unfolded(&mails[1]);
    assert!(rest.contains("9 ") && rest.contains("boom"), "{rest}");
    for i in 1..10 {
        assert!(rest.contains(&format!("Job j{i} failed")), "{i} in {rest}");
    }
    assert_eq!(stage.shown(&alice).await.len(), 10);
}

#[tokio::test]
async fn digests_and_quiet_hours_hold_mails_back() {
    let stage = Stage::new().await;
    let (_, session, reporter) = stage.alice("b").await;
    let clock = &stage.app.services.clock;
    let text = |at: domain::time::Timestamp| at.to_text()[11..16].to_owned();
    let schedule = "/api/me/mail_schedule";
    let none = json!({"digest": null, "quiet_hours": null});
    assert_eq!(session.get(schedule).await.ok(200), none);
    let wrong = json!({"digest": {"at": "25:00", "time_zone": "UTC"}});
    let wrong = session
        .call(Method::PUT, schedule)
        .json(&wrong)
        .send()
        .await;
    assert_eq!(wrong.refused(422), "validation");

    let hours = json!({"from": text(clock.now().plus_secs(-3600)),
        "to": text(clock.now().plus_secs(7200)), "time_zone": "UTC"});
    let wish = json!({"digest": null, "quiet_hours": hours});
    assert_eq!(put(&session, schedule, &wish).await, wish);
    report(&reporter, &job_failed("b", "j1")).await;
    report(&reporter, &job_failed("b", "j2")).await;
    stage.settle().await;
    assert!(stage.mails("alice").is_empty(), "it is quiet");
    clock.advance(7300);
    stage.settle().await;
    assert_eq!(stage.mails("alice").len(), 1, "both in one");

    let at = text(clock.now().plus_secs(7200));
    let wish = json!({"digest": {"at": at, "time_zone": "UTC"}});
    put(&session, schedule, &wish).await;
    report(&reporter, &job_failed("b", "j3")).await;
    report(&reporter, &event("batch_done", "b", None, json!({}))).await;
    stage.settle().await;
    clock.advance(3600);
    stage.settle().await;
    assert_eq!(stage.mails("alice").len(), 1, "the digest comes later");
    clock.advance(3700);
    stage.settle().await;
    let mails = stage.mails("alice");
    assert_eq!(mails.len(), 2, "{mails:?}");
    let digest = unfolded(&mails[1]);
    assert!(
        digest.contains("Job j3 failed") && digest.contains("Batch b is done"),
        "{digest}"
    );
}

/// A round whose transactions all fail from one on, as if the process had died there.
async fn die_after(stage: &Stage, transactions: usize, fault: Fault, times: usize) {
    let operation = "TransactWriteItems";
    stage
        .faults
        .push_times(operation, Fault::Pass, transactions);
    stage.faults.push_times(operation, fault, times);
    // Whether it notices that it died is of no interest.
    let _ = cron_mailer::tick(&stage.app.services, &stage.mailer, 10, None).await;
    stage.faults.clear();
    stage
        .app
        .services
        .clock
        .advance(cron_mailer::LEASE_SECS + 1);
}

#[tokio::test]
async fn nothing_is_lost_or_doubled_when_steps_die() {
    let stage = Stage::new().await;
    let (alice, _, reporter) = stage.alice("b").await;
    stage.settle().await;
    report(&reporter, &batch_failed("b")).await;
    // Claim, telling, end of the notice.
    for transactions in 0..3 {
        die_after(&stage, transactions, Fault::DiskFull, 20).await;
    }
    assert_eq!(stage.shown(&alice).await.len(), 1);
    assert_eq!(
        round(&stage.app.services, &stage.mailer).await.replaced,
        1 + 1
    );
    assert!(stage.mails("alice").is_empty());
    stage.settle().await;
    assert_eq!(stage.shown(&alice).await.len(), 1);
    assert_eq!(stage.mails("alice").len(), 1);

    stage.app.services.clock.advance(400);
    report(&reporter, &job_failed("b", "j")).await;
    for transactions in [0, 1, 2, 0, 1] {
        die_after(&stage, transactions, Fault::LostReply, 1).await;
    }
    stage.settle().await;
    stage.app.services.clock.advance(400);
    stage.settle().await;
    assert_eq!(stage.shown(&alice).await.len(), 2);
    assert_eq!(stage.mails("alice").len(), 2);
}

#[tokio::test]
async fn two_mailers_tell_the_same_people_once() {
    let stage = Stage::new().await;
    let (alice, _, reporter) = stage.alice("b").await;
    let services = &stage.app.services;
    let other = mailer(services, stage.smtp.address);
    for i in 0..8 {
        report(&reporter, &job_failed("b", &format!("j{i}"))).await;
    }
    for _ in 0..10 {
        tokio::join!(round(services, &stage.mailer), round(services, &other));
    }
    services.clock.advance(301);
    stage.settle().await;
    assert_eq!(stage.shown(&alice).await.len(), 8);
    let mails: Vec<String> = stage.mails("alice").iter().map(|m| unfolded(m)).collect();
    assert!(mails.len() <= 2, "{mails:?}");
    for i in 0..8 {
        let line = format!("Job j{i} failed");
        assert!(mails.iter().any(|m| m.contains(&line)), "{i} in {mails:?}");
    }
}

#[tokio::test]
async fn whoever_becomes_a_member_is_told() {
    let stage = Stage::new().await;
    let (_, session, _) = stage.alice("b").await;
    let (bob, _) = stage.person("bob").await;
    let wish = json!({"username": "bob", "role": "editor"});
    session
        .post("/api/projects/proj/members", &wish)
        .await
        .ok(201);
    session
        .post("/api/projects/proj/members", &wish)
        .await
        .ok(201);
    stage.settle().await;
    let shown = stage.shown(&bob).await;
    assert_eq!(shown.len(), 1);
    assert_eq!(shown[0].rule_id, "share_granted");
    let mails = stage.mails("bob");
    assert_eq!(mails.len(), 1, "{mails:?}");
    let mail = unfolded(&mails[0]);
    assert!(
        mail.contains("Subject: alice shared proj with you"),
        "{mail}"
    );
    assert!(
        mail.contains("http://argus.example/projects/proj"),
        "{mail}"
    );
    assert!(stage.mails("alice").is_empty());
}

//! Channels of projects: who makes them, what they are told, and sending it once more.

use crate::receiver::Receiver;
use crate::stage::{Stage, job_failed, report};
use domain::channel::ChannelOwner;
use notify::sign;
use serde_json::{Value, json};
use store::mail_templates::{StoredTemplate, template_write};
use store::settings::StoredSettings;
use test_kit::build::batch_start;

const CHANNELS: &str = "/api/projects/proj/channels";

async fn webhook(stage: &Stage, owner: &test_kit::Actor, receiver: &Receiver) -> Value {
    let url = format!("http://{}/in?token=hush", receiver.address);
    let wish = json!({"kind": "webhook", "name": "ci", "url": url, "events": ["job_failed"]});
    let made = owner.post(CHANNELS, &wish).await.ok(201);
    // What its reporting caused is not what is looked at here.
    stage.settle().await;
    made
}

#[tokio::test]
async fn a_project_says_what_members_report_once_and_signed() {
    let stage = Stage::with_channels().await;
    let receiver = Receiver::start().await;
    let (_, owner, reporter) = stage.alice("b").await;
    let made = webhook(&stage, &owner, &receiver).await;
    let (stranger, session) = stage.person("mallory").await;
    let foreign = stage.reporter(&stranger).await;
    report(&foreign, &batch_start("theirs")).await;
    report(&foreign, &job_failed("theirs", "j")).await;
    let failed = job_failed("b", "j");
    report(&reporter, &failed).await;
    report(&reporter, &failed).await;
    stage.settle().await;
    let requests = receiver.requests();
    assert_eq!(requests.len(), 1, "{requests:?}");
    let (headers, body) = (&requests[0].headers, &requests[0].body);
    let key = sign::webhook_key(made["secret"].as_str().expect("made here")).expect("a key");
    let secs = headers["webhook-timestamp"].parse().expect("seconds");
    let signature = sign::webhook(&key, &headers["webhook-id"], secs, body);
    assert_eq!(headers["webhook-signature"], signature);
    let body: Value = serde_json::from_str(body).expect("JSON");
    assert_eq!(
        (&body["type"], &body["data"]["batch_id"]),
        (&json!("job_failed"), &json!("b"))
    );
    assert_eq!(body["data"]["link"], "http://argus.example/batches/b");

    // Whoever only uses the project's name has no say in it and sees nothing of it.
    let wish = json!({"kind": "slack", "name": "x", "url": "https://a.example/x"});
    assert_eq!(
        session.post(CHANNELS, &wish).await.refused(403),
        "project_owner_required"
    );
    assert_eq!(
        session.get(CHANNELS).await.refused(403),
        "project_owner_required"
    );
    let listed = owner.get(CHANNELS).await.ok(200);
    assert_eq!(listed[0]["host"], "127.0.0.1");
    assert!(!listed.to_string().contains("hush"), "{listed}");
}

#[tokio::test]
async fn what_did_not_get_through_is_listed_and_said_once_more_under_its_id() {
    let stage = Stage::with_channels().await;
    let receiver = Receiver::start().await;
    let (_, owner, reporter) = stage.alice("b").await;
    let made = webhook(&stage, &owner, &receiver).await;
    receiver.answer_next("410 Gone", "", "");
    report(&reporter, &job_failed("b", "j")).await;
    report(&reporter, &job_failed("b", "k")).await;
    stage.settle().await;
    let path = format!("{CHANNELS}/{}", made["id"]);
    let said = owner.get(&format!("{path}/messages")).await.ok(200);
    let outcome = |ok: bool| -> Value {
        let mut rows = said.as_array().expect("rows").iter();
        rows.find(|row| row["ok"] == ok)
            .cloned()
            .expect("one of each")
    };
    assert_eq!(said.as_array().map(Vec::len), Some(2));
    assert_eq!(outcome(false)["error"], "the receiver answered 410");
    let id = format!("msg_{}", outcome(false)["id"]);

    let replay = format!("{path}/replay");
    let none = owner.post(&replay, &json!({})).await;
    assert_eq!(none.refused(422), "validation");
    let since = json!({"since": "2020-01-01T00:00:00Z"});
    assert_eq!(
        owner.post(&replay, &since).await.ok(202),
        json!({"queued": 1})
    );
    stage.settle().await;
    let requests = receiver.requests();
    assert_eq!(requests.len(), 3);
    assert_eq!(requests[2].headers["webhook-id"], id);
    // It got through, so nothing is left to be said again, unless all is asked for.
    assert_eq!(
        owner.post(&replay, &since).await.ok(202),
        json!({"queued": 0})
    );
    let all = json!({"since": "2020-01-01T00:00:00Z", "all": true});
    assert_eq!(
        owner.post(&replay, &all).await.ok(202),
        json!({"queued": 2})
    );
    let page = owner.get(&format!("{path}/messages?limit=1")).await;
    let cursor = page.header("x-next-cursor").expect("more");
    let rest = format!("{path}/messages?limit=1&cursor={cursor}");
    assert_ne!(owner.get(&rest).await.ok(200), page.json());
}

#[tokio::test]
async fn addresses_are_sealed_where_they_are_stored() {
    let stage = Stage::with_channels().await;
    let receiver = Receiver::start().await;
    let (_, owner, reporter) = stage.alice("b").await;
    let made = webhook(&stage, &owner, &receiver).await;
    let store = &stage.app.services.store;
    let (of, id) = (
        ChannelOwner::Project("proj".into()),
        made["id"].as_u64().expect("an id"),
    );
    let stored = store
        .channel(&of, id)
        .await
        .expect("read")
        .expect("a channel");
    let text = serde_json::to_string(&stored).expect("JSON");
    assert!(!text.contains("hush") && !text.contains("whsec"), "{text}");
    // One channel's target in the place of another's leads nowhere.
    let other = webhook(&stage, &owner, &receiver).await["id"]
        .as_u64()
        .expect("an id");
    let swap = store.update_channel(&of, other, |channel| {
        channel.target.clone_from(&stored.target);
        Ok::<_, store::StoreError>(vec![])
    });
    swap.await.expect("stored");
    report(&reporter, &job_failed("b", "j")).await;
    stage.settle().await;
    assert_eq!(receiver.requests().len(), 1);
    let listed = owner.get(CHANNELS).await.ok(200);
    let mut rows = listed.as_array().expect("rows").iter();
    let swapped = rows.find(|row| row["id"] == other).expect("listed");
    let error = swapped["last_error"].as_str().expect("an error");
    assert!(error.contains("ARGUS_CONFIG_KEY"), "{error}");
}

#[tokio::test]
async fn own_words_are_used_for_what_happened_too() {
    let stage = Stage::with_channels().await;
    let receiver = Receiver::start().await;
    let (user, owner, reporter) = stage.alice("b").await;
    webhook(&stage, &owner, &receiver).await;
    let services = &stage.app.services;
    let own = template_write(&StoredTemplate {
        template: "job_failed".into(),
        locale: "en-US".into(),
        subject: "{{job.id}} broke".into(),
        text: "Look at {{batch.name}}".into(),
        html: "<p>{{batch.name}}</p>".into(),
        updated_at: services.clock.now(),
        updated_by: user.id,
    });
    let writes = vec![own.expect("encodes")];
    let settings = StoredSettings::default();
    let saved = services.store.save_settings(&settings, None, writes);
    saved.await.expect("stored");
    services.clock.advance(10);
    report(&reporter, &job_failed("b", "net-1")).await;
    stage.settle().await;
    services.clock.advance(400);
    stage.settle().await;
    assert_eq!(stage.shown(&user).await[0].title, "net-1 broke");
    let mail = &stage.mails("alice")[0];
    assert!(mail.contains("Subject: net-1 broke"), "{mail}");
    let body: Value = serde_json::from_str(&receiver.requests()[0].body).expect("JSON");
    assert_eq!(body["data"]["text"], "Look at b");
}

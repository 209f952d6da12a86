//! Links that act on an idle job: in the mails of those who may, and nowhere else.

use crate::stage::{Stage, link, unfolded};
use auth::ticket::{Tap, open};
use domain::access::Role;
use domain::guardrail::finding::{Finding, Price};
use domain::guardrail::ladder::{Idle, Step};
use serde_json::json;
use store::grants::{Grant, Target};
use store::notices::notice_write;
use test_kit::Actor;

async fn subscribe(actor: &Actor) {
    let row = json!({"project": "proj", "event_type": "job_idle_flagged", "enabled": true});
    let rows = json!({"subscriptions": [row]});
    actor.patch("/api/me/subscriptions", &rows).await.ok(200);
}

/// Tells that job `j` is idle and what step was taken.
async fn tell(stage: &Stage, step: Step) {
    let services = &stage.app.services;
    let now = services.clock.now();
    let batch = services.store.batch("b").await.expect("read");
    let finding = Finding::Idle {
        job: "j".into(),
        step,
        idle: Idle::new(now.plus_secs(-1800), 2),
        stop_at: None,
    };
    let price = Price {
        hour: 3.0,
        currency: "EUR".into(),
    };
    let batch = batch.expect("there").value;
    let notice = finding.notice(&batch, None, &price, now);
    let id = services.store.row_ids.take(now, 1);
    let write = notice_write(id, &notice, None).expect("encodes");
    services.store.table.write(write).await.expect("queued");
    stage.settle().await;
}

#[tokio::test]
async fn only_those_who_may_act_get_links_that_do() {
    let stage = Stage::new().await;
    let (alice, session, _) = stage.alice("b").await;
    let (viewer, watching) = stage.person("viewer").await;
    let at = stage.app.services.clock.now();
    let grant = Grant {
        on: Target::Project("proj".into()),
        to: viewer.id,
        role: Role::Viewer,
        by: alice.id,
        at,
    };
    let writes = grant.give().expect("encodes").to_vec();
    let table = &stage.app.services.store.table;
    table.transact(writes).await.expect("given");
    subscribe(&session).await;
    subscribe(&watching).await;
    tell(&stage, Step::Warned).await;
    let (own, other) = (stage.mails("alice"), stage.mails("viewer"));
    assert_eq!((own.len(), other.len()), (1, 1));
    let own = unfolded(&own[0]);
    for part in [
        "for 30 minutes",
        "GPU hours wasted: 1.0",
        "Cost so far: 3.00 EUR",
    ] {
        assert!(
            own.contains(part) && unfolded(&other[0]).contains(part),
            "{part} in {own}"
        );
    }
    let secret = &stage.app.services.config.jwt_secret;
    for (label, tap) in [
        ("Keep it for 2 hours: ", Tap::Keep),
        ("Stop it now: ", Tap::Stop),
    ] {
        let at = own.find(label).expect("a link");
        let page = link(&own[at..], "/api/guardrails/act?token=");
        let token = page.split_once("token=").expect("a token").1;
        let ticket = open(secret, token, stage.app.services.clock.now()).expect("ours");
        assert_eq!((ticket.tap, ticket.user), (tap, alice.id));
        assert_eq!((ticket.batch.as_str(), ticket.job.as_str()), ("b", "j"));
    }
    assert!(own.contains("<a href=\"http://argus.example/api/guardrails/act?token="));
    let other = unfolded(&other[0]);
    assert!(
        !other.contains("guardrails/act") && !other.contains("Keep it"),
        "{other}"
    );
    for user in [&alice, &viewer] {
        let shown = stage.shown(user).await;
        assert!(!shown[0].body.contains("http"), "{}", shown[0].body);
    }
    // Nothing is left to be done about a batch that was stopped.
    stage.app.services.clock.advance(400);
    tell(&stage, Step::Stopped).await;
    let last = unfolded(stage.mails("alice").last().expect("a mail"));
    assert!(last.contains("was asked to stop at") && !last.contains("guardrails/act"));
}

//! A server with everything that can lie beside a batch.

use aws_sdk_dynamodb::types::AttributeValue;
use cron_retention::{Outcome, Wish, sweep, tick};
use domain::account::{TokenScope, User};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use store::item::Item;
use test_kit::app::Setup;
use test_kit::build::{batch_start, epoch, event};
use test_kit::refusals::Refusals;
use test_kit::{Actor, TestApp};

/// Seconds of a day.
pub const DAY: i64 = 86_400;

/// A server, and two people who report.
pub struct Stage {
    pub app: TestApp,
    pub refusals: Refusals,
    pub alice: Actor,
    pub bob: Actor,
    pub reporter: Actor,
    pub user: User,
}

impl Stage {
    /// A server whose settings come from these variables.
    pub async fn with(variables: Vec<(&'static str, String)>) -> Self {
        let refusals = Refusals::default();
        let routes = web::Routes::new()
            .merge(api_account::routes())
            .merge(api_admin::routes())
            .merge(api_artifacts::routes())
            .merge(api_batches::routes())
            .merge(api_ingest::routes())
            .merge(api_projects::routes())
            .merge(api_sharing::routes());
        let setup = Setup {
            refusals: Some(refusals.clone()),
            manual_clock: true,
            variables,
            ..Setup::default()
        };
        let app = TestApp::with(routes, setup).await;
        let user = app.user("alice", false).await;
        let bob = app.user("bob", false).await;
        app.user("root", true).await;
        Self {
            alice: app.session(&user).await,
            bob: app.session(&bob).await,
            reporter: app.token(&user, TokenScope::Reporter).await,
            refusals,
            user,
            app,
        }
    }

    pub async fn new() -> Self {
        Self::with(vec![]).await
    }

    /// Sessions end after a day: a new one for somebody.
    pub async fn session(&self, user: &User) -> Actor {
        self.app.session(user).await
    }

    /// Turns the clock.
    pub fn advance(&self, secs: i64) {
        self.app.services.clock.advance(secs);
    }

    /// Posts events.
    pub async fn report(&self, events: Vec<Value>) {
        let body = json!({"events": events});
        let answer = self.reporter.post("/api/events/batch", &body).await.ok(200);
        assert_eq!(answer["rejected"], 0, "{answer}");
    }

    /// A running batch with two epochs, a line, a snapshot and an environment.
    pub async fn start(&self, batch: &str) {
        self.report(vec![
            batch_start(batch),
            event("job_start", batch, Some("j"), json!({"model": "m"})),
            event("env_snapshot", batch, None, json!({"python": "3.12"})),
            epoch(batch, "j", 1, 0.5),
            epoch(batch, "j", 2, 0.4),
            event("log_line", batch, Some("j"), json!({"line": "hello"})),
            event(
                "log_line",
                batch,
                Some("unheard of"),
                json!({"line": "who"}),
            ),
            event("log_line", batch, None, json!({"line": "batch"})),
            event(
                "resource_snapshot",
                batch,
                None,
                json!({"host": "vm", "gpu_util_pct": 50}),
            ),
        ])
        .await;
    }

    /// Ends it.
    pub async fn end(&self, batch: &str) {
        self.report(vec![
            event(
                "job_done",
                batch,
                Some("j"),
                json!({"metrics": {"MSE": 0.1}}),
            ),
            event("batch_done", batch, None, json!({})),
        ])
        .await;
    }

    /// Everything people can put beside a batch: files, a share, a link, a pin, stars, wishes, and
    /// the digest a table over many makes.
    pub async fn decorate(&self, batch: &str) {
        let path = format!("/api/batches/{batch}/artifacts");
        for path in [path.as_str(), "/api/jobs/j/artifacts"] {
            let form = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nhello\r\n--x--\r\n";
            let call = self.reporter.call(http::Method::POST, path);
            let kind = "multipart/form-data; boundary=x";
            call.text(kind, form).send().await.ok(201);
        }
        // On a clock that stands still the ids of messages are told apart by a few random bits.
        self.advance(1);
        let share = json!({"grantee_username": "bob"});
        let shares = format!("/api/batches/{batch}/shares");
        self.alice.post(&shares, &share).await.ok(201);
        let link = format!("/api/batches/{batch}/public-share");
        self.alice.post(&link, &json!({})).await.ok(201);
        for who in [&self.alice, &self.bob] {
            let pin = who.post("/api/pins", &json!({"batch_id": batch})).await;
            assert!(pin.status.is_success(), "{}", pin.text());
            let star = json!({"target_type": "batch", "target_id": batch});
            let star = who.post("/api/stars", &star).await;
            assert!(star.status.is_success(), "{}", star.text());
        }
        self.alice
            .get("/api/projects/proj/leaderboard")
            .await
            .ok(200);
    }

    /// Sweeps.
    pub async fn sweep(&self) -> Outcome {
        Box::pin(tick(&self.app.services, None))
            .await
            .expect("sweeps")
    }

    /// Sweeps and tidies, or only looks.
    pub async fn whole(&self, dry: bool) -> Outcome {
        let wish = Wish {
            dry,
            tidy: true,
            deadline: None,
        };
        let (outcome, done) = Box::pin(sweep(&self.app.services, wish)).await;
        done.expect("sweeps");
        outcome
    }

    /// Every row of the table, by its key.
    pub async fn rows(&self) -> BTreeMap<(String, String), Item> {
        let table = &self.app.services.store.table;
        let mut rows = BTreeMap::new();
        let mut after = None;
        loop {
            let (page, next) = table.scan(after).await.expect("scanned");
            for item in page {
                rows.insert((text(&item, "pk"), text(&item, "sk")), item);
            }
            after = next;
            if after.is_none() {
                return rows;
            }
        }
    }

    /// Keys of all objects.
    pub async fn objects(&self) -> Vec<String> {
        let blobs = &self.app.services.store.blobs;
        let listed = blobs.list("", "", 1000).await.expect("listed");
        listed.into_iter().map(|object| object.key).collect()
    }

    /// Rows that name a batch, in their key or anywhere in them.
    pub async fn naming(&self, batch: &str) -> Vec<(String, String)> {
        let names = |item: &Item| {
            item.values().any(|value| match value {
                AttributeValue::S(text) => text.contains(batch),
                _ => false,
            })
        };
        let rows = self.rows().await.into_iter();
        rows.filter(|(_, item)| names(item))
            .map(|(key, _)| key)
            .collect()
    }
}

pub fn text(item: &HashMap<String, AttributeValue>, name: &str) -> String {
    let value = item.get(name).and_then(|value| value.as_s().ok());
    value.cloned().unwrap_or_default()
}

/// Rows that may name what is gone: what was done, what people were told, and what is about to be.
pub fn is_history((pk, _): &(String, String)) -> bool {
    ["AU#", "NO#", "OUTBOX", "TM#", "DEAD", "LM#", "RUNS", "SYS"]
        .iter()
        .any(|prefix| pk.starts_with(prefix))
}

//! A server with somebody who reports, a guard, and a mailer that tells what is found.

use cron_guardrails::{Guard, Report, tick};
use cron_mailer::{Mailer, Transport};
use domain::account::{TokenScope, User};
use domain::notice::{Notice, Notification};
use http::Method;
use serde_json::{Value, json};
use store::outbox::Payload;
use test_kit::app::Setup;
use test_kit::build::{batch_start, event};
use test_kit::{Actor, TestApp};

/// A stage.
pub struct Stage {
    pub app: TestApp,
    pub guard: Guard,
    pub alice: User,
    pub session: Actor,
    pub reporter: Actor,
}

/// The routes of the stage.
pub fn routes() -> web::Routes {
    web::Routes::new()
        .merge(api_account::routes())
        .merge(api_admin::routes())
        .merge(api_batches::routes())
        .merge(api_ingest::routes())
        .merge(api_projects::routes())
}

/// A clock that stands still.
pub fn setup() -> Setup {
    Setup {
        manual_clock: true,
        ..Setup::default()
    }
}

impl Stage {
    /// One with variables.
    pub async fn with(setup: Setup) -> Self {
        let app = TestApp::with(routes(), setup).await;
        let alice = app.user("alice", false).await;
        Self {
            guard: Guard::new(&app.services),
            session: app.session(&alice).await,
            reporter: app.token(&alice, TokenScope::Reporter).await,
            alice,
            app,
        }
    }

    /// One with a batch `b` of alice, in the project `proj` she owns by it.
    pub async fn new() -> Self {
        let stage = Self::with(setup()).await;
        stage.report(batch_start("b")).await;
        stage
    }

    /// Reports an event.
    pub async fn report(&self, event: Value) {
        self.reporter.post("/api/events", &event).await.ok(200);
    }

    /// Reports something of job `j` of batch `b`.
    pub async fn of_job(&self, kind: &str, data: Value) {
        self.report(event(kind, "b", Some("j"), data)).await;
    }

    /// Reports an epoch of job `j` of batch `b`.
    pub async fn epoch(&self, epoch: i64, loss: Value) {
        let data = json!({"epoch": epoch, "val_loss": loss});
        self.of_job("job_epoch", data).await;
    }

    /// Turns the clock.
    pub fn advance(&self, minutes: i64) {
        self.app.services.clock.advance(minutes * 60);
    }

    /// Looks once.
    pub async fn look(&self) -> Report {
        let looked = tick(&self.app.services, &self.guard, None);
        let report = looked.await.expect("storage works");
        assert_eq!((report.failed, report.lost), (0, 0));
        report
    }

    /// How many things one look found.
    pub async fn found(&self) -> usize {
        self.look().await.found
    }

    /// Status of batch `b`.
    pub async fn status(&self) -> String {
        let batch = self.session.get("/api/batches/b").await.ok(200);
        batch["status"].as_str().expect("a word").to_owned()
    }

    /// Frames of a kind in the feed of batch `b`, each event once, as viewers see it.
    pub async fn frames(&self, kind: &str) -> Vec<Value> {
        let store = &self.app.services.store;
        let items = store.read_feed("b", 0, 10_000).await.expect("read");
        let mut seen = std::collections::BTreeSet::new();
        let events = items.into_iter().flat_map(|item| item.events);
        let new = events.filter(|event| event.kind == kind && seen.insert(event.event_id.clone()));
        let json = |event: store::feed::FeedEvent| serde_json::from_str(&event.json);
        new.map(|event| json(event).expect("JSON")).collect()
    }

    /// Notices that wait to be told.
    pub async fn notices(&self) -> Vec<Notice> {
        let services = &self.app.services;
        let due = services.store.due_messages(services.clock.now(), 1000);
        let payloads = due.await.expect("read").into_iter();
        let notice = |payload| match payload {
            Payload::Notice { notice, .. } => Some(notice),
            _ => None,
        };
        payloads
            .filter_map(|claim| notice(claim.waiting.payload))
            .collect()
    }

    /// What alice is shown, oldest first, after everything was told.
    pub async fn shown(&self) -> Vec<Notification> {
        let services = &self.app.services;
        let mailer = Mailer::new(services, Transport::Log);
        for _ in 0..40 {
            let report = cron_mailer::tick(services, &mailer, 100, None);
            if report.await.expect("storage works").handled() == 0 {
                break;
            }
        }
        let now = services.clock.now();
        let shown = services.store.notifications(self.alice.id, false, 100, now);
        let mut shown = shown.await.expect("read");
        // What was told in one go has ids in no order.
        shown.sort_by_key(|shown| shown.created_at);
        shown
    }

    /// Audit rows of an action.
    pub async fn deeds(&self, action: &str) -> Vec<Value> {
        let mut rows = self.app.audit().await;
        rows.retain(|row| row["action"] == action);
        rows
    }

    /// Somebody else, in the project as `role`.
    pub async fn member(&self, name: &str, role: &str) -> (User, Actor) {
        let user = self.app.user(name, false).await;
        let wish = json!({"username": name, "role": role});
        let members = "/api/projects/proj/members";
        self.session.post(members, &wish).await.ok(201);
        let session = self.app.session(&user).await;
        (user, session)
    }

    /// An administrator sets a value of the guardrails.
    pub async fn set(&self, key: &str, value: Value) {
        let root = self.app.user("root", true).await;
        let root = self.app.session(&root).await;
        let path = format!("/api/admin/system-config/guardrails/{key}");
        let put = root.call(Method::PUT, &path).json(&json!({"value": value}));
        put.send().await.ok(200);
        self.app.services.clock.advance(4);
    }

    /// Batch `b` uses its GPUs like this for some minutes, looked at after each; returns the frames
    /// of idleness by the minute they came in.
    pub async fn use_gpu(&self, minutes: i64, util: f64) -> Vec<(i64, String)> {
        let mut steps = vec![];
        for minute in 0..minutes {
            let known = self.frames("job_idle_flagged").await.len();
            let data = json!({"gpu_util_pct": util});
            self.report(event("resource_snapshot", "b", None, data))
                .await;
            self.look().await;
            for frame in self.frames("job_idle_flagged").await.drain(known..) {
                let step = frame["data"]["step"].as_str().expect("a word");
                steps.push((minute, step.to_owned()));
            }
            self.advance(1);
        }
        steps
    }
}

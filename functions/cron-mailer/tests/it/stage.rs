//! People, a project and a mail server, with a clock that is turned by hand.

use crate::setup::{mailer, round};
use crate::smtp_server::SmtpServer;
use cron_mailer::Mailer;
use domain::account::{TokenScope, User};
use domain::notice::Notification;
use engine_dynamodb::Faults;
use serde_json::{Value, json};
use test_kit::app::Setup;
use test_kit::build::{batch_start, event};
use test_kit::{Actor, TestApp};

/// Rounds after which the outbox must be quiet.
const ROUNDS: usize = 40;

/// A stage.
pub struct Stage {
    pub app: TestApp,
    pub faults: Faults,
    pub smtp: SmtpServer,
    pub mailer: Mailer,
}

impl Stage {
    /// An empty one.
    pub async fn new() -> Self {
        Self::made(vec![]).await
    }

    /// An empty one whose channels may reach the loopback.
    pub async fn with_channels() -> Self {
        Self::made(vec![("ARGUS_CHANNELS_ALLOW_PRIVATE", "true".to_owned())]).await
    }

    async fn made(variables: Vec<(&'static str, String)>) -> Self {
        let faults = Faults::default();
        let routes = web::Routes::new()
            .merge(api_account::routes())
            .merge(api_ingest::routes())
            .merge(api_projects::routes());
        let setup = Setup {
            faults: Some(faults.clone()),
            manual_clock: true,
            variables,
            ..Setup::default()
        };
        let app = TestApp::with(routes, setup).await;
        let smtp = SmtpServer::start().await;
        let mailer = mailer(&app.services, smtp.address);
        Self {
            app,
            faults,
            smtp,
            mailer,
        }
    }

    /// Somebody with a session, whose greeting has left.
    pub async fn person(&self, name: &str) -> (User, Actor) {
        let user = self.app.user(name, false).await;
        let session = self.app.session(&user).await;
        (user, session)
    }

    /// Somebody who reports.
    pub async fn reporter(&self, user: &User) -> Actor {
        self.app.token(user, TokenScope::Reporter).await
    }

    /// A batch of `alice`, in the project `proj` she owns by it.
    pub async fn alice(&self, batch: &str) -> (User, Actor, Actor) {
        let (user, session) = self.person("alice").await;
        let reporter = self.reporter(&user).await;
        report(&reporter, &batch_start(batch)).await;
        (user, session, reporter)
    }

    /// Sends until nothing is due.
    pub async fn settle(&self) {
        for _ in 0..ROUNDS {
            if round(&self.app.services, &self.mailer).await.handled() == 0 {
                return;
            }
        }
        panic!("the outbox never becomes quiet");
    }

    /// Subjects of the mails somebody got about events, as they stand in the message.
    pub fn mails(&self, name: &str) -> Vec<String> {
        let to = format!("{name}@example.com");
        let mails = self.smtp.mails().into_iter();
        let mails = mails.filter(|(address, _)| address.contains(&to));
        let mails = mails.filter(|(_, text)| !text.contains("Subject: welcome"));
        mails.map(|(_, text)| text).collect()
    }

    /// What somebody sees, newest first.
    pub async fn shown(&self, user: &User) -> Vec<Notification> {
        let now = self.app.services.clock.now();
        let store = &self.app.services.store;
        let shown = store.notifications(user.id, false, 100, now);
        shown.await.expect("read")
    }
}

/// Posts an event.
pub async fn report(reporter: &Actor, event: &Value) {
    reporter.post("/api/events", event).await.ok(200);
}

/// `batch_failed`.
pub fn batch_failed(batch: &str) -> Value {
    event(
        "batch_failed",
        batch,
        None,
        json!({"error": "out of memory"}),
    )
}

/// `job_failed`.
pub fn job_failed(batch: &str, job: &str) -> Value {
    event("job_failed", batch, Some(job), json!({"error": "boom"}))
}

/// The text of a quoted-printable mail in one line per line.
pub fn unfolded(mail: &str) -> String {
    mail.replace("=\r\n", "").replace("=3D", "=")
}

/// The first link in a mail's text that contains `part`, without its host.
pub fn link(mail: &str, part: &str) -> String {
    let text = unfolded(mail);
    let at = text
        .find(part)
        .unwrap_or_else(|| panic!("no {part} in {text}"));
    let end = text[at..].find(|c: char| c.is_whitespace() || c == '>' || c == '"');
    text[at..at + end.unwrap_or(text.len() - at)].to_owned()
}

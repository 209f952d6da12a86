//! A server, somebody who reports, and files of events.

use api_ingest::Intake;
use domain::account::TokenScope;
use s3_spill::{Outcome, replay};
use serde_json::{Value, json};
use std::sync::Arc;
use test_kit::build::{batch_start, epoch};
pub use test_kit::packed::{gzip, zstd};
use test_kit::{Actor, TestApp};
use tokio::time::Instant;

/// Server with its one intake, and a reporter.
pub struct Server {
    /// The server.
    pub app: TestApp,
    /// Shared by requests and replays.
    pub intake: Arc<Intake>,
    /// Who reports.
    pub alice: Actor,
}

impl Server {
    /// A fresh one.
    pub async fn new() -> Self {
        let intake = Arc::new(Intake::default());
        let routes = web::Routes::new()
            .merge(api_ingest::routes_over(Arc::clone(&intake)))
            .merge(api_batches::routes());
        let app = TestApp::new(routes).await;
        let user = app.user("alice", false).await;
        let alice = app.token(&user, TokenScope::Reporter).await;
        Self { app, intake, alice }
    }

    /// A ticket for a file.
    pub async fn ticket(&self, name: &str, content: &[u8]) -> Value {
        let wish = json!({"filename": name, "size_bytes": content.len()});
        self.alice.post("/api/events/spill", &wish).await.ok(201)
    }

    /// A ticket for a file that is uploaded.
    pub async fn uploaded(&self, name: &str, content: &[u8]) -> u64 {
        let ticket = self.ticket(name, content).await;
        assert_eq!(self.app.upload(&ticket, content).await, 200);
        ticket["id"].as_u64().expect("an id")
    }

    /// Replays to the end.
    pub async fn replay(&self, id: u64) -> Outcome {
        let done = replay(&self.app.services, &self.intake, id, None).await;
        done.expect("storage works")
    }

    /// Replays one group only, as a process that dies after it.
    pub async fn replay_a_group(&self, id: u64) -> Outcome {
        let now = Some(Instant::now());
        let done = replay(&self.app.services, &self.intake, id, now).await;
        done.expect("storage works")
    }

    /// Progress as the API shows it.
    pub async fn progress(&self, id: u64) -> Value {
        self.alice
            .get(&format!("/api/events/spill/{id}"))
            .await
            .ok(200)
    }

    /// Epochs stored for job `j` of batch `b`.
    pub async fn epochs(&self) -> usize {
        let list = self
            .alice
            .get("/api/jobs/b/j/epochs?max_points=10000")
            .await
            .ok(200);
        list.as_array().expect("a list").len()
    }
}

/// A batch and `count` epochs of job `j`.
pub fn events(count: i64) -> Vec<Value> {
    let epochs = (0..count).map(|i| epoch("b", "j", i, 0.5));
    std::iter::once(batch_start("b")).chain(epochs).collect()
}

/// Events as lines.
pub fn lines(events: &[Value]) -> Vec<u8> {
    let lines: Vec<String> = events.iter().map(|event| format!("{event}\n")).collect();
    lines.concat().into_bytes()
}

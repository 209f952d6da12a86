//! Reading a stream frame by frame.

use axum::body::Body;
use domain::account::TokenScope;
use http_body_util::BodyExt;
use serde_json::Value;
use std::time::Duration;
use test_kit::app::Setup;
use test_kit::{Actor, TestApp};

/// Long enough for anything that will come; only a failing test waits for it.
const PATIENCE: Duration = Duration::from_secs(20);

/// A frame.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frame {
    /// `id:`.
    pub id: Option<String>,
    /// `event:`.
    pub event: String,
    /// `data:` as JSON, null when it is none.
    pub data: Value,
    /// `retry:`.
    pub retry: Option<String>,
}

/// An open stream.
pub struct Frames {
    body: Body,
    buffer: String,
}

impl Frames {
    /// Opens `channels`, after `last_id` if given, and takes the hello.
    pub async fn open(actor: &Actor, channels: &str, last_id: Option<&str>) -> Self {
        let last = last_id
            .map(|id| format!("&last_event_id={id}"))
            .unwrap_or_default();
        let path = format!("/api/sse?nonfinite=text&channels={channels}{last}");
        let response = actor.open(&path).await;
        assert_eq!(response.status(), 200);
        assert_eq!(
            response.headers()["content-type"],
            "text/event-stream; charset=utf-8"
        );
        Self {
            body: response.into_body(),
            buffer: String::new(),
        }
    }

    /// The next frame; `None` at the end.
    pub async fn next(&mut self) -> Option<Frame> {
        loop {
            if let Some(end) = self.buffer.find("\n\n") {
                let block: String = self.buffer.drain(..end + 2).collect();
                return Some(read(&block));
            }
            let more = tokio::time::timeout(PATIENCE, self.body.frame()).await;
            let more = more.expect("a frame in time")?.expect("no transport error");
            let data = more.into_data().unwrap_or_default();
            self.buffer
                .push_str(std::str::from_utf8(&data).expect("utf-8"));
        }
    }

    /// The next frame of a kind, skipping none.
    pub async fn expect(&mut self, event: &str) -> Frame {
        let frame = self.next().await.expect("not the end");
        assert_eq!(frame.event, event, "{frame:?}");
        frame
    }

    /// Event ids of the next `count` frames.
    pub async fn ids(&mut self, count: usize) -> Vec<String> {
        let mut ids = Vec::new();
        for _ in 0..count {
            let frame = self.next().await.expect("not the end");
            ids.push(
                frame.data["event_id"]
                    .as_str()
                    .unwrap_or(&frame.event)
                    .to_owned(),
            );
        }
        ids
    }
}

fn read(block: &str) -> Frame {
    let mut frame = Frame::default();
    for line in block.trim_end().lines() {
        let (name, value) = line.split_once(": ").expect("a field");
        match name {
            "id" => frame.id = Some(value.to_owned()),
            "event" => frame.event = value.to_owned(),
            "data" => frame.data = serde_json::from_str(value).unwrap_or(Value::Null),
            "retry" => frame.retry = Some(value.to_owned()),
            other => panic!("unknown field {other}"),
        }
    }
    frame
}

/// Ingest, reads and streams.
pub fn routes() -> web::Routes {
    web::Routes::new()
        .merge(api_ingest::routes())
        .merge(api_batches::routes())
        .merge(api_hosts::routes())
        .merge(sse_events::routes())
}

/// A server with a reporter.
pub async fn server(setup: Setup) -> (TestApp, Actor) {
    let app = TestApp::with(routes(), setup).await;
    let user = app.user("alice", false).await;
    let reporter = app.token(&user, TokenScope::Reporter).await;
    (app, reporter)
}

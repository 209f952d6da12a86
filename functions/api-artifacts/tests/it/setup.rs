//! A server with artifacts and ingest, somebody who reports, and multipart forms.

use domain::account::TokenScope;
use http::Method;
use serde_json::{Value, json};
use test_kit::app::Setup;
use test_kit::build::{batch_start, event};
use test_kit::{Actor, Reply, TestApp};

const BOUNDARY: &str = "0123456789abcdef";

/// Server and reporter, with peculiarities.
pub async fn server_with(variables: Vec<(&'static str, String)>) -> (TestApp, Actor) {
    let routes = web::Routes::new()
        .merge(api_artifacts::routes())
        .merge(api_ingest::routes());
    let setup = Setup {
        variables,
        ..Setup::default()
    };
    let app = TestApp::with(routes, setup).await;
    let user = app.user("alice", false).await;
    let reporter = app.token(&user, TokenScope::Reporter).await;
    (app, reporter)
}

/// Server and reporter.
pub async fn server() -> (TestApp, Actor) {
    server_with(vec![]).await
}

/// Posts events.
pub async fn report(reporter: &Actor, events: Vec<Value>) {
    let body = json!({"events": events});
    let answer = reporter.post("/api/events/batch", &body).await.ok(200);
    assert_eq!(answer["rejected"], 0, "{answer}");
}

/// Starts a batch with jobs.
pub async fn start(reporter: &Actor, batch: &str, jobs: &[&str]) {
    let mut events = vec![batch_start(batch)];
    for job in jobs {
        events.push(event("job_start", batch, Some(job), json!({"model": "m"})));
    }
    report(reporter, events).await;
}

/// Ends a batch.
pub async fn end(reporter: &Actor, batch: &str) {
    report(reporter, vec![event("batch_done", batch, None, json!({}))]).await;
}

/// Parts of a form: name, file name with type, content.
pub type Part<'a> = (&'a str, Option<(&'a str, Option<&'a str>)>, &'a [u8]);

/// Sends a form.
pub async fn send(actor: &Actor, path: &str, parts: &[Part<'_>]) -> Reply {
    let mut body = Vec::new();
    for (name, file, content) in parts {
        body.extend(
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"").bytes(),
        );
        if let Some((filename, kind)) = file {
            body.extend(format!("; filename=\"{filename}\"").bytes());
            if let Some(kind) = kind {
                body.extend(format!("\r\nContent-Type: {kind}").bytes());
            }
        }
        body.extend(b"\r\n\r\n");
        body.extend(*content);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{BOUNDARY}--\r\n").bytes());
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    actor
        .call(Method::POST, path)
        .text(&kind, body)
        .send()
        .await
}

/// Sends one file as the public reporter's `JobContext.upload` does.
pub async fn upload(actor: &Actor, path: &str, name: &str, content: &[u8]) -> Reply {
    let parts: [Part; 2] = [
        ("kind", None, b"image"),
        ("file", Some((name, None)), content),
    ];
    send(actor, path, &parts).await
}

/// File names of a list.
pub async fn names(actor: &Actor, path: &str) -> Vec<String> {
    let list = actor.get(path).await.ok(200);
    let list = list.as_array().expect("a list").clone();
    list.iter()
        .map(|a| a["filename"].as_str().unwrap_or_default().to_owned())
        .collect()
}

/// A header of an answer.
pub fn header<'a>(reply: &'a Reply, name: &str) -> &'a str {
    reply
        .headers
        .get(name)
        .map_or("", |v| v.to_str().expect("text"))
}

//! Health, the OpenAPI document, and a page to read it.

use axum::Json;
use axum::http::header;
use axum::response::{Html, IntoResponse};
use serde_json::{Value, json};

/// The agreed document; a contract test keeps it equal to the routes.
const OPENAPI: &str = include_str!("../../../tests/contract/openapi.json");

/// Says that the process answers; looks at nothing else, so it stays cheap.
#[utoipa::path(get, path = "/health", tag = "meta", responses((status = 200, description = "alive")))]
pub async fn health() -> Json<Value> {
    Json(json!({"status": "ok"}))
}

/// The document itself.
pub async fn openapi() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], OPENAPI)
}

/// A plain page listing every operation; no script, so it needs no exception in the CSP.
pub async fn docs() -> Html<String> {
    let document: Value = serde_json::from_str(OPENAPI).unwrap_or_default();
    let mut rows = String::new();
    let paths = document["paths"].as_object().cloned().unwrap_or_default();
    for (path, operations) in &paths {
        for (method, operation) in operations.as_object().cloned().unwrap_or_default() {
            rows.push_str(&row(path, &method, &operation));
        }
    }
    Html(format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>Argus API</title><h1>Argus API</h1><p>The machine-readable \
         document is <a href=\"/openapi.json\">/openapi.json</a>. Send <code>Authorization: Bearer …</code> \
         with a session or an API token.</p><table border=\"1\" cellpadding=\"6\"><tr><th>Operation</th>\
         <th>What it does</th><th>Parameters</th><th>Answers</th></tr>{rows}</table></html>"
    ))
}

fn row(path: &str, method: &str, operation: &Value) -> String {
    let list = |key: &str, name: fn(&Value) -> Option<String>| -> String {
        let items = operation[key].as_array().cloned().unwrap_or_default();
        items.iter().filter_map(name).collect::<Vec<_>>().join(", ")
    };
    let parameters = list("parameters", |p| p["name"].as_str().map(str::to_owned));
    let answers: Vec<String> = operation["responses"]
        .as_object()
        .map(|r| r.keys().cloned().collect())
        .unwrap_or_default();
    let summary = operation["summary"]
        .as_str()
        .or(operation["description"].as_str());
    format!(
        "<tr><td><code>{} {}</code></td><td>{}</td><td>{}</td><td>{}</td></tr>",
        method.to_uppercase(),
        escaped(path),
        escaped(summary.unwrap_or_default()),
        escaped(&parameters),
        answers.join(", ")
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

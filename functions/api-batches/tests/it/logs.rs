//! Log lines by level and text.

use crate::sample::{post, server};
use serde_json::{Value, json};
use test_kit::build::{batch_start, event};

#[tokio::test]
async fn lines_are_found_by_level_and_text() {
    let (_app, owner) = server().await;
    let mut events = vec![batch_start("b")];
    for (i, level) in ["info", "WARNING", "error", "info"].into_iter().enumerate() {
        let data = json!({"line": format!("Line {i} of Job"), "level": level});
        events.push(event("log_line", "b", Some("j"), data));
    }
    post(&owner, &events).await;
    for (query, expected) in [
        (
            "level=warning,error",
            vec!["Line 2 of Job", "Line 1 of Job"],
        ),
        ("text=line%203", vec!["Line 3 of Job"]),
        ("text=job&level=info&limit=1", vec!["Line 3 of Job"]),
        ("level=debug", vec![]),
    ] {
        for path in ["/api/batches/b/log-lines", "/api/jobs/b/j/log-lines"] {
            let lines = owner.get(&format!("{path}?{query}")).await.ok(200);
            let lines: Vec<&Value> = lines
                .as_array()
                .expect("lines")
                .iter()
                .map(|l| &l["line"])
                .collect();
            assert_eq!(json!(lines), json!(expected), "{path} {query}");
        }
    }
}

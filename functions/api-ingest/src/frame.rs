//! An accepted event as viewers get it.

use domain::event::{Event, Source};
use serde_json::{Value, json};
use store::feed::FeedEvent;

/// The posted event as one line of JSON, every key present.
pub fn of(event: &Event) -> FeedEvent {
    let text = |value: &Option<String>| value.as_ref().map_or(Value::Null, |v| json!(v));
    let Source {
        project,
        host,
        user,
        commit,
        command,
    } = &event.source;
    let source = json!({
        "project": project, "host": text(host), "user": text(user),
        "commit": text(commit), "command": text(command),
    });
    let head = json!({
        "schema_version": wire::envelope::SCHEMA_VERSION,
        "event_type": event.kind.as_str(),
        "timestamp": event.time.text,
        "batch_id": event.batch_id,
        "job_id": event.job_id,
        "source": source,
        "event_id": event.event_id,
    })
    .to_string();
    // `data` is JSON text already; parsing it only to print it again would cost more than all else.
    let open = head.strip_suffix('}').unwrap_or(&head);
    FeedEvent {
        kind: event.kind.as_str().to_owned(),
        event_id: Some(event.event_id.clone()),
        job_id: event.job_id.clone(),
        json: format!("{open},\"data\":{}}}", event.data_json).into(),
    }
}

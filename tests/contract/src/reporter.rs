//! What the reporter sends and what the server takes: two programs that share no code, because a
//! training script must stay light.

use ::reporter::send::{BATCH_BYTES, BATCH_EVENTS};
use ::reporter::{Kind, SCHEMA_VERSION};
use domain::event::EventKind;
use domain::limits;

#[test]
fn both_know_the_same_kinds_of_events() {
    let sent = Kind::ALL.map(|kind| (kind.as_str(), kind.is_detail()));
    let taken = EventKind::ALL.map(|kind| (kind.as_str(), kind.detail().is_some()));
    assert_eq!(sent, taken);
    for (kind, word) in Kind::ALL.into_iter().zip(taken) {
        assert_eq!(Kind::parse(word.0), Some(kind));
    }
    assert_eq!(SCHEMA_VERSION, wire::envelope::SCHEMA_VERSION);
}

#[test]
fn a_request_of_the_reporter_is_none_the_server_refuses() {
    const { assert!(BATCH_EVENTS <= limits::EVENTS_PER_BATCH) };
    let usual: usize = runtime::vars::INGEST_BODY_KB.default.parse().expect("KiB");
    assert!(BATCH_BYTES <= usual * 1024);
}

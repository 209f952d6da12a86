//! Envelope and payload against the contract's table of cases.

use super::*;
use domain::event::Facts;

fn event(patch: Value) -> Value {
    let mut base = json!({
        "schema_version": "1.1", "event_type": "job_epoch", "event_id": "e-00000001",
        "timestamp": "2026-01-01T00:00:00Z", "batch_id": "b", "job_id": "j",
        "source": {"project": "p"}, "data": {"epoch": 1}
    });
    for (key, value) in patch.as_object().expect("object") {
        base[key] = value.clone();
    }
    base
}

fn read(patch: Value) -> Result<Envelope, Vec<Invalid>> {
    Envelope::read(event(patch), &[json!("body")])
}

#[test]
fn bad_envelopes_name_rule_and_place() {
    for (patch, rule, last) in [
        (json!({"bogus": 1}), "extra_forbidden", "bogus"),
        (json!({"event_type": "nope"}), "literal_error", "event_type"),
        (json!({"batch_id": ""}), "string_too_short", "batch_id"),
        (
            json!({"batch_id": "x".repeat(129)}),
            "string_too_long",
            "batch_id",
        ),
        (
            json!({"job_id": "x".repeat(257)}),
            "string_too_long",
            "job_id",
        ),
        (json!({"event_id": "short"}), "string_too_short", "event_id"),
        (json!({"source": {}}), "missing", "project"),
        (
            json!({"source": {"project": "p", "x": 1}}),
            "extra_forbidden",
            "x",
        ),
        (json!({"data": null}), "dict_type", "data"),
        (json!({"timestamp": 5}), "string_type", "timestamp"),
    ] {
        let problems = read(patch.clone()).expect_err("refused");
        assert_eq!(problems.len(), 1, "{patch}");
        assert_eq!(problems[0].rule, rule, "{patch}");
        assert_eq!(problems[0].loc.last(), Some(&json!(last)), "{patch}");
        assert_eq!(problems[0].loc[0], json!("body"));
    }
}

#[test]
fn bad_events_are_refused_with_a_code() {
    for (patch, code) in [
        (json!({"schema_version": "1.0"}), Code::SchemaUnsupported),
        (json!({"event_id": null}), Code::EventIdMissing),
        (json!({"event_id": "   "}), Code::EventIdMissing),
        (json!({"job_id": null}), Code::JobIdMissing),
        (json!({"timestamp": "garbage"}), Code::TimestampInvalid),
        (json!({"data": {"epoch": 1.5}}), Code::EventInvalid),
        (json!({"data": {}}), Code::EventInvalid),
        (
            json!({"data": {"epoch": 1, "pad": "x".repeat(300_000)}}),
            Code::EventTooLarge,
        ),
    ] {
        let reject = read(patch.clone())
            .expect("envelope ok")
            .into_event()
            .expect_err("refused");
        assert_eq!(reject.code, code, "{patch}");
    }
}

#[test]
fn lenient_numbers_are_stored_as_numbers() {
    let patch = json!({"data": {"epoch": "3", "val_loss": "nan", "lr": "1e-3", "acc": "NaN"}});
    let event = read(patch).expect("ok").into_event().expect("ok");
    let Facts::JobEpoch {
        epoch,
        val_loss: Some(loss),
        lr,
        ..
    } = event.facts
    else {
        panic!("an epoch");
    };
    assert_eq!((epoch, lr), (3, Some(0.001)));
    assert!(loss.is_nan());
    let data: Value = serde_json::from_str(&event.data_json).expect("json");
    assert_eq!(
        data,
        json!({"epoch": 3, "val_loss": "NaN", "lr": 0.001, "acc": "NaN"})
    );
}

#[test]
fn the_public_reporter_words_are_understood() {
    let failed = json!({"event_type": "job_failed",
        "data": {"status": "FAILED", "reason": "ValueError: bad", "elapsed_s": 3.9}});
    let event = read(failed).expect("ok").into_event().expect("ok");
    let Facts::JobFailed {
        error, elapsed_s, ..
    } = event.facts
    else {
        panic!("a failure")
    };
    assert_eq!(
        (error.as_deref(), elapsed_s),
        (Some("ValueError: bad"), Some(3))
    );
    let beat = json!({"event_type": "log_line", "job_id": "b",
        "data": {"line": "heartbeat", "level": "debug", "ts_unix": 1.0}});
    let event = read(beat).expect("ok").into_event().expect("ok");
    assert_eq!(event.facts, Facts::LogLine { heartbeat: true });
}

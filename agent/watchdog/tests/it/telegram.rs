//! Telegram when it is busy, broken or silent: nothing is lost, nothing counts as told too early.

use crate::stub::{Answer, Stub};
use argus_watchdog::channels::{Lines, Outbox, Telegram};
use argus_watchdog::cooldown::Dedup;
use argus_watchdog::problem::Severity;
use argus_watchdog::settings::{Limits, Telegram as Settings};
use serde_json::json;

fn telegram(url: &str) -> Telegram {
    let settings = Settings {
        base_url: url.to_owned(),
        chat_id: "42".into(),
        token: Some(client::Secret::new("1:abc")),
        ..Settings::default()
    };
    Telegram::of(&settings).expect("token and chat")
}

fn ok() -> Answer {
    Answer::json(200, &json!({"ok": true, "result": {"message_id": 1}}))
}

fn flush(outbox: &mut Outbox, telegram: &Telegram, dedup: &mut Dedup, now: i64) -> Vec<String> {
    outbox.flush(
        &Lines {
            telegram: Some(telegram),
            relay: None,
        },
        dedup,
        now,
    )
}

#[test]
fn an_alert_waits_out_every_trouble_and_counts_once_it_arrived() {
    let stub = Stub::start(|request, n| {
        assert_eq!(request.line, "POST /bot1:abc/sendMessage HTTP/1.1");
        assert_eq!(
            request.body,
            json!({"chat_id": "42", "text": "[h] disk", "disable_web_page_preview": true})
        );
        match n {
            0 => Answer::json(
                429,
                &json!({"ok": false, "error_code": 429, "parameters": {"retry_after": 120}}),
            ),
            1 => Answer::json(500, &json!({"ok": false, "description": "oops"})),
            // The status alone proves nothing.
            2 => Answer::json(200, &json!({"ok": false, "description": "no"})),
            _ => ok(),
        }
    });
    let telegram = telegram(&stub.url);
    let (mut outbox, mut dedup, limits) = (Outbox::default(), Dedup::default(), Limits::default());
    outbox.add(
        "telegram",
        "disk:1",
        Severity::Critical,
        "[h] disk".into(),
        1000,
    );
    outbox.add(
        "telegram",
        "disk:1",
        Severity::Critical,
        "[h] disk".into(),
        1000,
    );
    let said = flush(&mut outbox, &telegram, &mut dedup, 1000);
    assert!(
        said[0].contains("429") && !said[0].contains("1:abc"),
        "{said:?}"
    );
    flush(&mut outbox, &telegram, &mut dedup, 1119);
    assert_eq!(stub.requests().len(), 1, "asked to wait 120 s");
    flush(&mut outbox, &telegram, &mut dedup, 1120);
    assert!(!dedup.is_recent("disk:1", 1120, &limits), "not told yet");
    assert_eq!(outbox.undelivered(), 1);
    flush(&mut outbox, &telegram, &mut dedup, 2000);
    flush(&mut outbox, &telegram, &mut dedup, 6000);
    assert_eq!(stub.requests().len(), 4);
    assert!(dedup.is_recent("disk:1", 6001, &limits));
    assert!(outbox.0.is_empty());
}

#[test]
fn a_long_alert_goes_on_where_it_stopped() {
    let stub = Stub::start(|_, n| {
        if n == 1 {
            Answer::json(502, &json!({}))
        } else {
            ok()
        }
    });
    let telegram = telegram(&stub.url);
    let (mut outbox, mut dedup) = (Outbox::default(), Dedup::default());
    let text = "line of the alert\n".repeat(500);
    outbox.add("telegram", "k", Severity::Warning, text.clone(), 0);
    flush(&mut outbox, &telegram, &mut dedup, 0);
    assert_eq!(outbox.0[0].parts_sent, 1);
    flush(&mut outbox, &telegram, &mut dedup, 4000);
    let mut parts: Vec<String> = stub
        .requests()
        .iter()
        .map(|r| r.body["text"].as_str().expect("text").to_owned())
        .collect();
    parts.remove(1);
    assert_eq!(parts.concat(), text);
}

#[test]
fn a_dead_channel_is_tried_once_per_flush() {
    let telegram = telegram("http://127.0.0.1:1");
    let (mut outbox, mut dedup) = (Outbox::default(), Dedup::default());
    (0..5).for_each(|n| {
        outbox.add(
            "telegram",
            &format!("k{n}"),
            Severity::Warning,
            "x".into(),
            0,
        )
    });
    assert_eq!(flush(&mut outbox, &telegram, &mut dedup, 0).len(), 1);
    assert_eq!(outbox.0.len(), 5);
}

#[test]
fn silence_ends_by_itself() {
    let stub = Stub::start(|_, _| Answer::silence());
    let telegram = telegram(&stub.url);
    let (mut outbox, mut dedup) = (Outbox::default(), Dedup::default());
    outbox.add("telegram", "k", Severity::Warning, "x".into(), 0);
    let said = flush(&mut outbox, &telegram, &mut dedup, 0);
    assert!(said[0].contains("in time"), "{said:?}");
    assert_eq!(outbox.0.len(), 1);
}

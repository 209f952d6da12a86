//! Shapes of what is sent.

use super::*;
use domain::notice::{NoticeKind, Words};

const NOW: Timestamp = Timestamp(1_795_000_000_000);

fn channel(kind: ChannelKind) -> Channel {
    Channel {
        id: 1,
        kind,
        name: "lab".into(),
        host: String::new(),
        has_secret: false,
        target: String::new(),
        locale: None,
        chat: Some("@lab".into()),
        events: vec![],
        quiet: None,
        enabled: true,
        created_at: NOW,
        tested_at: None,
        tried_at: None,
        last_error: None,
    }
}

fn sent(kind: ChannelKind, url: &str, secret: Option<&str>) -> (Prepared, Value) {
    let notice = Notice {
        kind: NoticeKind::BatchFailed,
        at: NOW,
        project: "p".into(),
        batch_id: Some("b".into()),
        words: Words::from([("batch.name".to_owned(), "b".to_owned())]),
    };
    let message = Message {
        id: 9,
        title: "Batch <!channel> failed",
        text: "it *broke*\n@all",
        link: "https://argus.example/batches/b",
        notice: Some(&notice),
    };
    let target = Target {
        url: url.into(),
        secret: secret.map(str::to_owned),
    };
    let prepared = prepare(&channel(kind), &target, &message, NOW).expect("a place");
    let body = serde_json::from_str(&prepared.body).expect("JSON");
    (prepared, body)
}

#[test]
fn robots_get_their_words_and_signatures() {
    let (_, body) = sent(
        ChannelKind::Feishu,
        "https://open.feishu.cn/hook/x",
        Some("key"),
    );
    assert_eq!(body["msg_type"], "post");
    assert_eq!(body["timestamp"], "1795000000");
    assert_eq!(body["sign"], sign::feishu("key", 1_795_000_000));
    let (_, body) = sent(ChannelKind::Feishu, "https://open.feishu.cn/hook/x", None);
    assert!(body["sign"].is_null());

    let place = "https://oapi.dingtalk.com/robot/send?access_token=t";
    let (prepared, body) = sent(ChannelKind::Dingtalk, place, Some("SECkey"));
    let pairs: Vec<(String, String)> = prepared.url.query_pairs().into_owned().collect();
    assert_eq!(pairs[0], ("access_token".into(), "t".into()));
    assert_eq!(pairs[1], ("timestamp".into(), "1795000000000".into()));
    assert_eq!(pairs[2], ("sign".into(), sign::dingtalk("SECkey", NOW.0)));
    let text = body["markdown"]["text"].as_str().expect("text");
    assert!(text.contains("it \\*broke\\*\n\n\\@all"), "{text}");

    let (_, body) = sent(
        ChannelKind::Wecom,
        "https://qyapi.weixin.qq.com/x?key=k",
        None,
    );
    assert!(body["markdown"]["content"].is_string());
}

#[test]
fn rooms_are_not_called_together_by_what_a_log_says() {
    let (_, body) = sent(
        ChannelKind::Slack,
        "https://hooks.slack.com/services/T/B/x",
        None,
    );
    let text = body["text"].as_str().expect("text");
    assert!(
        text.contains("&lt;!channel&gt;") && !text.contains("<!"),
        "{text}"
    );
    let (_, body) = sent(
        ChannelKind::Discord,
        "https://discord.com/api/webhooks/1/x",
        None,
    );
    assert_eq!(body["allowed_mentions"], json!({"parse": []}));
    assert_eq!(body["embeds"][0]["url"], "https://argus.example/batches/b");
}

#[test]
fn telegram_and_ntfy_find_their_way() {
    let (prepared, body) = sent(
        ChannelKind::Telegram,
        "https://api.telegram.org",
        Some("1:x"),
    );
    assert_eq!(prepared.url.path(), "/bot1:x/sendMessage");
    assert_eq!(body["chat_id"], "@lab");
    let (prepared, body) = sent(ChannelKind::Ntfy, "https://ntfy.sh/sub/topic", Some("tk"));
    assert_eq!(prepared.url.as_str(), "https://ntfy.sh/sub/");
    assert_eq!(
        (&body["topic"], &body["priority"]),
        (&json!("topic"), &json!(4))
    );
    assert!(
        prepared
            .headers
            .contains(&("authorization", "Bearer tk".into()))
    );
}

#[test]
fn webhooks_are_signed_over_the_very_body() {
    let secret = sign::webhook_secret([3; 32]);
    let (prepared, body) = sent(
        ChannelKind::Webhook,
        "https://example.com/in",
        Some(&secret),
    );
    let key = sign::webhook_key(&secret).expect("a key");
    let expected = sign::webhook(&key, "msg_9", 1_795_000_000, &prepared.body);
    assert!(prepared.headers.contains(&("webhook-signature", expected)));
    assert!(prepared.headers.contains(&("webhook-id", "msg_9".into())));
    assert_eq!(
        (&body["type"], &body["data"]["batch_id"]),
        (&json!("batch_failed"), &json!("b"))
    );
    assert_eq!(body["data"]["fields"]["batch.name"], "b");
}

#[test]
fn long_words_are_cut() {
    assert_eq!(cut("äöü", 2), "äö…");
    assert_eq!(cut(" äö ", 2), "äö");
}

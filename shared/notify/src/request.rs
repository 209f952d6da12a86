//! What every kind of channel is sent.

use crate::sign;
use domain::channel::{Channel, ChannelKind, Target};
use domain::notice::{Notice, Severity};
use domain::time::Timestamp;
use serde_json::{Value, json};
use url::Url;

/// Longest title, in characters.
const TITLE_CHARS: usize = 200;
/// Longest text, in characters; WeCom takes 4096 bytes of markdown.
const TEXT_CHARS: usize = 1200;

/// What is to be said.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// Stays the same over all tries.
    pub id: u64,
    /// One line.
    pub title: &'a str,
    /// Plain text of a few lines.
    pub text: &'a str,
    /// Page to open.
    pub link: &'a str,
    /// What it is about; `None` for a test.
    pub notice: Option<&'a Notice>,
}

/// A POST request ready to leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    /// Where to.
    pub url: Url,
    /// Headers beside those of any request.
    pub headers: Vec<(&'static str, String)>,
    /// JSON.
    pub body: String,
}

/// The request that says `message` on `channel` at `now`; `None` when the channel does not point
/// anywhere.
pub fn prepare(
    channel: &Channel,
    target: &Target,
    message: &Message<'_>,
    now: Timestamp,
) -> Option<Prepared> {
    let title = cut(message.title, TITLE_CHARS);
    let text = cut(message.text, TEXT_CHARS);
    let url = Url::parse(&target.url).ok()?;
    let secret = target.secret.as_deref().filter(|key| !key.is_empty());
    let mut prepared = Prepared {
        url,
        headers: vec![],
        body: String::new(),
    };
    let body = match channel.kind {
        ChannelKind::Feishu => feishu(&title, &text, message.link, secret, now),
        ChannelKind::Dingtalk => {
            if let Some(secret) = secret {
                let sign = sign::dingtalk(secret, now.0);
                let mut query = prepared.url.query_pairs_mut();
                query.append_pair("timestamp", &now.0.to_string());
                query.append_pair("sign", &sign);
            }
            let text = markdown(&title, &text, message.link);
            json!({"msgtype": "markdown", "markdown": {"title": title, "text": text}})
        }
        ChannelKind::Wecom => {
            let content = markdown(&title, &text, message.link);
            json!({"msgtype": "markdown", "markdown": {"content": content}})
        }
        ChannelKind::Slack => {
            let (title, text) = (slack(&title), slack(&text));
            json!({"text": format!("*{title}*\n{text}\n<{}>", message.link)})
        }
        ChannelKind::Discord => json!({
            "embeds": [{
                "title": title, "description": text, "url": message.link, "color": color(message),
            }],
            // Names in a training log must not call everybody.
            "allowed_mentions": {"parse": []},
        }),
        ChannelKind::Telegram => {
            prepared
                .url
                .set_path(&format!("/bot{}/sendMessage", secret?));
            let text = format!("{title}\n\n{text}\n{}", message.link);
            json!({"chat_id": channel.chat, "text": text, "disable_web_page_preview": true})
        }
        ChannelKind::Ntfy => {
            let path = prepared.url.path().trim_end_matches('/').to_owned();
            let (root, topic) = path.rsplit_once('/')?;
            prepared.url.set_path(&format!("{root}/"));
            if let Some(token) = secret {
                prepared
                    .headers
                    .push(("authorization", format!("Bearer {token}")));
            }
            json!({
                "topic": topic, "title": title, "message": text, "click": message.link,
                "priority": if severity(message) == Severity::Error { 4 } else { 3 },
            })
        }
        ChannelKind::Webhook => {
            let body = webhook(&title, &text, message);
            let (id, secs) = (format!("msg_{}", message.id), now.secs());
            let key = sign::webhook_key(secret?)?;
            let signature = sign::webhook(&key, &id, secs, &body.to_string());
            prepared.headers = vec![
                ("webhook-id", id),
                ("webhook-timestamp", secs.to_string()),
                ("webhook-signature", signature),
            ];
            body
        }
    };
    prepared
        .headers
        .push(("content-type", "application/json".to_owned()));
    prepared.body = body.to_string();
    Some(prepared)
}

fn feishu(title: &str, text: &str, link: &str, secret: Option<&str>, now: Timestamp) -> Value {
    let lines = json!([
        [{"tag": "text", "text": text}],
        [{"tag": "a", "text": link, "href": link}],
    ]);
    let post = json!({"zh_cn": {"title": title, "content": lines}});
    let mut body = json!({"msg_type": "post", "content": {"post": post}});
    if let Some(secret) = secret {
        body["timestamp"] = json!(now.secs().to_string());
        body["sign"] = json!(sign::feishu(secret, now.secs()));
    }
    body
}

fn webhook(title: &str, text: &str, message: &Message<'_>) -> Value {
    let about = message.notice;
    json!({
        "type": about.map_or("test", |notice| notice.kind.as_str()),
        "timestamp": about.map(|notice| notice.at.to_text()),
        "data": {
            "title": title,
            "text": text,
            "link": message.link,
            "severity": severity(message).as_str(),
            "project": about.map(|notice| &notice.project),
            "batch_id": about.and_then(|notice| notice.batch_id.as_ref()),
            "fields": about.map(|notice| &notice.words),
        },
    })
}

fn severity(message: &Message<'_>) -> Severity {
    message
        .notice
        .map_or(Severity::Info, |notice| notice.kind.severity())
}

fn color(message: &Message<'_>) -> u32 {
    match severity(message) {
        Severity::Info => 0x2e_a0_43,
        Severity::Warn => 0xd2_99_22,
        Severity::Error => 0xcf_22_2e,
    }
}

fn markdown(title: &str, text: &str, link: &str) -> String {
    let plain = |text: &str| {
        let special = ['\\', '`', '*', '_', '[', ']', '<', '>', '#', '@'];
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            if special.contains(&c) {
                out.push('\\');
            }
            out.push(c);
        }
        out.replace('\n', "\n\n")
    };
    format!(
        "**{}**\n\n{}\n\n[{link}]({link})",
        plain(title),
        plain(text)
    )
}

/// Slack reads `<!channel>` and links out of plain text.
fn slack(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

fn cut(text: &str, chars: usize) -> String {
    let text = text.trim();
    match text.char_indices().nth(chars) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
#[path = "request_tests.rs"]
mod tests;

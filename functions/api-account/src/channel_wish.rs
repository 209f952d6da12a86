//! What people may wish of a channel.

use crate::length;
use domain::channel::{Channel, ChannelKind, QuietHours};
use domain::limits::{CHANNEL_NAME_CHARS, CHANNEL_SECRET_CHARS, CHANNEL_URL_CHARS};
use domain::notice::NoticeKind;
use domain::time::Timestamp;
use notify::place::{self, TELEGRAM};
use notify::sign;
use runtime::entropy;
use serde::{Deserialize, Deserializer};
use serde_json::json;
use std::collections::BTreeMap;
use store::StoreError;
use store::audit::{AuditRow, audit_write};
use store::table::Write;
use utoipa::ToSchema;
use web::{ApiError, ApiResult, Caller, ClientInfo, Invalid};

/// Hours without messages.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuietHoursIn {
    /// First quiet minute, `22:00`.
    from: String,
    /// First minute that is loud again.
    to: String,
    /// Time zone, `Asia/Shanghai`.
    time_zone: String,
}

/// Wish for a channel.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChannelIn {
    /// feishu, dingtalk, wecom, slack, discord, telegram, ntfy or webhook.
    #[schema(value_type = String)]
    kind: ChannelKind,
    /// 1 to 64 characters.
    name: String,
    /// Address; not needed for telegram.
    #[serde(default)]
    url: Option<String>,
    /// Signing key (feishu, dingtalk, webhook), bot token (telegram) or access token (ntfy).
    #[serde(default)]
    secret: Option<String>,
    /// Telegram chat.
    #[serde(default)]
    chat: Option<String>,
    /// What it is told of; empty: everything.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    events: Vec<NoticeKind>,
    /// Hours without messages.
    #[serde(default)]
    quiet_hours: Option<QuietHoursIn>,
    /// Nothing is sent while false.
    #[serde(default = "yes")]
    enabled: bool,
}

/// What to change; what is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChannelPatchIn {
    /// 1 to 64 characters.
    #[serde(default)]
    name: Option<String>,
    /// Address.
    #[serde(default)]
    url: Option<String>,
    /// Signing key or token.
    #[serde(default)]
    secret: Option<String>,
    /// Telegram chat.
    #[serde(default)]
    chat: Option<String>,
    /// What it is told of; empty: everything.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>)]
    events: Option<Vec<NoticeKind>>,
    /// Hours without messages; null: none.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<QuietHoursIn>)]
    quiet_hours: Option<Option<QuietHoursIn>>,
    /// Nothing is sent while false.
    #[serde(default)]
    enabled: Option<bool>,
}

fn yes() -> bool {
    true
}

/// Tells null from absent.
fn present<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Option<QuietHoursIn>>, D::Error> {
    Option::deserialize(value).map(Some)
}

impl ChannelIn {
    /// The channel wished for, without an id; `true`: its secret was made here.
    pub fn channel(self, now: Timestamp) -> ApiResult<(Channel, bool)> {
        let lacks = self.secret.as_deref().is_none_or(str::is_empty);
        let makes_secret = lacks && self.kind == ChannelKind::Webhook;
        let secret = match makes_secret {
            true => Some(sign::webhook_secret(entropy::bytes())),
            false => self.secret.filter(|secret| !secret.is_empty()),
        };
        let telegram = (self.kind == ChannelKind::Telegram).then(|| TELEGRAM.to_owned());
        let channel = Channel {
            id: 0,
            kind: self.kind,
            name: self.name,
            url: self.url.or(telegram).unwrap_or_default(),
            secret,
            chat: self.chat,
            events: distinct(self.events),
            quiet: self.quiet_hours.map(|hours| quiet(&hours)).transpose()?,
            enabled: self.enabled,
            created_at: now,
            tested_at: None,
            tried_at: None,
            last_error: None,
        };
        Ok((channel, makes_secret))
    }
}

impl ChannelPatchIn {
    /// Changes what was sent.
    pub fn apply(&self, channel: &mut Channel) -> ApiResult<()> {
        if let Some(name) = &self.name {
            channel.name.clone_from(name);
        }
        if let Some(url) = &self.url {
            channel.url.clone_from(url);
        }
        if let Some(secret) = &self.secret {
            channel.secret = Some(secret.clone()).filter(|secret| !secret.is_empty());
        }
        if let Some(chat) = &self.chat {
            channel.chat = Some(chat.clone());
        }
        if let Some(events) = &self.events {
            channel.events = distinct(events.clone());
        }
        if let Some(hours) = &self.quiet_hours {
            channel.quiet = hours.as_ref().map(quiet).transpose()?;
        }
        channel.enabled = self.enabled.unwrap_or(channel.enabled);
        Ok(())
    }
}

fn distinct(kinds: Vec<NoticeKind>) -> Vec<NoticeKind> {
    let mut kept = Vec::new();
    for kind in kinds {
        if !kept.contains(&kind) {
            kept.push(kind);
        }
    }
    kept
}

/// Reads quiet hours.
pub fn quiet(hours: &QuietHoursIn) -> ApiResult<QuietHours> {
    QuietHours::parse(&hours.from, &hours.to, &hours.time_zone).ok_or_else(|| {
        let msg = "Input should be two different times HH:MM and the name of a time zone";
        let loc = ["body", "quiet_hours"];
        ApiError::from(Invalid::at(&loc, "value_error", msg, json!(null)))
    })
}

/// Checks a channel as a whole. Refusals repeat no address and no secret.
pub fn check(channel: &Channel, allow_private: bool) -> ApiResult<()> {
    length::check("name", &channel.name, 1..=CHANNEL_NAME_CHARS)?;
    let secret = channel.secret.as_deref();
    let chat = channel.chat.as_deref();
    let long = |text: Option<&str>, most| text.is_some_and(|text| text.chars().count() > most);
    for (field, is_long) in [
        ("url", long(Some(&channel.url), CHANNEL_URL_CHARS)),
        ("secret", long(secret, CHANNEL_SECRET_CHARS)),
        ("chat", long(chat, CHANNEL_SECRET_CHARS)),
    ] {
        if is_long {
            let msg = "String is too long";
            let problem = Invalid::at(&["body", field], "string_too_long", msg, json!("***"));
            return Err(problem.into());
        }
    }
    place::check(channel.kind, &channel.url, secret, chat, allow_private).map_err(|misplaced| {
        let (field, msg) = misplaced.problem();
        Invalid::at(&["body", field], "value_error", msg, json!("***")).into()
    })
}

/// Audit row of what is done to a channel.
pub fn audited(
    action: &str,
    caller: &Caller,
    client: &ClientInfo,
    channel: &Channel,
    now: Timestamp,
) -> Result<Write, StoreError> {
    let kind = channel.kind.as_str().to_owned();
    audit_write(&AuditRow {
        id: entropy::new_id(now),
        at: now,
        user_id: Some(caller.user().id),
        action: action.to_owned(),
        target_type: "channel".to_owned(),
        target_id: channel.id.to_string(),
        ip: client.ip.clone(),
        metadata: BTreeMap::from([("kind".to_owned(), kind)]),
    })
}

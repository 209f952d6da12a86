//! What people may wish of a channel.

use crate::length;
use domain::channel::{Channel, ChannelKind, QuietHours, Said, Target};
use domain::limits::{CHANNEL_NAME_CHARS, CHANNEL_SECRET_CHARS, CHANNEL_URL_CHARS};
use domain::notice::NoticeKind;
use domain::time::Timestamp;
use notify::place::{self, TELEGRAM};
use notify::sign;
use runtime::{Services, entropy};
use serde::{Deserialize, Deserializer};
use serde_json::json;
use utoipa::ToSchema;
use web::{ApiError, ApiResult, Invalid};
use wire::Locale;

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
    /// Language of its messages, `en-US` or `zh-CN`; absent: its owner's, English for a project.
    #[serde(default)]
    locale: Option<String>,
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
    /// Language of its messages; null: its owner's, English for a project.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    locale: Option<Option<String>>,
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
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    value: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(value).map(Some)
}

/// Which messages to send once more: those named, else those tried since an instant, at most 90.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplayIn {
    /// Ids of messages of the last 14 days.
    #[serde(default)]
    ids: Vec<u64>,
    /// Instant, `2026-11-21T08:00:00Z`.
    #[serde(default)]
    since: Option<String>,
    /// Also those that got through.
    #[serde(default)]
    all: bool,
}

impl ReplayIn {
    /// The earliest instant asked for.
    pub fn since(&self) -> ApiResult<Timestamp> {
        let problem = |msg: &str, given: &Option<String>| {
            ApiError::from(Invalid::at(
                &["body", "since"],
                "value_error",
                msg,
                json!(given),
            ))
        };
        match &self.since {
            Some(text) => Timestamp::parse(text)
                .ok_or_else(|| problem("Input should be an instant", &self.since)),
            None if self.ids.is_empty() => {
                Err(problem("Either ids or since is required", &self.since))
            }
            None => Ok(Timestamp(0)),
        }
    }

    /// Whether a message is to be sent once more.
    pub fn wants(&self, said: &Said, since: Timestamp) -> bool {
        match self.ids.is_empty() {
            true => said.tried_at >= since && (self.all || said.error.is_some()),
            false => self.ids.contains(&said.id),
        }
    }
}

impl ChannelIn {
    /// The channel wished for, without an id, and where it leads to; `true`: its secret was made
    /// here.
    pub fn channel(self, now: Timestamp) -> ApiResult<(Channel, Target, bool)> {
        let lacks = self.secret.as_deref().is_none_or(str::is_empty);
        let makes_secret = lacks && self.kind == ChannelKind::Webhook;
        let secret = match makes_secret {
            true => Some(sign::webhook_secret(entropy::bytes())),
            false => self.secret.filter(|secret| !secret.is_empty()),
        };
        let telegram = (self.kind == ChannelKind::Telegram).then(|| TELEGRAM.to_owned());
        let target = Target {
            url: self.url.or(telegram).unwrap_or_default(),
            secret,
        };
        let channel = Channel {
            id: 0,
            kind: self.kind,
            name: self.name,
            host: String::new(),
            has_secret: false,
            target: String::new(),
            locale: self.locale.as_deref().map(locale).transpose()?,
            chat: self.chat,
            events: distinct(self.events),
            quiet: self.quiet_hours.map(|hours| quiet(&hours)).transpose()?,
            enabled: self.enabled,
            created_at: now,
            tested_at: None,
            tried_at: None,
            last_error: None,
        };
        Ok((channel, target, makes_secret))
    }
}

impl ChannelPatchIn {
    /// Changes what was sent, if the whole is right then.
    pub fn apply(&self, services: &Services, channel: &mut Channel) -> ApiResult<()> {
        // What cannot be opened any more has to be named anew.
        let mut target = services.open_target(channel).unwrap_or_default();
        if let Some(name) = &self.name {
            channel.name.clone_from(name);
        }
        if let Some(url) = &self.url {
            target.url.clone_from(url);
        }
        if let Some(secret) = &self.secret {
            target.secret = Some(secret.clone()).filter(|secret| !secret.is_empty());
        }
        if let Some(wanted) = &self.locale {
            channel.locale = wanted.as_deref().map(locale).transpose()?;
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
        check(services, channel, &target)?;
        if self.url.is_some() || self.secret.is_some() {
            point(services, channel, &target);
        }
        Ok(())
    }
}

fn locale(text: &str) -> ApiResult<String> {
    let known = [Locale::English, Locale::Chinese];
    match known.iter().find(|locale| locale.as_str() == text) {
        Some(locale) => Ok(locale.as_str().to_owned()),
        None => {
            let msg = "Input should be 'en-US' or 'zh-CN'";
            Err(Invalid::at(&["body", "locale"], "value_error", msg, json!(text)).into())
        }
    }
}

/// Has a channel lead to `target` from now on.
pub fn point(services: &Services, channel: &mut Channel, target: &Target) {
    channel.host = place::host(&target.url);
    channel.has_secret = target.secret.is_some();
    channel.target = services.seal_target(channel.id, target);
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
pub fn check(services: &Services, channel: &Channel, target: &Target) -> ApiResult<()> {
    length::check("name", &channel.name, 1..=CHANNEL_NAME_CHARS)?;
    let secret = target.secret.as_deref();
    let chat = channel.chat.as_deref();
    let long = |text: Option<&str>, most| text.is_some_and(|text| text.chars().count() > most);
    for (field, is_long) in [
        ("url", long(Some(&target.url), CHANNEL_URL_CHARS)),
        ("secret", long(secret, CHANNEL_SECRET_CHARS)),
        ("chat", long(chat, CHANNEL_SECRET_CHARS)),
    ] {
        if is_long {
            let msg = "String is too long";
            let problem = Invalid::at(&["body", field], "string_too_long", msg, json!("***"));
            return Err(problem.into());
        }
    }
    let allow_private = services.config.channels_allow_private;
    let placed = place::check(channel.kind, &target.url, secret, chat, allow_private);
    placed.map_err(|misplaced| {
        let (field, msg) = misplaced.problem();
        Invalid::at(&["body", field], "value_error", msg, json!("***")).into()
    })
}

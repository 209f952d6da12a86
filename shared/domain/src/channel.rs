//! Channels: chat rooms and programs that people have told of what happens.

use crate::account::UserId;
use crate::notice::{Notice, NoticeKind};
use crate::time::Timestamp;
use jiff::ToSpan;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// Minutes of a day.
const DAY: u16 = 24 * 60;

/// What stands at the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChannelKind {
    /// Feishu or Lark robot.
    Feishu,
    /// DingTalk robot.
    Dingtalk,
    /// WeCom robot.
    Wecom,
    /// Slack incoming webhook.
    Slack,
    /// Discord webhook.
    Discord,
    /// Telegram bot.
    Telegram,
    /// ntfy topic.
    Ntfy,
    /// A program that speaks Standard Webhooks.
    Webhook,
}

impl ChannelKind {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Feishu => "feishu",
            Self::Dingtalk => "dingtalk",
            Self::Wecom => "wecom",
            Self::Slack => "slack",
            Self::Discord => "discord",
            Self::Telegram => "telegram",
            Self::Ntfy => "ntfy",
            Self::Webhook => "webhook",
        }
    }
}

/// Hours of the day in which nothing is sent; what happens then comes afterwards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuietHours {
    /// First quiet minute of the day.
    pub from: u16,
    /// First minute that is loud again; at or before `from` it is of the next day.
    pub to: u16,
    /// Time zone, `Asia/Shanghai`.
    pub zone: String,
}

impl QuietHours {
    /// Reads `22:00`, `07:30` and a zone's name; `None` when one of them is none.
    pub fn parse(from: &str, to: &str, zone: &str) -> Option<Self> {
        let (from, to) = (minute_of_day(from)?, minute_of_day(to)?);
        zone_of(zone)?;
        (from != to).then(|| Self {
            from,
            to,
            zone: zone.to_owned(),
        })
    }

    /// The two times as `22:00` and `07:30`.
    pub fn texts(&self) -> (String, String) {
        (minute_text(self.from), minute_text(self.to))
    }

    /// When it is loud again, if it is quiet at `now`.
    pub fn ends(&self, now: Timestamp) -> Option<Timestamp> {
        let zone = zone_of(&self.zone)?;
        let local = jiff::Timestamp::from_millisecond(now.0)
            .ok()?
            .to_zoned(zone);
        let minute = u16::try_from(local.hour()).ok()? * 60 + u16::try_from(local.minute()).ok()?;
        let since = (minute + DAY - self.from) % DAY;
        let length = (self.to + DAY - self.from) % DAY;
        if since >= length {
            return None;
        }
        // The clock's reading decides, also where it is put forward or back in between.
        let day = match self.to > minute {
            true => local.date(),
            false => local.date().checked_add(1.day()).ok()?,
        };
        let (hour, minute) = (
            i8::try_from(self.to / 60).ok()?,
            i8::try_from(self.to % 60).ok()?,
        );
        let end = day
            .at(hour, minute, 0, 0)
            .to_zoned(local.time_zone().clone());
        let end = Timestamp(end.ok()?.timestamp().as_millisecond());
        (end > now).then_some(end)
    }
}

/// Reads `22:00` as a minute of the day.
pub(crate) fn minute_of_day(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let is_pair = |t: &str| t.len() == 2 && t.bytes().all(|b| b.is_ascii_digit());
    if !is_pair(hours) || !is_pair(minutes) {
        return None;
    }
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
}

/// A minute of the day as `22:00`.
pub(crate) fn minute_text(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

fn zone_of(name: &str) -> Option<TimeZone> {
    TimeZone::get(name).ok()
}

/// Whose channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelOwner {
    /// Told of what concerns this person.
    User(UserId),
    /// Told of what happens in this project.
    Project(String),
}

/// Where a channel leads to, and with what key. Never shown and never stored in clear, so it has
/// no `Debug`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Address; holds a secret for most kinds.
    pub url: String,
    /// Key that signs, or a token, depending on the kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

/// A channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channel {
    /// Time-ordered id.
    pub id: u64,
    /// What stands at the other end.
    pub kind: ChannelKind,
    /// Name people gave it.
    pub name: String,
    /// Host of its address, the part that is no secret.
    #[serde(default)]
    pub host: String,
    /// Whether its target has a key.
    #[serde(default)]
    pub has_secret: bool,
    /// The [`Target`], sealed.
    #[serde(default)]
    pub target: String,
    /// Language of what is said, `zh-CN`; absent: its owner's, English for a project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// Telegram chat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chat: Option<String>,
    /// What it is told of; empty: everything.
    #[serde(default)]
    pub events: Vec<NoticeKind>,
    /// Hours without messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet: Option<QuietHours>,
    /// Nothing is sent while false.
    pub enabled: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// Last test somebody asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tested_at: Option<Timestamp>,
    /// Last try to send.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tried_at: Option<Timestamp>,
    /// Why it failed; absent when it did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
}

/// Something that was said on a channel, or was to be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Said {
    /// Id of the message, the same over all tries and replays.
    pub id: u64,
    /// What it told; `None` for a test.
    pub notice: Option<Notice>,
    /// Newest try.
    pub tried_at: Timestamp,
    /// Why it failed; absent when it did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl Channel {
    /// When the channel is to be told of something; `None`: not at all.
    pub fn due(&self, notice: &Notice, now: Timestamp) -> Option<Timestamp> {
        let wanted = self.events.is_empty() || self.events.contains(&notice.kind);
        let quiet_until = self.quiet.as_ref().and_then(|quiet| quiet.ends(now));
        (self.enabled && wanted).then(|| quiet_until.unwrap_or(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).expect("an instant")
    }

    fn ends(from: &str, to: &str, zone: &str, now: &str) -> Option<String> {
        let quiet = QuietHours::parse(from, to, zone).expect("hours");
        quiet.ends(at(now)).map(Timestamp::to_text)
    }

    #[test]
    fn quiet_hours_follow_the_clock_of_their_zone() {
        let end = |now| ends("22:00", "07:30", "Asia/Shanghai", now);
        assert_eq!(end("2026-11-21T13:59:59Z"), None);
        assert_eq!(
            end("2026-11-21T14:00:00Z"),
            Some("2026-11-21T23:30:00Z".into())
        );
        assert_eq!(
            end("2026-11-21T23:29:00Z"),
            Some("2026-11-21T23:30:00Z".into())
        );
        assert_eq!(end("2026-11-21T23:30:00Z"), None);
        assert_eq!(
            ends("12:00", "13:00", "UTC", "2026-11-21T12:30:00Z"),
            Some("2026-11-21T13:00:00Z".into())
        );
    }

    #[test]
    fn a_night_in_which_the_clock_changes_ends_by_the_clock() {
        // New York puts the clock back at 06:00Z on 1 November 2026.
        assert_eq!(
            ends("22:00", "07:00", "America/New_York", "2026-11-01T03:00:00Z"),
            Some("2026-11-01T12:00:00Z".into())
        );
    }

    #[test]
    fn nonsense_is_no_hours() {
        for (from, to, zone) in [
            ("24:00", "07:00", "UTC"),
            ("7:00", "08:00", "UTC"),
            ("07:60", "08:00", "UTC"),
            ("07:00", "07:00", "UTC"),
            ("+7:00", "08:00", "UTC"),
            ("22:00", "07:00", "Mars/Olympus"),
        ] {
            assert_eq!(
                QuietHours::parse(from, to, zone),
                None,
                "{from} {to} {zone}"
            );
        }
        let quiet = QuietHours::parse("22:05", "07:30", "UTC").expect("hours");
        assert_eq!(quiet.texts(), ("22:05".into(), "07:30".into()));
    }
}

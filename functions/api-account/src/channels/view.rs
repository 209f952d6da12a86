//! Channels as their holders see them. An address mostly holds a secret, so it goes in and never
//! comes out again.

use domain::channel::{Channel, QuietHours, Said};
use serde::Serialize;
use utoipa::ToSchema;

/// Hours without messages.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuietHoursOut {
    /// First quiet minute, `22:00`.
    pub from: String,
    /// First minute that is loud again.
    pub to: String,
    /// Time zone.
    pub time_zone: String,
}

impl From<&QuietHours> for QuietHoursOut {
    fn from(quiet: &QuietHours) -> Self {
        let (from, to) = quiet.texts();
        let time_zone = quiet.zone.clone();
        Self {
            from,
            to,
            time_zone,
        }
    }
}

/// A channel without its secrets.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelOut {
    /// Id.
    pub id: u64,
    /// What stands at the other end.
    pub kind: &'static str,
    /// Name.
    pub name: String,
    /// Host of its address; the rest is secret.
    pub host: String,
    /// Whether a secret is kept.
    pub has_secret: bool,
    /// Telegram chat.
    pub chat: Option<String>,
    /// Language of its messages; null: its owner's, English for a project.
    pub locale: Option<String>,
    /// What it is told of; empty: everything.
    pub events: Vec<&'static str>,
    /// Hours without messages.
    pub quiet_hours: Option<QuietHoursOut>,
    /// Nothing is sent while false.
    pub enabled: bool,
    /// When it was made.
    pub created_at: String,
    /// Last try to send.
    pub last_tried_at: Option<String>,
    /// Why that failed; null when it did not.
    pub last_error: Option<String>,
}

/// A new channel.
#[derive(Serialize, ToSchema)]
pub struct ChannelCreatedOut {
    /// The channel.
    #[serde(flatten)]
    pub shown: ChannelOut,
    /// The secret the server made for a `webhook` that came without one; shown here only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

impl From<&Channel> for ChannelOut {
    fn from(channel: &Channel) -> Self {
        Self {
            id: channel.id,
            kind: channel.kind.as_str(),
            name: channel.name.clone(),
            host: channel.host.clone(),
            has_secret: channel.has_secret,
            chat: channel.chat.clone(),
            locale: channel.locale.clone(),
            events: channel.events.iter().map(|kind| kind.as_str()).collect(),
            quiet_hours: channel.quiet.as_ref().map(QuietHoursOut::from),
            enabled: channel.enabled,
            created_at: channel.created_at.to_text(),
            last_tried_at: channel.tried_at.map(|at| at.to_text()),
            last_error: channel.last_error.clone(),
        }
    }
}

/// Something that was said on a channel, or was to be.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelMessageOut {
    /// Id; a webhook gets it as `msg_<id>`, the same over all tries and replays.
    pub id: u64,
    /// What it told, `test` for a test.
    pub event_type: &'static str,
    /// Batch it was about.
    pub batch_id: Option<String>,
    /// When that happened; null for a test.
    pub happened_at: Option<String>,
    /// Newest try.
    pub tried_at: String,
    /// Whether the newest try got through.
    pub ok: bool,
    /// Why it did not.
    pub error: Option<String>,
}

impl From<Said> for ChannelMessageOut {
    fn from(said: Said) -> Self {
        let notice = said.notice.as_ref();
        Self {
            id: said.id,
            event_type: notice.map_or("test", |notice| notice.kind.as_str()),
            batch_id: notice.and_then(|notice| notice.batch_id.clone()),
            happened_at: notice.map(|notice| notice.at.to_text()),
            tried_at: said.tried_at.to_text(),
            ok: said.error.is_none(),
            error: said.error,
        }
    }
}

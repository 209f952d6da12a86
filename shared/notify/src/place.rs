//! Where a channel may point to.

use crate::address::is_public;
use crate::sign;
use domain::channel::ChannelKind;
use domain::limits::CHANNEL_URL_CHARS;
use std::net::IpAddr;
use url::{Host, Url};

/// Address of Telegram, used when none is given.
pub const TELEGRAM: &str = "https://api.telegram.org";

/// What is wrong with where a channel points to. Holds nothing of the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misplaced {
    /// It is no address.
    Url,
    /// Only https is allowed.
    Scheme,
    /// It names a private address.
    Private,
    /// The secret is missing or has another form.
    Secret,
    /// The chat is missing.
    Chat,
}

impl Misplaced {
    /// Field and message.
    pub fn problem(self) -> (&'static str, &'static str) {
        match self {
            Self::Url => (
                "url",
                "Input should be a valid URL without user information",
            ),
            Self::Scheme => ("url", "URL scheme should be 'https'"),
            Self::Private => ("url", "URL should not point to a private address"),
            Self::Secret => (
                "secret",
                "A secret of the form this kind of channel needs is required",
            ),
            Self::Chat => ("chat", "A chat is required"),
        }
    }
}

/// Checks where a channel points to, as far as that can be seen without asking anybody; the
/// connection is judged again by the address its name leads to.
pub fn check(
    kind: ChannelKind,
    url: &str,
    secret: Option<&str>,
    chat: Option<&str>,
    allow_private: bool,
) -> Result<(), Misplaced> {
    let parsed = Url::parse(url).map_err(|_| Misplaced::Url)?;
    let own_name = !parsed.username().is_empty() || parsed.password().is_some();
    if own_name || url.len() > CHANNEL_URL_CHARS {
        return Err(Misplaced::Url);
    }
    match parsed.scheme() {
        "https" => {}
        "http" if allow_private => {}
        _ => return Err(Misplaced::Scheme),
    }
    let ip = match parsed.host().ok_or(Misplaced::Url)? {
        Host::Ipv4(ip) => Some(IpAddr::V4(ip)),
        Host::Ipv6(ip) => Some(IpAddr::V6(ip)),
        Host::Domain(_) => None,
    };
    if ip.is_some_and(|ip| !allow_private && !is_public(ip)) {
        return Err(Misplaced::Private);
    }
    let secret = secret.unwrap_or_default();
    match kind {
        ChannelKind::Webhook if sign::webhook_key(secret).is_none() => Err(Misplaced::Secret),
        ChannelKind::Telegram if !is_bot_token(secret) => Err(Misplaced::Secret),
        ChannelKind::Telegram if chat.is_none_or(str::is_empty) => Err(Misplaced::Chat),
        ChannelKind::Ntfy if parsed.path().trim_matches('/').is_empty() => Err(Misplaced::Url),
        _ => Ok(()),
    }
}

/// Host of an address, the only part that is no secret; empty when it is no address.
pub fn host(url: &str) -> String {
    let parsed = Url::parse(url).ok();
    let host = parsed.as_ref().and_then(Url::host_str);
    host.unwrap_or_default().to_owned()
}

/// A bot token becomes part of a path, so it may hold nothing that ends one.
fn is_bot_token(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '_' | '-');
    !text.is_empty() && text.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_places_and_other_schemes_are_refused_unless_allowed() {
        let slack = |url, allow| check(ChannelKind::Slack, url, None, None, allow);
        assert_eq!(
            slack("https://hooks.slack.com/services/T/B/x", false),
            Ok(())
        );
        for (url, problem) in [
            ("https://127.0.0.1/x", Misplaced::Private),
            ("https://[::ffff:169.254.169.254]/x", Misplaced::Private),
            ("https://0x7f.1/x", Misplaced::Private),
            ("https://2130706433/x", Misplaced::Private),
            ("http://example.com/x", Misplaced::Scheme),
            ("file:///etc/passwd", Misplaced::Scheme),
            ("https://user:pass@example.com/x", Misplaced::Url),
            ("nonsense", Misplaced::Url),
        ] {
            assert_eq!(slack(url, false), Err(problem), "{url}");
        }
        assert_eq!(slack("http://127.0.0.1:8080/x", true), Ok(()));
        assert_eq!(slack("file:///etc/passwd", true), Err(Misplaced::Scheme));
    }

    #[test]
    fn kinds_have_needs_of_their_own() {
        let telegram = |secret, chat| check(ChannelKind::Telegram, TELEGRAM, secret, chat, false);
        assert_eq!(telegram(Some("12:ab_C-d"), Some("@lab")), Ok(()));
        assert_eq!(
            telegram(Some("12/../x"), Some("@lab")),
            Err(Misplaced::Secret)
        );
        assert_eq!(telegram(Some("12:ab"), None), Err(Misplaced::Chat));
        let webhook = check(
            ChannelKind::Webhook,
            "https://example.com",
            Some("x"),
            None,
            false,
        );
        assert_eq!(webhook, Err(Misplaced::Secret));
        let ntfy = check(ChannelKind::Ntfy, "https://ntfy.sh/", None, None, false);
        assert_eq!(ntfy, Err(Misplaced::Url));
    }
}

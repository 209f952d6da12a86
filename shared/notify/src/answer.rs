//! What an answer means: some services say 200 and put the refusal into the body.

use domain::channel::ChannelKind;
use serde_json::Value;

/// Why a message was not taken. The text holds nothing of the address or the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotTaken {
    /// What happened.
    pub text: String,
    /// The receiver is gone for good.
    pub is_final: bool,
}

/// Whether a message was taken.
pub fn judge(kind: ChannelKind, status: u16, body: &[u8]) -> Result<(), NotTaken> {
    if !(200..300).contains(&status) {
        let text = match status {
            300..400 => format!("the receiver answered {status}; redirects are not followed"),
            _ => format!("the receiver answered {status}"),
        };
        let is_final = status == 410;
        return Err(NotTaken { text, is_final });
    }
    let field = match kind {
        ChannelKind::Feishu => "code",
        ChannelKind::Dingtalk | ChannelKind::Wecom => "errcode",
        _ => return Ok(()),
    };
    let answer: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    match answer[field].as_i64() {
        Some(0) => Ok(()),
        Some(code) => Err(NotTaken {
            text: format!("the receiver refused the message with code {code}"),
            is_final: false,
        }),
        None => Err(NotTaken {
            text: "the receiver's answer is not understood".to_owned(),
            is_final: false,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_inside_a_200_are_seen() {
        assert!(judge(ChannelKind::Slack, 200, b"ok").is_ok());
        assert!(judge(ChannelKind::Feishu, 200, b"{\"code\":0}").is_ok());
        assert!(judge(ChannelKind::Feishu, 200, b"{\"code\":19021}").is_err());
        assert!(judge(ChannelKind::Dingtalk, 200, b"{\"errcode\":310000}").is_err());
        assert!(judge(ChannelKind::Wecom, 200, b"<html>").is_err());
        let redirect = judge(ChannelKind::Webhook, 302, b"").expect_err("not followed");
        assert!(!redirect.is_final && redirect.text.contains("redirects"));
        assert!(
            judge(ChannelKind::Webhook, 410, b"")
                .expect_err("gone")
                .is_final
        );
        assert!(
            !judge(ChannelKind::Webhook, 404, b"")
                .expect_err("absent")
                .is_final
        );
    }
}

//! Telegram's Bot API: plain text, in pieces that fit.

use super::Delivery;
use crate::http::{self, Call};
use crate::settings;
use client::Secret;
use serde_json::{Value, json};
use std::time::Duration;

/// Longest message, in UTF-16 units as Telegram counts; a little under its limit of 4096.
const LONGEST: usize = 4000;
/// Longest wait for an answer.
const LIMIT: Duration = Duration::from_secs(10);

/// Bot and chat.
pub struct Telegram {
    url: String,
    chat: String,
    token: Secret,
}

impl Telegram {
    /// The one the settings name; needs both token and chat.
    #[must_use]
    pub fn of(settings: &settings::Telegram) -> Option<Self> {
        let token = settings.token.clone().filter(|t| !t.reveal().is_empty())?;
        if settings.chat_id.is_empty() {
            return None;
        }
        let url = settings.base_url.trim_end_matches('/').to_owned();
        Some(Self {
            url,
            chat: settings.chat_id.clone(),
            token,
        })
    }

    /// Sends a text, beginning with its part number `sent`, which counts what arrived.
    pub fn send(&self, text: &str, sent: &mut usize) -> Delivery {
        for part in split(text).into_iter().skip(*sent) {
            match self.send_part(part) {
                Delivery::Delivered => *sent += 1,
                later @ Delivery::Later(..) => return later,
            }
        }
        Delivery::Delivered
    }

    fn send_part(&self, text: &str) -> Delivery {
        let url = format!("{}/bot{}/sendMessage", self.url, self.token.reveal());
        let body = json!({"chat_id": self.chat, "text": text, "disable_web_page_preview": true});
        let answer = match http::call(&Call::post(&url, &body, LIMIT)) {
            Ok(answer) => answer,
            Err(e) => return Delivery::Later(None, e.to_string()),
        };
        let said: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
        if answer.status == 200 && said["ok"] == true {
            return Delivery::Delivered;
        }
        let asked = said
            .pointer("/parameters/retry_after")
            .and_then(Value::as_u64)
            .or(answer.retry_after_s);
        let why = said["description"].as_str().unwrap_or("no reason given");
        let why = format!("status {}: {}", answer.status, crate::text::clean(why, 120));
        // Wrong token or chat: an hour is soon enough to see whether somebody mended it.
        let patience = if (400..500).contains(&answer.status) && answer.status != 429 {
            Some(3600)
        } else {
            None
        };
        Delivery::Later(asked.or(patience), why)
    }
}

/// Cuts a text into messages, at the end of a line or a word where possible.
#[must_use]
pub fn split(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let mut units = 0;
        let fits = rest.char_indices().find(|(_, c)| {
            units += c.len_utf16();
            units > LONGEST
        });
        let Some((end, _)) = fits else {
            parts.push(rest);
            break;
        };
        let head = &rest[..end];
        let cut = head
            .rfind('\n')
            .or_else(|| head.rfind(' '))
            .filter(|at| *at > end / 2)
            .map_or(end, |at| at + 1);
        parts.push(&rest[..cut]);
        rest = &rest[cut..];
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_lose_nothing() {
        let words = "Ärger 🔥 auf gpu-7\n".repeat(900);
        let parts = split(&words);
        assert!(parts.len() > 3);
        assert_eq!(parts.concat(), words);
        assert!(parts.iter().all(|p| p.encode_utf16().count() <= 4096));
        assert_eq!(split("short"), ["short"]);
        assert_eq!(split(&"x".repeat(9000)).concat().len(), 9000);
    }
}

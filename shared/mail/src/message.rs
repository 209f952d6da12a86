//! A mail's form on the wire: headers and MIME parts.

use crate::error::SendError;
use domain::time::Timestamp;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::{Address, Message};
use std::time::{Duration, UNIX_EPOCH};

/// Who mails come from.
#[derive(Clone, Debug)]
pub struct Sender(Mailbox);

impl Sender {
    /// Reads `name@host` or `Name <name@host>`.
    pub fn parse(text: &str) -> Result<Self, SendError> {
        let mailbox: Mailbox = text
            .parse()
            .map_err(|e| SendError::passing(format!("sender {text:?}: {e}")))?;
        let name = mailbox.name.clone().or(Some("Argus".to_owned()));
        Ok(Self(Mailbox::new(name, mailbox.email)))
    }
}

/// A mail on its way.
#[derive(Clone, Copy, Debug)]
pub struct Outgoing<'a> {
    /// Stays the same over all tries, so that a receiver recognises a repeat.
    pub id: u64,
    /// When it was caused.
    pub at: Timestamp,
    /// Address.
    pub to: &'a str,
    /// Subject.
    pub subject: &'a str,
    /// Plain text.
    pub text: &'a str,
    /// HTML, if it has any.
    pub html: Option<&'a str>,
    /// Address that ends such mails with one click.
    pub unsubscribe: Option<&'a str>,
}

impl Outgoing<'_> {
    /// The message, ready for any transport.
    pub fn build(&self, from: &Sender) -> Result<Message, SendError> {
        let lasting = |problem: &dyn std::fmt::Display| SendError::lasting(problem);
        let to: Address = self.to.parse().map_err(|e| lasting(&e))?;
        let millis = u64::try_from(self.at.0).unwrap_or(0);
        let message_id = format!("<{}.argus@{}>", self.id, from.0.email.domain());
        let mut builder = Message::builder()
            .from(from.0.clone())
            .to(Mailbox::new(None, to))
            .subject(self.subject)
            .date(UNIX_EPOCH + Duration::from_millis(millis))
            .message_id(Some(message_id))
            .raw_header(header("Auto-Submitted", "auto-generated"));
        if let Some(link) = self.unsubscribe {
            builder = builder
                .raw_header(header("List-Unsubscribe", &format!("<{link}>")))
                .raw_header(header(
                    "List-Unsubscribe-Post",
                    "List-Unsubscribe=One-Click",
                ));
        }
        let message = match self.html {
            Some(html) => {
                let parts = MultiPart::alternative()
                    .singlepart(part(ContentType::TEXT_PLAIN, self.text))
                    .singlepart(part(ContentType::TEXT_HTML, html));
                builder.multipart(parts)
            }
            None => builder.singlepart(part(ContentType::TEXT_PLAIN, self.text)),
        };
        message.map_err(|e| lasting(&e))
    }
}

/// Quoted-printable or base64 keeps every line short, whatever the words are.
fn part(kind: ContentType, text: &str) -> SinglePart {
    let builder = SinglePart::builder().header(kind);
    if text.is_ascii() {
        let encoding = ContentTransferEncoding::QuotedPrintable;
        return builder.header(encoding).body(text.to_owned());
    }
    let encoding = ContentTransferEncoding::Base64;
    builder.header(encoding).body(text.to_owned())
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    let line: String = value.chars().filter(|c| !c.is_control()).collect();
    HeaderValue::new(HeaderName::new_from_ascii_str(name), line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail<'a>() -> Outgoing<'a> {
        Outgoing {
            id: 7,
            at: Timestamp(1_795_000_000_000),
            to: "alice@example.com",
            subject: "批次 b 失败",
            text: "line\n",
            html: Some("<p>批次</p>"),
            unsubscribe: Some("https://argus.example/api/unsubscribe?token=abcdefgh"),
        }
    }

    #[test]
    fn headers_let_receivers_recognise_and_end_it() {
        let from = Sender::parse("noreply@argus.example").expect("an address");
        let message = mail().build(&from).expect("a message").formatted();
        let text = String::from_utf8(message).expect("ASCII");
        for line in [
            "From: Argus <noreply@argus.example>\r\n",
            "To: alice@example.com\r\n",
            "Message-ID: <7.argus@argus.example>\r\n",
            "List-Unsubscribe: <https://argus.example/api/unsubscribe?token=abcdefgh>\r\n",
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "Content-Type: multipart/alternative;",
        ] {
            assert!(text.contains(line), "{line} in {text}");
        }
        assert!(
            text.is_ascii() && text.contains("Subject: =?utf-8?"),
            "{text}"
        );
        assert!(text.contains("Date: Wed, 18 Nov 2026"), "{text}");
    }

    #[test]
    fn addresses_that_are_none_are_never_tried_again() {
        let from = Sender::parse("Lab <noreply@argus.example>").expect("an address");
        let wrong = Outgoing {
            to: "nobody",
            ..mail()
        };
        assert!(wrong.build(&from).expect_err("no address").is_final);
        assert!(!Sender::parse("nobody").expect_err("no address").is_final);
    }
}

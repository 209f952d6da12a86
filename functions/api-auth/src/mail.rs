//! Account mails.

use domain::account::User;
use domain::notice::Words;
use mail::{RenderError, Template, render};
use store::outbox::Mail;
use wire::Locale;

/// The mail that carries a verification link. `id` is the row's id.
pub fn verification(id: u64, user: &User, locale: Locale, link: &str) -> Result<Mail, RenderError> {
    let words = Words::from([
        ("user.username".to_owned(), user.username.clone()),
        ("link.url".to_owned(), link.to_owned()),
    ]);
    let mail = render(Template::Verification, locale, &words, None)?;
    Ok(Mail {
        id,
        to: user.email.clone(),
        subject: mail.subject,
        text: mail.text,
        html: Some(mail.html),
        created_at: user.created_at,
    })
}

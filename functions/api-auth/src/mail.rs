//! Account mails: which template, which facts.

use domain::account::User;
use domain::notice::Words;
use domain::time::Timestamp;
use mail::Template;
use runtime::settings::Values;
use std::sync::Arc;
use store::StoreError;
use store::outbox::Mail;
use web::ClientInfo;
use wire::Locale;

/// What every account mail has.
#[derive(Clone)]
pub struct Stamp<'a> {
    /// Row id.
    pub id: u64,
    /// When it was caused.
    pub now: Timestamp,
    /// Where the installation is reached.
    pub base_url: &'a str,
    /// Settings, with the words that replace the built-in ones.
    pub settings: Arc<Values>,
}

/// Language a user reads.
pub fn locale_of(user: &User) -> Locale {
    Locale::negotiate(Some(&user.locale))
}

fn mail(
    stamp: &Stamp<'_>,
    template: Template,
    (user, to): (&User, &str),
    facts: &[(&str, &str)],
) -> Result<Mail, StoreError> {
    let mut words = Words::from([("user.username".to_owned(), user.username.clone())]);
    let facts = facts.iter();
    words.extend(facts.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let locale = locale_of(user);
    let out = stamp.settings.filled(template, locale, &words);
    let out = out.map_err(|error| StoreError::Failed(format!("account mail: {error:?}")))?;
    Ok(Mail {
        id: stamp.id,
        to: to.to_owned(),
        subject: out.subject,
        text: out.text,
        html: Some(out.html),
        created_at: stamp.now,
    })
}

/// The mail that carries a verification link.
pub fn verification(stamp: &Stamp<'_>, user: &User, link: &str) -> Result<Mail, StoreError> {
    let to = (user, user.email.as_str());
    mail(stamp, Template::Verification, to, &[("link.url", link)])
}

/// The mail that carries a link to set a new password.
pub fn reset(stamp: &Stamp<'_>, user: &User, link: &str) -> Result<Mail, StoreError> {
    let to = (user, user.email.as_str());
    mail(stamp, Template::PasswordReset, to, &[("link.url", link)])
}

/// The mail that tells of a new password.
pub fn password_changed(stamp: &Stamp<'_>, user: &User) -> Result<Mail, StoreError> {
    let at = stamp.now.to_text();
    let link = format!("{}/forgot-password", stamp.base_url);
    let facts = [("login.time", at.as_str()), ("link.url", link.as_str())];
    let to = (user, user.email.as_str());
    mail(stamp, Template::PasswordChanged, to, &facts)
}

/// The mail to a new address that carries the link which makes it the user's.
pub fn email_change(
    stamp: &Stamp<'_>,
    user: &User,
    to: &str,
    link: &str,
) -> Result<Mail, StoreError> {
    let facts = [("link.url", link)];
    mail(stamp, Template::EmailChange, (user, to), &facts)
}

/// The mail to the old address that tells where the account went.
pub fn email_changed(stamp: &Stamp<'_>, user: &User, old: &str) -> Result<Mail, StoreError> {
    let facts = [
        ("user.email", user.email.as_str()),
        ("link.url", stamp.base_url),
    ];
    mail(stamp, Template::EmailChanged, (user, old), &facts)
}

/// The mail that tells of a login from somewhere new.
pub fn new_place(stamp: &Stamp<'_>, user: &User, client: &ClientInfo) -> Result<Mail, StoreError> {
    let at = stamp.now.to_text();
    let link = format!("{}/settings", stamp.base_url);
    let facts = [
        ("login.time", at.as_str()),
        ("login.ip", client.ip.as_deref().unwrap_or("?")),
        (
            "login.user_agent",
            client.user_agent.as_deref().unwrap_or("?"),
        ),
        ("link.url", link.as_str()),
    ];
    let to = (user, user.email.as_str());
    mail(stamp, Template::NewLocation, to, &facts)
}

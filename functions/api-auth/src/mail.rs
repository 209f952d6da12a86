//! The words of account mails.

use domain::account::User;
use store::outbox::Mail;
use wire::Locale;

/// The mail that carries a verification link. `id` is the row's id.
pub fn verification(id: u64, user: &User, locale: Locale, link: &str) -> Mail {
    let name = &user.username;
    let (subject, text) = match locale {
        Locale::English => (
            "Argus: confirm your e-mail address".to_owned(),
            format!(
                "Hello {name},\n\nplease confirm that this is your address by opening\n\n{link}\n\n\
                 The link works for a limited time and only once. If you did not register, ignore this mail.\n"
            ),
        ),
        Locale::Chinese => (
            "Argus：请验证您的邮箱".to_owned(),
            format!(
                "{name}，您好：\n\n请打开以下链接验证您的邮箱：\n\n{link}\n\n\
                 链接有时效且只能使用一次。如果不是您本人注册，请忽略此邮件。\n"
            ),
        ),
    };
    Mail {
        id,
        to: user.email.clone(),
        subject,
        text,
        html: None,
        created_at: user.created_at,
    }
}

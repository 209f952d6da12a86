//! The words of account mails.

use domain::account::User;
use domain::time::Timestamp;
use store::outbox::Mail;
use web::ClientInfo;
use wire::Locale;

/// Id and time of a mail's row.
#[derive(Clone, Copy)]
pub struct Stamp {
    /// Row id.
    pub id: u64,
    /// When it was caused.
    pub now: Timestamp,
}

/// Subject and text in a language.
type Words = (&'static str, String);

/// Language a user reads.
pub fn locale_of(user: &User) -> Locale {
    Locale::negotiate(Some(&user.locale))
}

fn mail(stamp: Stamp, to: &str, (subject, text): Words) -> Mail {
    Mail {
        id: stamp.id,
        to: to.to_owned(),
        subject: subject.to_owned(),
        text,
        html: None,
        created_at: stamp.now,
    }
}

/// The mail that carries a verification link.
pub fn verification(stamp: Stamp, user: &User, link: &str) -> Mail {
    let name = &user.username;
    let words = match locale_of(user) {
        Locale::English => (
            "Argus: confirm your e-mail address",
            format!(
                "Hello {name},\n\nplease confirm that this is your address by opening\n\n{link}\n\n\
                 The link works for a limited time and only once. If you did not register, ignore this mail.\n"
            ),
        ),
        Locale::Chinese => (
            "Argus：请验证您的邮箱",
            format!(
                "{name}，您好：\n\n请打开以下链接验证您的邮箱：\n\n{link}\n\n\
                 链接有时效且只能使用一次。如果不是您本人注册，请忽略此邮件。\n"
            ),
        ),
    };
    mail(stamp, &user.email, words)
}

/// The mail that carries a link to set a new password.
pub fn reset(stamp: Stamp, user: &User, link: &str) -> Mail {
    let name = &user.username;
    let words = match locale_of(user) {
        Locale::English => (
            "Argus: set a new password",
            format!(
                "Hello {name},\n\nsomebody, hopefully you, asked for a new password. To set one, open\n\n{link}\n\n\
                 The link works for a few minutes and only once. If it was not you, ignore this mail: \
                 your password stays as it is.\n"
            ),
        ),
        Locale::Chinese => (
            "Argus：重置您的密码",
            format!(
                "{name}，您好：\n\n有人（希望是您本人）请求重置密码。请打开以下链接设置新密码：\n\n{link}\n\n\
                 链接数分钟内有效且只能使用一次。如果不是您本人操作，请忽略此邮件，密码不会改变。\n"
            ),
        ),
    };
    mail(stamp, &user.email, words)
}

/// The mail that tells of a new password.
pub fn password_changed(stamp: Stamp, user: &User) -> Mail {
    let name = &user.username;
    let words = match locale_of(user) {
        Locale::English => (
            "Argus: your password was changed",
            format!(
                "Hello {name},\n\nyour password was just changed, and all other sessions were ended.\n\n\
                 If it was not you, ask for a password reset at once and check your API tokens.\n"
            ),
        ),
        Locale::Chinese => (
            "Argus：您的密码已更改",
            format!(
                "{name}，您好：\n\n您的密码刚刚被更改，其他会话均已结束。\n\n\
                 如果不是您本人操作，请立即重置密码并检查您的 API 令牌。\n"
            ),
        ),
    };
    mail(stamp, &user.email, words)
}

/// The mail to a new address that carries the link which makes it the user's.
pub fn email_change(stamp: Stamp, user: &User, to: &str, link: &str) -> Mail {
    let name = &user.username;
    let words = match locale_of(user) {
        Locale::English => (
            "Argus: confirm your new e-mail address",
            format!(
                "Hello {name},\n\nto make this the address of your account, open\n\n{link}\n\n\
                 The link works for a limited time and only once. If you did not ask for this, ignore this mail.\n"
            ),
        ),
        Locale::Chinese => (
            "Argus：请确认您的新邮箱",
            format!(
                "{name}，您好：\n\n请打开以下链接，将此邮箱设为您的账户邮箱：\n\n{link}\n\n\
                 链接有时效且只能使用一次。如果不是您本人操作，请忽略此邮件。\n"
            ),
        ),
    };
    mail(stamp, to, words)
}

/// The mail to the old address that tells where the account went.
pub fn email_changed(stamp: Stamp, user: &User, old: &str) -> Mail {
    let (name, new) = (&user.username, &user.email);
    let words = match locale_of(user) {
        Locale::English => (
            "Argus: the address of your account was changed",
            format!(
                "Hello {name},\n\nmails of your account now go to {new}.\n\n\
                 If it was not you, tell your administrator.\n"
            ),
        ),
        Locale::Chinese => (
            "Argus：您的账户邮箱已更改",
            format!(
                "{name}，您好：\n\n您账户的邮件今后将发送至 {new}。\n\n如果不是您本人操作，请联系管理员。\n"
            ),
        ),
    };
    mail(stamp, old, words)
}

/// The mail that tells of a login from somewhere new.
pub fn new_place(stamp: Stamp, user: &User, client: &ClientInfo) -> Mail {
    let name = &user.username;
    let at = stamp.now.to_text();
    let ip = client.ip.as_deref().unwrap_or("?");
    let agent = client.user_agent.as_deref().unwrap_or("?");
    let words = match locale_of(user) {
        Locale::English => (
            "New sign-in to your account",
            format!(
                "Hello {name},\n\nsomebody signed in to your Argus account from a place we had not seen before:\n\n\
                 time: {at}\naddress: {ip}\nbrowser: {agent}\n\n\
                 If it was not you, change your password; that ends all other sessions.\n"
            ),
        ),
        Locale::Chinese => (
            "您的账户有新的登录",
            format!(
                "{name}，您好：\n\n有人从新的位置登录了您的 Argus 账户：\n\n\
                 时间：{at}\n地址：{ip}\n浏览器：{agent}\n\n\
                 如果不是您本人，请立即修改密码，其他会话将随之结束。\n"
            ),
        ),
    };
    mail(stamp, &user.email, words)
}

//! `/api/admin/email/smtp`: the mail server, as one form over the settings of the group `smtp`.

use crate::change_settings::{MASK, change};
use axum::Json;
use axum::extract::State;
use domain::bucket;
use domain::time::Timestamp;
use mail::{Outgoing, SendError, Sender, Smtp, SmtpSettings};
use runtime::settings::Values;
use runtime::{Services, entropy};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::Duration;
use utoipa::ToSchema;
use web::{Admin, ApiError, ApiResult, Body, ClientInfo, Deed, quota};
use wire::Code;

/// Group of the settings.
const GROUP: &str = "smtp";
/// Longest a test may take.
const TEST: Duration = Duration::from_secs(10);

/// The mail server in use.
#[derive(Debug, Serialize, ToSchema)]
pub struct SmtpConfigOut {
    /// Mails leave through it.
    pub enabled: bool,
    /// Host.
    pub smtp_host: Option<String>,
    /// Port.
    pub smtp_port: u64,
    /// User.
    pub smtp_username: Option<String>,
    /// Always `***`.
    pub smtp_password: &'static str,
    /// Address mails come from.
    pub smtp_from_address: Option<String>,
    /// Name beside it.
    pub smtp_from_name: Option<String>,
    /// Refuse to go on without encryption.
    pub use_tls: bool,
    /// Begin encrypted.
    pub use_ssl: bool,
    /// When one of these was set last.
    pub updated_at: Option<String>,
    /// Who did.
    pub updated_by_user_id: Option<u64>,
}

/// A mail server.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SmtpConfigIn {
    #[serde(default)]
    enabled: bool,
    #[serde(default)]
    smtp_host: Option<String>,
    #[serde(default = "usual_port")]
    smtp_port: u64,
    #[serde(default)]
    smtp_username: Option<String>,
    /// `***` or nothing keeps the stored one.
    #[serde(default)]
    smtp_password: Option<String>,
    #[serde(default)]
    smtp_from_address: Option<String>,
    #[serde(default)]
    smtp_from_name: Option<String>,
    #[serde(default = "yes")]
    use_tls: bool,
    #[serde(default)]
    use_ssl: bool,
}

fn usual_port() -> u64 {
    587
}

fn yes() -> bool {
    true
}

fn view(values: &Values) -> SmtpConfigOut {
    let get = |key| values.get(GROUP, key).1;
    let text = |key| {
        let text = get(key).as_str().unwrap_or_default().to_owned();
        Some(text).filter(|text| !text.is_empty())
    };
    let from = values.mail.from.as_str();
    let (name, address) = match from.split_once('<') {
        Some((name, address)) => (name.trim(), address.trim_end_matches('>')),
        None => ("", from),
    };
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let stored = values.stored().values.iter();
    let ours = stored.filter(|(name, _)| name.starts_with("smtp/"));
    let last = ours.map(|(_, s)| (s.updated_at, s.updated_by)).max();
    SmtpConfigOut {
        enabled: values.mail.smtp.is_some(),
        smtp_host: text("host"),
        smtp_port: get("port").as_u64().unwrap_or_default(),
        smtp_username: text("user"),
        smtp_password: MASK,
        smtp_from_address: some(address),
        smtp_from_name: some(name.trim_matches('"')),
        use_tls: get("use_tls") == true,
        use_ssl: get("use_ssl") == true,
        updated_at: last.map(|(at, _)| at).map(Timestamp::to_text),
        updated_by_user_id: last.map(|(_, by)| by),
    }
}

/// Shows the mail server in use, wherever it was set.
#[utoipa::path(get, path = "/api/admin/email/smtp", tag = "admin",
    responses((status = 200, body = SmtpConfigOut), (status = 403, description = "not an administrator")))]
pub async fn show_smtp(
    State(services): State<Services>,
    _: Admin,
) -> ApiResult<Json<SmtpConfigOut>> {
    let now = services.clock.now();
    let values = services.settings.look(&services.store, now).await?;
    Ok(Json(view(&values)))
}

/// Sets the mail server; mails that wait leave through it within seconds.
#[utoipa::path(put, path = "/api/admin/email/smtp", tag = "admin", request_body = SmtpConfigIn,
    responses((status = 200, body = SmtpConfigOut), (status = 403, description = "not an administrator"),
        (status = 422, description = "invalid input")))]
pub async fn save_smtp(
    State(services): State<Services>,
    Admin(admin): Admin,
    client: ClientInfo,
    Body(wish): Body<SmtpConfigIn>,
) -> ApiResult<Json<SmtpConfigOut>> {
    let by = admin.user.id;
    let deed = Deed::new("system_config_set", "system_config", GROUP).with("group", GROUP);
    let row = deed.row(&services, &by, &client)?;
    let address = wish.smtp_from_address.clone().unwrap_or_default();
    let from = match wish.smtp_from_name.as_deref().map(str::trim) {
        Some(name) if !name.is_empty() => format!("\"{}\" <{address}>", name.replace('"', "")),
        _ => address.clone(),
    };
    if !address.is_empty() {
        check_from(&from)?;
    }
    let text = |text: &Option<String>| json!(text.as_deref().unwrap_or_default().trim());
    let values = change(&services, by, |draft| {
        let mut set = |key, value: &Value| draft.set((GROUP, key), value, false, None);
        set("enabled", &json!(wish.enabled))?;
        set("host", &text(&wish.smtp_host))?;
        set("port", &json!(wish.smtp_port))?;
        set("user", &text(&wish.smtp_username))?;
        set("use_tls", &json!(wish.use_tls))?;
        set("use_ssl", &json!(wish.use_ssl))?;
        let password = wish.smtp_password.as_deref();
        if let Some(password) = password.filter(|password| *password != MASK) {
            set("password", &json!(password))?;
        }
        match address.is_empty() {
            true => _ = draft.unset(GROUP, "from"),
            false => set("from", &json!(from))?,
        }
        Ok(vec![row.clone()])
    });
    Ok(Json(view(&*values.await?)))
}

fn check_from(from: &str) -> ApiResult<()> {
    let refuse = |e: SendError| ApiError::with(Code::ConfigValueInvalid, ["smtp/from", &e.text]);
    Sender::parse(from).map(|_| ()).map_err(refuse)
}

/// A mail server to try.
#[derive(Deserialize, ToSchema)]
pub struct SmtpTestIn {
    #[serde(alias = "smtp_host")]
    host: String,
    #[serde(default = "usual_port", alias = "smtp_port")]
    port: u64,
    #[serde(default, alias = "smtp_username")]
    username: Option<String>,
    /// `***` or nothing: the stored one, if host and user are those in use.
    #[serde(default, alias = "smtp_password")]
    password: Option<String>,
    #[serde(default = "yes")]
    use_tls: bool,
    #[serde(default)]
    use_ssl: bool,
    #[serde(alias = "smtp_from_address")]
    from_addr: String,
}

/// What came of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct SmtpTestOut {
    /// The server took the mail.
    pub ok: bool,
    /// `sent`.
    pub message: Option<&'static str>,
    /// Why not; never holds the password.
    pub error: Option<String>,
}

/// Sends a mail to the administrator's own address through a server that need not be saved.
#[utoipa::path(post, path = "/api/admin/email/smtp/test", tag = "admin", request_body = SmtpTestIn,
    responses((status = 200, body = SmtpTestOut), (status = 403, description = "not an administrator, or not an allowed host"),
        (status = 422, description = "invalid input"), (status = 429, description = "too often, see Retry-After")))]
pub async fn test_smtp(
    State(services): State<Services>,
    Admin(admin): Admin,
    client: ClientInfo,
    Body(wish): Body<SmtpTestIn>,
) -> ApiResult<Json<SmtpTestOut>> {
    let invalid = |what: &str, msg: &str| ApiError::with(Code::ConfigValueInvalid, [what, msg]);
    let port = u16::try_from(wish.port).ok().filter(|port| *port > 0);
    let port = port.ok_or_else(|| invalid("port", "must be from 1 to 65535"))?;
    let host = wish.host.trim().to_lowercase();
    if host.is_empty() || host.len() > 255 {
        return Err(invalid("host", "must have 1 to 255 characters"));
    }
    check_from(&wish.from_addr)?;
    let allowed = &services.config.smtp_hosts;
    if !allowed.is_empty() && !allowed.contains(&host) {
        return Err(ApiError::new(Code::SmtpHostForbidden));
    }
    let by = admin.user.id;
    quota::take(&services, bucket::SMTP_TEST, by).await?;
    let settings = SmtpSettings {
        password: password(&services, &wish, &host).await?,
        user: wish.username.unwrap_or_default(),
        host,
        port,
        use_tls: wish.use_tls,
        use_ssl: wish.use_ssl,
    };
    let sent = send(&services, &settings, &wish.from_addr, &admin.user.email).await;
    let deed = Deed::new("smtp_test", "smtp", &settings.host).with("port", port);
    let deed = match &sent {
        Ok(()) => deed.with("result", "ok"),
        Err(e) => deed.with("result", "failed").with("reason", &e.text),
    };
    deed.note(&services, &by, &client).await;
    Ok(Json(SmtpTestOut {
        ok: sent.is_ok(),
        message: sent.is_ok().then_some("sent"),
        error: sent.err().map(|e| e.text),
    }))
}

/// The password to test with. The stored one goes to nobody but the server it was set for.
async fn password(services: &Services, wish: &SmtpTestIn, host: &str) -> ApiResult<String> {
    let given = wish
        .password
        .as_deref()
        .filter(|password| *password != MASK);
    if let Some(given) = given {
        return Ok(given.to_owned());
    }
    let values = services.settings().await?;
    let user = wish.username.as_deref().unwrap_or_default();
    let known = values.mail.smtp.as_ref().filter(|smtp| {
        smtp.host.to_lowercase() == host && u64::from(smtp.port) == wish.port && smtp.user == user
    });
    Ok(known.map(|smtp| smtp.password.clone()).unwrap_or_default())
}

async fn send(
    services: &Services,
    settings: &SmtpSettings,
    from: &str,
    to: &str,
) -> Result<(), SendError> {
    let now = services.clock.now();
    let mail = Outgoing {
        id: entropy::new_id(now),
        at: now,
        to,
        subject: "Argus: test / 测试",
        text: "This mail server works. / 邮件服务器工作正常。\n",
        html: None,
        unsubscribe: None,
    };
    let message = mail.build(&Sender::parse(from)?)?;
    let smtp = Smtp::new(settings)?;
    let sent = tokio::time::timeout(TEST, smtp.send(message)).await;
    sent.unwrap_or_else(|_| Err(SendError::passing("no answer in time")))
}

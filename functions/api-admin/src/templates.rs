//! `/api/admin/email/templates`: the words of mails, each in every language.

use crate::change_settings::change;
use axum::Json;
use axum::extract::State;
use domain::account::UserId;
use domain::notice::Words;
use domain::time::Timestamp;
use mail::{Override, RenderError, Template, render};
use runtime::Services;
use runtime::settings::Values;
use serde::{Deserialize, Serialize};
use store::mail_templates::{StoredTemplate, template_removal, template_write};
use store::table::Write;
use utoipa::ToSchema;
use web::{Admin, ApiError, ApiResult, Body, ClientInfo, Deed, PathParams};
use wire::{Code, Locale};

/// Languages, in the order of ids.
const LOCALES: [Locale; 2] = [Locale::English, Locale::Chinese];
/// Longest text, in bytes.
const TEXT_BYTES: usize = 64 * 1024;

/// The words of a mail in a language.
#[derive(Debug, Serialize, ToSchema)]
pub struct EmailTemplateOut {
    /// Id.
    pub id: u64,
    /// Which mail.
    pub event_type: &'static str,
    /// Language.
    pub locale: &'static str,
    /// Subject.
    pub subject: String,
    /// HTML; empty for built-in words, whose HTML is made from the text.
    pub body_html: String,
    /// Plain text.
    pub body_text: String,
    /// These are the built-in words.
    pub is_system: bool,
    /// When somebody wrote them.
    pub updated_at: Option<String>,
    /// Who did.
    pub updated_by_user_id: Option<u64>,
}

/// Own words.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EmailTemplateUpdateIn {
    subject: String,
    body_html: String,
    body_text: String,
}

/// A mail as it would leave.
#[derive(Debug, Serialize, ToSchema)]
pub struct EmailTemplatePreviewOut {
    /// Subject.
    pub subject: String,
    /// HTML.
    pub body_html: String,
    /// Plain text.
    pub body_text: String,
}

/// A template in a language.
#[derive(Clone, Copy)]
struct Place {
    id: u64,
    template: Template,
    locale: Locale,
}

fn places() -> impl Iterator<Item = Place> {
    let pairs = Template::all().into_iter();
    let pairs = pairs.flat_map(|template| LOCALES.map(|locale| (template, locale)));
    pairs.zip(1..).map(|((template, locale), id)| Place {
        id,
        template,
        locale,
    })
}

fn find(path: &PathParams) -> ApiResult<Place> {
    let id = path.integer(0, "template_id")?;
    let found = places().find(|place| place.id == id);
    found.ok_or_else(|| ApiError::new(Code::TemplateNotFound))
}

fn view(values: &Values, place: Place) -> EmailTemplateOut {
    let (event_type, locale) = (place.template.as_str(), place.locale.as_str());
    let own = values.template(event_type, locale);
    let (subject, text) = place.template.words(place.locale);
    EmailTemplateOut {
        id: place.id,
        event_type,
        locale,
        subject: own.map_or_else(|| subject.to_owned(), |own| own.subject.clone()),
        body_html: own.map(|own| own.html.clone()).unwrap_or_default(),
        body_text: own.map_or_else(|| text.to_owned(), |own| own.text.clone()),
        is_system: own.is_none(),
        updated_at: own.map(|own| own.updated_at).map(Timestamp::to_text),
        updated_by_user_id: own.map(|own| own.updated_by),
    }
}

/// Lists every template in every language.
#[utoipa::path(get, path = "/api/admin/email/templates", tag = "admin",
    responses((status = 200, body = [EmailTemplateOut]), (status = 403, description = "not an administrator")))]
pub async fn list_templates(
    State(services): State<Services>,
    _: Admin,
) -> ApiResult<Json<Vec<EmailTemplateOut>>> {
    let values = services.settings().await?;
    let mut rows: Vec<_> = places().map(|place| view(&values, place)).collect();
    rows.sort_by_key(|row| (row.event_type, row.locale));
    Ok(Json(rows))
}

/// Shows a template.
#[utoipa::path(get, path = "/api/admin/email/templates/{template_id}", tag = "admin",
    params(("template_id" = u64, Path)),
    responses((status = 200, body = EmailTemplateOut), (status = 403, description = "not an administrator"),
        (status = 404, description = "no such template")))]
pub async fn show_template(
    State(services): State<Services>,
    _: Admin,
    path: PathParams,
) -> ApiResult<Json<EmailTemplateOut>> {
    let place = find(&path)?;
    Ok(Json(view(&*services.settings().await?, place)))
}

/// Puts own words in the place of the built-in ones; mails use them within seconds. Words that
/// cannot be filled are refused.
#[utoipa::path(put, path = "/api/admin/email/templates/{template_id}", tag = "admin",
    params(("template_id" = u64, Path)), request_body = EmailTemplateUpdateIn,
    responses((status = 200, body = EmailTemplateOut), (status = 400, description = "cannot be filled"),
        (status = 403, description = "not an administrator"), (status = 404, description = "no such template"),
        (status = 422, description = "too long")))]
pub async fn edit_template(
    State(services): State<Services>,
    Admin(admin): Admin,
    client: ClientInfo,
    path: PathParams,
    Body(wish): Body<EmailTemplateUpdateIn>,
) -> ApiResult<Json<EmailTemplateOut>> {
    let place = find(&path)?;
    let texts = [&wish.subject, &wish.body_html, &wish.body_text];
    if texts.iter().map(|text| text.len()).sum::<usize>() > TEXT_BYTES {
        let msg = format!("at most {TEXT_BYTES} bytes");
        return Err(ApiError::with(Code::ConfigValueInvalid, ["template", &msg]));
    }
    let own = Override {
        subject: wish.subject.clone(),
        text: wish.body_text.clone(),
        html: wish.body_html.clone(),
    };
    render(place.template, place.locale, &sample(), Some(&own)).map_err(unfit)?;
    let by = admin.user.id;
    let write = template_write(&StoredTemplate {
        template: place.template.as_str().to_owned(),
        locale: place.locale.as_str().to_owned(),
        subject: wish.subject,
        text: wish.body_text,
        html: wish.body_html,
        updated_at: services.clock.now(),
        updated_by: by,
    })?;
    store(&services, &client, by, place, "email_template_set", write).await
}

/// Brings the built-in words back.
#[utoipa::path(post, path = "/api/admin/email/templates/{template_id}/reset", tag = "admin",
    params(("template_id" = u64, Path)),
    responses((status = 200, body = EmailTemplateOut), (status = 403, description = "not an administrator"),
        (status = 404, description = "no such template")))]
pub async fn reset_template(
    State(services): State<Services>,
    Admin(admin): Admin,
    client: ClientInfo,
    path: PathParams,
) -> ApiResult<Json<EmailTemplateOut>> {
    let place = find(&path)?;
    let write = template_removal(place.template.as_str(), place.locale.as_str());
    let by = admin.user.id;
    store(&services, &client, by, place, "email_template_reset", write).await
}

/// Shows a mail as it would leave, about a made-up batch.
#[utoipa::path(post, path = "/api/admin/email/templates/{template_id}/preview", tag = "admin",
    params(("template_id" = u64, Path)),
    responses((status = 200, body = EmailTemplatePreviewOut), (status = 400, description = "cannot be filled"),
        (status = 403, description = "not an administrator"), (status = 404, description = "no such template")))]
pub async fn preview(
    State(services): State<Services>,
    _: Admin,
    path: PathParams,
) -> ApiResult<Json<EmailTemplatePreviewOut>> {
    let Place {
        template, locale, ..
    } = find(&path)?;
    let values = services.settings().await?;
    let own = values.template(template.as_str(), locale.as_str());
    let own = own.map(|own| Override {
        subject: own.subject.clone(),
        text: own.text.clone(),
        html: own.html.clone(),
    });
    let out = render(template, locale, &sample(), own.as_ref()).map_err(unfit)?;
    Ok(Json(EmailTemplatePreviewOut {
        subject: out.subject,
        body_html: out.html,
        body_text: out.text,
    }))
}

fn unfit(problem: RenderError) -> ApiError {
    ApiError::with(Code::TemplateInvalid, [problem])
}

/// Stores a change. It moves the revision of the settings, by which every instance notices.
async fn store(
    services: &Services,
    client: &ClientInfo,
    by: UserId,
    place: Place,
    action: &'static str,
    write: Write,
) -> ApiResult<Json<EmailTemplateOut>> {
    let id = format!("{}/{}", place.template.as_str(), place.locale.as_str());
    let row = Deed::new(action, "email_template", id).row(services, &by, client)?;
    let values = change(services, by, |_| Ok(vec![write.clone(), row.clone()]));
    Ok(Json(view(&*values.await?, place)))
}

/// Words of a made-up mail: every object any template may mention.
fn sample() -> Words {
    [
        ("user.username", "alice"),
        ("user.email", "alice@example.com"),
        ("batch.id", "bench-sample"),
        ("batch.name", "bench-sample"),
        ("batch.project", "demo"),
        ("batch.status", "done"),
        ("batch.host", "gpu-1"),
        ("batch.n_done", "8"),
        ("batch.n_failed", "1"),
        ("job.id", "job-001"),
        ("job.model", "model"),
        ("job.dataset", "dataset"),
        ("job.status", "failed"),
        ("job.error", "out of memory"),
        ("idle.minutes", "30"),
        ("idle.since", "2026-01-01T00:00:00Z"),
        ("idle.gpu_hours", "0.5"),
        ("idle.cost", "1.25 USD"),
        ("act.keep_url", "https://argus.example/keep"),
        ("act.stop_url", "https://argus.example/stop"),
        ("stall.minutes", "15"),
        ("stall.since", "2026-01-01T00:00:00Z"),
        ("loss.ratio", "2.00"),
        ("loss.window", "3"),
        ("recovered.reports", "2026-01-01T00:00:00Z"),
        ("memory.line", "CUDA out of memory"),
        ("share.target", "batch bench-sample"),
        ("share.permission", "viewer"),
        ("shared_by.username", "bob"),
        ("agent.name", "gpu-01"),
        ("agent.host", "gpu-01"),
        ("agent.last_seen", "2026-01-01T00:00:00Z"),
        ("agent.runs", "1"),
        ("host.name", "gpu-01"),
        ("host.severity", "critical"),
        ("host.problem", "disk"),
        ("host.description", "/ is 97% full"),
        ("host.action", "clean_disk"),
        ("host.runs", "1"),
        ("login.time", "2026-01-01T00:00:00Z"),
        ("login.ip", "192.0.2.1"),
        ("login.user_agent", "browser"),
        ("notes.count", "2"),
        ("notes.first", "batch bench-sample is done"),
        ("notes.list", "batch bench-sample is done"),
        ("link.url", "https://argus.example/batches/bench-sample"),
        (
            "link.batch_url",
            "https://argus.example/batches/bench-sample",
        ),
        ("link.project_url", "https://argus.example/projects/demo"),
    ]
    .into_iter()
    .map(|(name, word)| (name.to_owned(), word.to_owned()))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_made_up_mail_has_every_word_of_every_template() {
        for place in places() {
            let done = render(place.template, place.locale, &sample(), None);
            assert!(done.is_ok(), "{}: {done:?}", place.template.as_str());
        }
    }
}

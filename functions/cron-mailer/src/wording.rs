//! The words of notices: links, titles, and the lists of mails that tell several.

use crate::taps;
use domain::audience::Collected;
use domain::notice::{Notice, NoticeKind};
use mail::{RenderError, Rendered, Template};
use runtime::settings::Values;
use store::StoreError;
use url::Url;
use wire::Locale;

/// Gate of what waits for a digest.
const DIGEST: &str = "digest";

/// Gate a notice goes through.
pub(crate) fn gate_of(collection: Collected, kind: NoticeKind) -> &'static str {
    match collection {
        Collected::Digest => DIGEST,
        Collected::Kind => kind.as_str(),
    }
}

/// Kind of notices that go through a gate; `None` for the one of digests.
pub(crate) fn kind_of(gate: &str) -> Option<NoticeKind> {
    NoticeKind::parse(gate)
}

/// A notice with the links its texts have.
pub(crate) fn with_links(notice: &Notice, base: &str) -> Notice {
    let mut notice = notice.clone();
    let below = |folder: &str, id: &str| address(base, &[folder, id]);
    let batch = notice.batch_id.as_ref().map(|id| below("batches", id));
    let project = Some(&notice.project).filter(|name| !name.is_empty());
    let project = project.map(|name| below("projects", name));
    let nearest = batch.clone().or_else(|| project.clone());
    for (key, link) in [
        ("link.batch_url", batch),
        ("link.project_url", project),
        ("link.url", nearest.or_else(|| Some(base.to_owned()))),
    ] {
        let link = link.unwrap_or_default();
        notice.words.insert(key.to_owned(), link);
    }
    notice
}

/// An address below the one people reach us at.
pub(crate) fn address(base: &str, parts: &[&str]) -> String {
    let Ok(mut url) = Url::parse(base) else {
        return base.to_owned();
    };
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(parts);
    }
    url.into()
}

/// Title and body of a notice in the web UI, which has a link of its own.
pub(crate) fn shown(
    settings: &Values,
    notice: &Notice,
    locale: &str,
) -> Result<(String, String), StoreError> {
    let mut notice = notice.clone();
    for link in ["link.url", "link.batch_url", taps::KEEP, taps::STOP] {
        notice.words.insert(link.to_owned(), String::new());
    }
    let rendered = one(settings, &notice, Locale::negotiate(Some(locale)))?;
    Ok((rendered.subject, rendered.text.trim().to_owned()))
}

/// A mail that tells `notices` and counts `more`: alone in full, else as a list.
pub(crate) fn told(
    settings: &Values,
    gate: &str,
    (notices, more): (&[Notice], u32),
    locale: Locale,
    base: &str,
) -> Result<Rendered, StoreError> {
    let is_digest = kind_of(gate).is_none();
    if let ([notice], 0, false) = (notices, more, is_digest) {
        return one(settings, &with_links(notice, base), locale);
    }
    let mut list = Vec::with_capacity(notices.len() + 1);
    for notice in notices {
        list.push(line(settings, &with_links(notice, base), locale)?);
    }
    let first = match notices.first() {
        Some(notice) => one(settings, &with_links(notice, base), locale)?.subject,
        None => String::new(),
    };
    if more > 0 {
        list.push(match locale {
            Locale::English => format!("- and {more} more"),
            Locale::Chinese => format!("- 以及另外 {more} 个"),
        });
    }
    let count = notices.len() + usize::try_from(more).unwrap_or(usize::MAX - notices.len());
    let words = [
        ("notes.count", count.to_string()),
        ("notes.first", first),
        ("notes.list", list.join("\n")),
        ("link.url", base.to_owned()),
    ];
    let words = words.map(|(key, text)| (key.to_owned(), text));
    let template = match is_digest {
        true => Template::Digest,
        false => Template::Several,
    };
    settings
        .filled(template, locale, &words.into())
        .map_err(unfilled)
}

fn one(settings: &Values, notice: &Notice, locale: Locale) -> Result<Rendered, StoreError> {
    let template = Template::Event(notice.kind);
    settings
        .filled(template, locale, &notice.words)
        .map_err(unfilled)
}

/// A notice in one line of a list: what, why, where.
fn line(settings: &Values, notice: &Notice, locale: Locale) -> Result<String, StoreError> {
    let word = |key: &str| notice.words.get(key).map_or("", String::as_str);
    let reason = match notice.kind {
        NoticeKind::JobFailed => word("job.error"),
        _ => word("batch.error"),
    };
    let reason = reason.lines().next().unwrap_or_default();
    let mut line = format!("- {}", one(settings, notice, locale)?.subject);
    for part in [reason, word("link.url")] {
        if !part.is_empty() {
            line = format!("{line}\n  {part}");
        }
    }
    Ok(line)
}

fn unfilled(error: RenderError) -> StoreError {
    StoreError::Corrupt(error.to_string())
}

//! From a template and its words to a subject, a text and HTML.
//!
//! `{{object.name}}` is replaced by a word. Words are data: they are escaped in the HTML part, kept
//! to one line in the subject, and a placeholder inside a word is not looked at again.

use crate::template::Template;
use domain::notice::Words;
use std::collections::BTreeSet;
use wire::Locale;

/// Longest word, in characters; longer ones are cut.
const WORD_CHARS: usize = 20_000;
/// Longest subject, in characters.
const SUBJECT_CHARS: usize = 200;

/// A mail's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// One line.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// A whole HTML document.
    pub html: String,
}

/// Words somebody put in the place of a template's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// Subject.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// HTML.
    pub html: String,
}

/// A text that cannot be filled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// A placeholder names an object that this mail does not have.
    #[error("'{0}' is not known here")]
    Unknown(String),
    /// A placeholder does not end.
    #[error("'{{{{' without '}}}}'")]
    Open,
}

/// How words enter a text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Subject,
    Text,
    Html,
}

/// Fills a template, or the words that replace it. A name that is missing in a known object is
/// empty, and a line of the built-in text that has nothing but empty words is left out.
pub fn render(
    template: Template,
    locale: Locale,
    words: &Words,
    replaced: Option<&Override>,
) -> Result<Rendered, RenderError> {
    if let Some(own) = replaced {
        return Ok(Rendered {
            subject: fill(&own.subject, words, Place::Subject)?,
            text: fill(&own.text, words, Place::Text)?,
            html: fill(&own.html, words, Place::Html)?,
        });
    }
    let (subject, text) = template.words(locale);
    let text = without_empty_lines(text, words);
    let subject = fill(subject, words, Place::Subject)?;
    let html = document(&fill(&markup(&text), words, Place::Html)?, locale);
    Ok(Rendered {
        subject,
        text: fill(&text, words, Place::Text)?,
        html,
    })
}

/// Adds the line that says how to end such mails.
pub fn with_unsubscribe(mut rendered: Rendered, locale: Locale, link: &str) -> Rendered {
    let label = match locale {
        Locale::English => "Stop these mails",
        Locale::Chinese => "退订此类邮件",
    };
    rendered.text = format!("{}\n\n-- \n{label}: {link}\n", rendered.text.trim_end());
    let line = format!(
        "<p style=\"color:#888;font-size:12px\"><a href=\"{}\">{label}</a></p>\n",
        escape(link)
    );
    match rendered.html.rfind("</body>") {
        Some(at) => rendered.html.insert_str(at, &line),
        None => rendered.html.push_str(&line),
    }
    rendered
}

fn fill(text: &str, words: &Words, place: Place) -> Result<String, RenderError> {
    let objects: BTreeSet<&str> = words.keys().filter_map(|k| k.split('.').next()).collect();
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}").ok_or(RenderError::Open)?;
        let name = name.trim();
        let object = name.split('.').next().unwrap_or_default();
        if !objects.contains(object) {
            return Err(RenderError::Unknown(name.to_owned()));
        }
        let word = words.get(name).map_or("", String::as_str);
        let word: String = word.chars().take(WORD_CHARS).collect();
        out.push_str(before);
        match place {
            Place::Html => out.push_str(&escape(&word).replace('\n', "<br>")),
            Place::Subject | Place::Text => out.push_str(&word),
        }
        rest = after;
    }
    out.push_str(rest);
    if place == Place::Subject {
        let line: String = out
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        out = line.trim().chars().take(SUBJECT_CHARS).collect();
    }
    Ok(out)
}

fn without_empty_lines(text: &str, words: &Words) -> String {
    let says_nothing = |line: &str| {
        let names: Vec<&str> = line
            .split("{{")
            .skip(1)
            .filter_map(|part| part.split("}}").next())
            .collect();
        let empty = |name: &&str| words.get(name.trim()).is_none_or(|w| w.is_empty());
        !names.is_empty() && names.iter().all(empty)
    };
    let kept: Vec<&str> = text.lines().filter(|line| !says_nothing(line)).collect();
    kept.join("\n") + "\n"
}

/// HTML of a built-in text: a paragraph per paragraph, a link where an address stands.
fn markup(text: &str) -> String {
    let paragraph = |text: &str| {
        let text = linked(&escape(text.trim()));
        format!("<p>{}</p>\n", text.replace('\n', "<br>\n"))
    };
    text.split("\n\n")
        .filter(|part| !part.trim().is_empty())
        .map(paragraph)
        .collect()
}

/// Makes links of the placeholders of addresses.
fn linked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, after)) = after.split_once("}}") else {
            break;
        };
        let is_address = name.starts_with("link.") || name.starts_with("act.");
        out.push_str(before);
        out.push_str(&match is_address {
            true => format!("<a href=\"{{{{{name}}}}}\">{{{{{name}}}}}</a>"),
            false => format!("{{{{{name}}}}}"),
        });
        rest = after;
    }
    out + rest
}

fn document(body: &str, locale: Locale) -> String {
    let lang = locale.as_str();
    format!(
        "<!doctype html>\n<html lang=\"{lang}\"><head><meta charset=\"utf-8\"></head>\n\
         <body style=\"font-family:sans-serif;line-height:1.5\">\n{body}</body></html>\n"
    )
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
#[path = "render_tests.rs"]
mod tests;

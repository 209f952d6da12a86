//! Whether a term holds. What a subject does not have satisfies no comparison, only negations.

use super::{Op, Subject, Term};
use std::cmp::Ordering;

pub(super) fn holds(term: &Term, subject: &Subject<'_>) -> bool {
    match term {
        Term::Word(word) => subject.mentions(word),
        Term::Text(field, op, wanted) => text(*op, &subject.texts(*field), wanted),
        Term::Count(field, op, wanted) => number(*op, subject.count(*field), *wanted),
        Term::Metric(name, op, wanted) => number(*op, subject.metric(name), *wanted),
        Term::Time(field, op, from, to) => {
            let Some(at) = subject.time(*field) else {
                return *op == Op::Not;
            };
            match op {
                Op::Less => at < *from,
                Op::AtMost => at < *to,
                Op::More => at >= *to,
                Op::AtLeast => at >= *from,
                Op::Not => !(*from..*to).contains(&at),
                _ => (*from..*to).contains(&at),
            }
        }
    }
}

fn text(op: Op, texts: &[&str], wanted: &str) -> bool {
    let any = |is: fn(&str, &str) -> bool| texts.iter().any(|text| is(text, wanted));
    match op {
        Op::Same => any(|text, wanted| text == wanted),
        Op::Has => any(contains),
        Op::Lacks => !any(contains),
        Op::Not => !any(matches),
        _ => any(matches),
    }
}

fn contains(text: &str, part: &str) -> bool {
    text.to_lowercase().contains(&part.to_lowercase())
}

/// The same regardless of case, where `*` stands for any characters.
fn matches(text: &str, pattern: &str) -> bool {
    let (text, pattern) = (text.to_lowercase(), pattern.to_lowercase());
    let Some((first, rest)) = pattern.split_once('*') else {
        return text == pattern;
    };
    let Some(mut text) = text.strip_prefix(first) else {
        return false;
    };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        match text.find(part) {
            Some(at) => text = &text[at + part.len()..],
            None => return false,
        }
    }
    text.ends_with(last)
}

fn number(op: Op, is: Option<f64>, wanted: f64) -> bool {
    let Some(order) = is.and_then(|is| is.partial_cmp(&wanted)) else {
        return op == Op::Not;
    };
    match op {
        Op::Less => order == Ordering::Less,
        Op::AtMost => order != Ordering::Greater,
        Op::More => order == Ordering::Greater,
        Op::AtLeast => order != Ordering::Less,
        Op::Not => order != Ordering::Equal,
        _ => order == Ordering::Equal,
    }
}

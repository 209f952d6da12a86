//! The problem registry as it is read: row after row, never more than one in memory, and of a row
//! only the texts that figures are made of. Rows of the first watchdog have the same keys.

use crate::problem::Problem;
use crate::state;
use crate::time::{DAY_S, Stamp};
use memchr::memchr2;
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::VecDeque;
use std::io;
use std::path::Path;

/// The parts of a row that are counted. What a row lacks is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Row<'a> {
    ts: Option<Cow<'a, str>>,
    /// What it is about.
    #[serde(rename = "type")]
    pub kind: Option<Cow<'a, str>>,
    /// How bad.
    pub severity: Option<Cow<'a, str>>,
    /// Action and target.
    pub action_taken: Option<Cow<'a, str>>,
    /// What came of it.
    pub action_result: Option<Cow<'a, str>>,
    /// For people.
    pub description: Option<Cow<'a, str>>,
}

impl<'a> Row<'a> {
    /// Reads a line; `None` when it is no row. Nearly every line is plain and is read where it
    /// lies; the others go through the JSON library, which has the last word.
    #[must_use]
    pub fn read(line: &'a [u8]) -> Option<Self> {
        Self::plain(line).or_else(|| serde_json::from_slice(line).ok())
    }

    /// An object of texts, nulls and lists of texts, without escapes or blanks between them.
    fn plain(line: &'a [u8]) -> Option<Self> {
        // Not `any`: without a way out early it is done many bytes at a time.
        let control = line
            .iter()
            .fold(false, |found, byte| found | (*byte < 0x20));
        if control {
            return None;
        }
        let mut row = Self::default();
        let mut rest = std::str::from_utf8(line).ok()?.strip_prefix('{')?;
        let mut seen = 0_u8;
        loop {
            let (key, after) = text(rest)?;
            let (value, after) = value(after.strip_prefix(':')?)?;
            if let Some((number, place)) = row.place(key) {
                // A key said twice is for the library to judge, as is a list in place of a text.
                if seen & (1 << number) != 0 {
                    return None;
                }
                seen |= 1 << number;
                *place = value?.map(Cow::Borrowed);
            }
            match after.as_bytes() {
                [b',', ..] => rest = &after[1..],
                [b'}'] => return Some(row),
                _ => return None,
            }
        }
    }

    fn place(&mut self, key: &str) -> Option<(u8, &mut Option<Cow<'a, str>>)> {
        match key {
            "ts" => Some((0, &mut self.ts)),
            "type" => Some((1, &mut self.kind)),
            "severity" => Some((2, &mut self.severity)),
            "action_taken" => Some((3, &mut self.action_taken)),
            "action_result" => Some((4, &mut self.action_result)),
            "description" => Some((5, &mut self.description)),
            _ => None,
        }
    }
}

/// A text without escapes at the beginning of `from`, and what follows it.
fn text(from: &str) -> Option<(&str, &str)> {
    let inside = from.strip_prefix('"')?;
    let end = memchr2(b'"', b'\\', inside.as_bytes())?;
    let after = inside[end..].strip_prefix('"')?;
    Some((&inside[..end], after))
}

/// A value at the beginning of `from`, and what follows it. The value is `None` for a list, which
/// none of the parts of a row is.
fn value(from: &str) -> Option<(Option<Option<&str>>, &str)> {
    if let Some(after) = from.strip_prefix("null") {
        return Some((Some(None), after));
    }
    let Some(mut rest) = from.strip_prefix('[') else {
        return text(from).map(|(value, after)| (Some(Some(value)), after));
    };
    if let Some(after) = rest.strip_prefix(']') {
        return Some((None, after));
    }
    loop {
        let (_, after) = text(rest)?;
        match after.as_bytes().first()? {
            b',' => rest = &after[1..],
            b']' => return Some((None, &after[1..])),
            _ => return None,
        }
    }
}

/// Calls `each` with every row of the last `days` before `now`, oldest first. Returns the beginning
/// of that time and how many lines were no rows. A row that does not say when counts as from 1970.
pub fn each(
    problems: &Path,
    now: Stamp,
    days: u64,
    mut each: impl FnMut(&Row<'_>, Stamp),
) -> io::Result<(Stamp, u64)> {
    let from = Stamp(now.0 - days.cast_signed().saturating_mul(DAY_S));
    let unreadable = state::rows(problems, |line| {
        let Some(row) = Row::read(line) else {
            return false;
        };
        let at = row.ts.as_deref().and_then(Stamp::parse).unwrap_or_default();
        if at >= from {
            each(&row, at);
        }
        true
    })?;
    Ok((from, unreadable))
}

/// The last `most` rows, oldest first, whole.
pub fn last(
    problems: &Path,
    most: usize,
    keep: impl Fn(&Problem) -> bool,
) -> io::Result<Vec<Problem>> {
    let mut found = VecDeque::with_capacity(most.min(1000));
    state::rows(problems, |line| {
        let Some(row) = whole(line) else {
            return false;
        };
        if keep(&row) && most > 0 {
            if found.len() == most {
                found.pop_front();
            }
            found.push_back(row);
        }
        true
    })?;
    Ok(found.into())
}

/// A row of ours, or of the first watchdog, which lacks the keys behind the eighth.
fn whole(line: &[u8]) -> Option<Problem> {
    use serde_json::{Map, Value, json};
    if let Ok(row) = serde_json::from_slice(line) {
        return Some(row);
    }
    let old: Map<String, Value> = serde_json::from_slice(line).ok()?;
    let mut row = Map::from_iter([
        ("ts".to_owned(), json!("1970-01-01T00:00:00Z")),
        ("severity".to_owned(), json!("info")),
        ("type".to_owned(), json!("process")),
        ("description".to_owned(), json!("")),
        ("action_taken".to_owned(), json!("")),
        ("action_result".to_owned(), json!("skipped")),
        ("bead_id".to_owned(), Value::Null),
        ("host".to_owned(), json!("")),
        ("id".to_owned(), json!("")),
        ("key".to_owned(), json!("")),
        ("origin".to_owned(), json!("")),
        ("reason".to_owned(), json!("")),
        ("verdict".to_owned(), json!("")),
    ]);
    row.extend(old);
    serde_json::from_value(Value::Object(row)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn by_library(line: &[u8]) -> Option<Row<'_>> {
        serde_json::from_slice(line).ok()
    }

    #[test]
    fn plain_rows_are_read_where_they_lie() {
        let line = "{\"ts\":\"2026-02-20T13:10:00Z\",\"type\":\"disk\",\"description\":\"größer\",\
                    \"bead_id\":null,\"runs\":[\"a\",\"b\"],\"more\":[]}";
        let row = Row::plain(line.as_bytes()).expect("plain");
        assert_eq!(Some(&row), by_library(line.as_bytes()).as_ref());
        assert!(matches!(row.description, Some(Cow::Borrowed("größer"))));
    }

    #[test]
    fn the_short_way_never_differs_from_the_library() {
        for line in [
            "{}",
            "{\"ts\":null}",
            "{\"ts\":[]}",
            "{\"ts\":\"a\",\"ts\":\"b\"}",
            "{\"ts\":null,\"ts\":\"b\"}",
            "{\"type\":\"a\\n\"}",
            "{\"type\":\"a\nb\"}",
            "{\"x\":{\"type\":\"inner\"},\"type\":\"outer\"}",
            "{\"x\":[1],\"type\":\"disk\"}",
            "{\"x\":nullx}",
            "{\"x\":\"y\"}}",
            "{\"x\":\"y\",}",
            "[]",
            "\"ts\"",
        ] {
            let line = line.as_bytes();
            assert_eq!(Row::read(line), by_library(line), "{line:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_the_line_holds(
            pieces in proptest::collection::vec(
                prop_oneof![
                    Just("{"), Just("}"), Just("["), Just("]"), Just(","), Just(":"), Just("\""),
                    Just("\"ts\""), Just("\"type\""), Just("null"), Just("\\"), Just(" "), Just("é"), Just("1"),
                ],
                0..14,
            )
        ) {
            let line = pieces.concat();
            for line in [line.clone(), format!("{{{line}}}")] {
                prop_assert_eq!(Row::read(line.as_bytes()), by_library(line.as_bytes()));
            }
        }
    }
}

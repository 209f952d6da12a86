//! Labels of batches and jobs, as clients may send them.

use crate::invalid::Invalid;
use domain::limits::{TAG_CHARS, TAGS};
use serde_json::json;
use std::collections::BTreeSet;

/// Trims labels, drops empty ones, and refuses more or longer ones than can be kept. `loc` is
/// where they stand in the request.
pub fn checked(
    tags: impl IntoIterator<Item = String>,
    loc: &[&str],
) -> Result<BTreeSet<String>, Invalid> {
    let trimmed = tags.into_iter().map(|tag| tag.trim().to_owned());
    let tags: BTreeSet<String> = trimmed.filter(|tag| !tag.is_empty()).collect();
    if tags.len() > TAGS {
        let msg = format!("List should have at most {TAGS} items");
        return Err(Invalid::at(loc, "too_long", msg, json!(tags.len())));
    }
    for tag in &tags {
        if tag.chars().count() > TAG_CHARS {
            let msg = format!("String should have at most {TAG_CHARS} characters");
            return Err(Invalid::at(loc, "string_too_long", msg, json!(tag)));
        }
        // Filters take several labels as a comma list.
        if tag.contains(',') {
            let msg = "A tag has no comma";
            return Err(Invalid::at(loc, "value_error", msg, json!(tag)));
        }
    }
    Ok(tags)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_trimmed_and_bounded() {
        let check = |tags: Vec<String>| checked(tags, &["tags"]).map_err(|problem| problem.rule);
        let texts = |tags: &[&str]| tags.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>();
        let kept = check(texts(&[" b ", "a", "", "b"])).expect("fine");
        assert_eq!(kept.into_iter().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(check(texts(&["a,b"])), Err("value_error"));
        assert_eq!(check(vec!["x".repeat(65)]), Err("string_too_long"));
        let many = (0..33).map(|i| i.to_string()).collect();
        assert_eq!(check(many), Err("too_long"));
    }
}

//! A `Limit` for every Query and Scan.
//!
//! Without one the engine reads the whole rest of a partition for each page and only then cuts
//! it at 1 MB. Callers follow `LastEvaluatedKey` anyway, so a smaller page changes nothing else.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::value::RawValue;

/// Items examined per page when the caller named no number.
pub(crate) const PAGE: u32 = 2000;

/// The body with `Limit` added when `operation` pages and the caller gave none.
///
/// A body that is not a JSON object comes back unchanged: the engine words that refusal.
pub(crate) fn bounded(operation: &str, body: Bytes) -> Bytes {
    if operation != "Query" && operation != "Scan" {
        return body;
    }
    if contains(&body, b"\"Limit\"") && has_limit(&body) {
        return body;
    }
    with_first_member(&body, &format!("\"Limit\":{PAGE}")).unwrap_or(body)
}

/// The body with its `Limit` lowered to `most`.
pub(crate) fn shortened(body: &Bytes, most: u32) -> Bytes {
    let Ok(serde_json::Value::Object(mut members)) = serde_json::from_slice(body) else {
        return body.clone();
    };
    let asked = members.get("Limit").and_then(serde_json::Value::as_u64);
    let limit = asked.map_or(u64::from(most), |asked| asked.min(u64::from(most)));
    members.insert("Limit".to_owned(), limit.into());
    Bytes::from(serde_json::Value::Object(members).to_string())
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack
        .windows(needle.len())
        .any(|window| window == needle)
}

/// Looks at the top level only: an attribute may well be called `Limit`.
fn has_limit(body: &[u8]) -> bool {
    serde_json::from_slice::<BTreeMap<String, &RawValue>>(body)
        .is_ok_and(|members| members.contains_key("Limit"))
}

fn with_first_member(body: &[u8], member: &str) -> Option<Bytes> {
    let open = body.iter().position(|byte| !byte.is_ascii_whitespace())?;
    if body[open] != b'{' {
        return None;
    }
    let rest = &body[open + 1..];
    let empty = rest.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'}');
    let separator: &[u8] = if empty { b"" } else { b"," };
    Some(Bytes::from(
        [b"{", member.as_bytes(), separator, rest].concat(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(body: &'static str) -> String {
        let bounded = bounded("Query", Bytes::from_static(body.as_bytes()));
        String::from_utf8(bounded.to_vec()).expect("utf-8")
    }

    #[test]
    fn a_query_without_limit_gets_one() {
        assert_eq!(
            query(r#"{"TableName":"t"}"#),
            r#"{"Limit":2000,"TableName":"t"}"#
        );
        assert_eq!(query("{ }"), r#"{"Limit":2000 }"#);
    }

    #[test]
    fn a_limit_of_the_caller_stays() {
        let body = r#"{"TableName":"t","Limit":3}"#;
        assert_eq!(query(body), body);
    }

    #[test]
    fn an_attribute_called_limit_is_not_the_limit() {
        let body = r##"{"ExpressionAttributeNames":{"#l":"Limit"}}"##;
        assert!(query(body).starts_with(r#"{"Limit":2000,"#));
    }

    #[test]
    fn other_operations_and_broken_bodies_pass_unchanged() {
        let body = Bytes::from_static(b"{\"TableName\":\"t\"}");
        assert_eq!(bounded("GetItem", body.clone()), body);
        assert_eq!(query("[]"), "[]");
    }

    #[test]
    fn a_short_page_lowers_but_never_raises() {
        let shortened = shortened(&Bytes::from_static(b"{\"Limit\":1}"), 5);
        assert_eq!(&shortened[..], b"{\"Limit\":1}");
    }
}

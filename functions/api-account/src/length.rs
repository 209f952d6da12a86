//! Lengths of texts in request bodies.

use serde_json::json;
use std::ops::RangeInclusive;
use web::{ApiError, ApiResult, Invalid};

/// Refuses a body field whose number of characters is out of range.
pub fn check(field: &str, text: &str, chars: RangeInclusive<usize>) -> ApiResult<()> {
    let count = text.chars().count();
    let (rule, msg) = if count < *chars.start() {
        let least = chars.start();
        let plural = if *least == 1 { "" } else { "s" };
        let msg = format!("String should have at least {least} character{plural}");
        ("string_too_short", msg)
    } else if count > *chars.end() {
        let msg = format!("String should have at most {} characters", chars.end());
        ("string_too_long", msg)
    } else {
        return Ok(());
    };
    let problem = Invalid::at(&["body", field], rule, msg, json!(text));
    Err(ApiError::invalid(&[problem]))
}

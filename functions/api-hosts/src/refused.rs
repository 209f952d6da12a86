//! Bodies that cannot be taken.

use serde_json::Value;
use web::{ApiError, Invalid};

/// The refusal of what stands at `place` in the body. The value itself may be long, and is not
/// repeated.
pub fn refused(place: &[&str], msg: impl Into<String>) -> ApiError {
    let loc = [&["body"], place].concat();
    Invalid::at(&loc, "value_error", msg, Value::Null).into()
}

//! Lenient reading of scalar fields: what clients of the original got away with, we take too,
//! but we store the value they meant, not the text they sent.

use domain::nonfinite;
use serde_json::{Number, Value, json};

/// Type of a known payload field. All of them may be null.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// Whole number; `"5"`, `5.0` and `true` count.
    Integer,
    /// Number; `"0.5"`, `true`, `"NaN"` and `"-inf"` count.
    Float,
    /// Truth value; 0/1 and the usual words count.
    Bool,
    /// Object.
    Object,
    /// List of texts.
    Texts,
}

/// Rule and text of a refused value.
pub type Problem = (&'static str, &'static str);

/// Brings `value` into `kind`, or says what is wrong.
pub fn coerce(kind: Kind, value: &mut Value) -> Result<(), Problem> {
    match kind {
        Kind::Text if value.is_string() => Ok(()),
        Kind::Text => Err(("string_type", "Input should be a valid string")),
        Kind::Integer => integer(value).map(|n| *value = json!(n)),
        Kind::Float => float(value).map(|n| *value = number_value(n)),
        Kind::Bool => boolean(value).map(|b| *value = json!(b)),
        Kind::Object if value.is_object() => Ok(()),
        Kind::Object => Err(("dict_type", "Input should be a valid dictionary")),
        Kind::Texts => match value.as_array() {
            Some(items) if items.iter().all(Value::is_string) => Ok(()),
            Some(_) => Err(("string_type", "Input should be a list of strings")),
            None => Err(("list_type", "Input should be a valid list")),
        },
    }
}

/// A number as JSON: non-finite ones as their spelling.
pub fn number_value(number: f64) -> Value {
    match nonfinite::spelling(number) {
        Some(word) => json!(word),
        None => Number::from_f64(number).map_or(Value::Null, Value::Number),
    }
}

/// The number in a stored value, spelled or plain.
pub fn stored_number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(n) => n.as_f64(),
        Value::String(word) => nonfinite::parse(word),
        _ => None,
    }
}

fn integer(value: &Value) -> Result<i64, Problem> {
    let parsing: Problem = (
        "int_parsing",
        "Input should be a valid integer, unable to parse string as an integer",
    );
    match value {
        Value::Bool(b) => Ok(i64::from(*b)),
        Value::Number(n) => match (n.as_i64(), n.as_f64()) {
            (Some(whole), _) => Ok(whole),
            (None, Some(f)) if f.fract() == 0.0 && f.abs() < 9.0e15 => Ok(f as i64),
            _ => Err((
                "int_from_float",
                "Input should be a valid integer, got a fractional number",
            )),
        },
        Value::String(text) => {
            let text = text.trim();
            let whole = text.strip_suffix(".0").unwrap_or(text);
            whole.parse().map_err(|_| parsing)
        }
        _ => Err(("int_type", "Input should be a valid integer")),
    }
}

fn float(value: &Value) -> Result<f64, Problem> {
    match value {
        Value::Bool(b) => Ok(f64::from(u8::from(*b))),
        Value::Number(n) => n
            .as_f64()
            .ok_or(("float_type", "Input should be a valid number")),
        Value::String(text) => nonfinite::parse(text)
            .or_else(|| text.trim().parse().ok())
            .ok_or((
                "float_parsing",
                "Input should be a valid number, unable to parse string as a number",
            )),
        _ => Err(("float_type", "Input should be a valid number")),
    }
}

fn boolean(value: &Value) -> Result<bool, Problem> {
    match value {
        Value::Bool(b) => Ok(*b),
        Value::Number(n) if n.as_i64() == Some(0) => Ok(false),
        Value::Number(n) if n.as_i64() == Some(1) => Ok(true),
        Value::String(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" | "t" | "y" => Ok(true),
            "false" | "0" | "no" | "off" | "f" | "n" => Ok(false),
            _ => Err(("bool_parsing", "Input should be a valid boolean")),
        },
        _ => Err(("bool_type", "Input should be a valid boolean")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stores_what_was_meant() {
        let cases = [
            (Kind::Integer, json!("5"), Some(json!(5))),
            (Kind::Integer, json!(2.0), Some(json!(2))),
            (Kind::Integer, json!(true), Some(json!(1))),
            (Kind::Integer, json!(1.5), None),
            (Kind::Integer, json!("x"), None),
            (Kind::Float, json!("0.25"), Some(json!(0.25))),
            (Kind::Float, json!("nan"), Some(json!("NaN"))),
            (Kind::Float, json!("-Infinity"), Some(json!("-Infinity"))),
            (Kind::Float, json!([]), None),
            (Kind::Text, json!(1), None),
            (Kind::Object, json!([]), None),
            (Kind::Texts, json!(["a", 1]), None),
        ];
        for (kind, input, expected) in cases {
            let mut value = input.clone();
            let outcome = coerce(kind, &mut value).ok().map(|()| value);
            assert_eq!(outcome, expected, "{kind:?} {input}");
        }
    }
}

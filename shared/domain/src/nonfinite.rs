//! Numbers JSON cannot say.
//!
//! Python writes bare `NaN`, `Infinity` and `-Infinity`. They are kept apart from each other and
//! from "absent" end to end: as JSON strings with exactly these three spellings.

use std::borrow::Cow;

/// Spelling of a non-finite number inside a JSON string; `None` when `value` is finite.
pub fn spelling(value: f64) -> Option<&'static str> {
    if value.is_nan() {
        Some("NaN")
    } else if value == f64::INFINITY {
        Some("Infinity")
    } else if value == f64::NEG_INFINITY {
        Some("-Infinity")
    } else {
        None
    }
}

/// Reads a spelling people and libraries use for a non-finite number.
pub fn parse(text: &str) -> Option<f64> {
    match text.trim().to_ascii_lowercase().as_str() {
        "nan" => Some(f64::NAN),
        "inf" | "infinity" | "+inf" | "+infinity" => Some(f64::INFINITY),
        "-inf" | "-infinity" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

/// Puts bare `NaN`, `Infinity` and `-Infinity` of a JSON text into quotes, outside strings only.
///
/// Borrowed when the text holds none. The result is only as valid as the input otherwise was.
pub fn quote_literals(json: &[u8]) -> Cow<'_, [u8]> {
    let mut out: Option<Vec<u8>> = None;
    let mut copied = 0;
    let mut i = 0;
    let mut in_string = false;
    while i < json.len() {
        let byte = json[i];
        if in_string {
            match byte {
                b'\\' => i += 1,
                b'"' => in_string = false,
                _ => {}
            }
        } else if byte == b'"' {
            in_string = true;
        } else if let Some(len) = literal_at(&json[i..]) {
            let buffer = out.get_or_insert_with(|| Vec::with_capacity(json.len() + 64));
            buffer.extend_from_slice(&json[copied..i]);
            buffer.push(b'"');
            buffer.extend_from_slice(&json[i..i + len]);
            buffer.push(b'"');
            i += len;
            copied = i;
            continue;
        }
        i += 1;
    }
    match out {
        None => Cow::Borrowed(json),
        Some(mut buffer) => {
            buffer.extend_from_slice(&json[copied..]);
            Cow::Owned(buffer)
        }
    }
}

fn literal_at(rest: &[u8]) -> Option<usize> {
    [&b"NaN"[..], b"Infinity", b"-Infinity"]
        .into_iter()
        .find(|word| rest.starts_with(word))
        .map(<[u8]>::len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_only_outside_strings() {
        let text = br#"{"a":NaN,"b":[-Infinity,Infinity],"c":"NaN \" Infinity"}"#;
        let quoted = quote_literals(text);
        assert_eq!(
            std::str::from_utf8(&quoted).expect("utf-8"),
            r#"{"a":"NaN","b":["-Infinity","Infinity"],"c":"NaN \" Infinity"}"#
        );
        assert!(matches!(quote_literals(b"{\"a\":1}"), Cow::Borrowed(_)));
    }

    #[test]
    fn spellings_round_trip() {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let back = parse(spelling(value).expect("non-finite")).expect("known spelling");
            assert!(back.to_bits() == value.to_bits() || (back.is_nan() && value.is_nan()));
        }
        assert_eq!(spelling(0.0), None);
    }
}

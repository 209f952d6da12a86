//! Writing JSON into a buffer that is used again: what runs inside the training loop.

use serde_json::Value;

/// Longest text kept in an event, in bytes; the rest is cut.
pub const TEXT_BYTES: usize = 64 * 1024;

/// Writes `{"key":value,…}`, leaving out what is absent.
pub struct Object<'a> {
    out: &'a mut Vec<u8>,
    open: bool,
}

impl<'a> Object<'a> {
    /// Begins an object.
    pub fn begin(out: &'a mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, open: true }
    }

    /// Writes a key; the caller writes the value next.
    pub fn key(&mut self, key: &str) -> &mut Vec<u8> {
        if !std::mem::take(&mut self.open) {
            self.out.push(b',');
        }
        text(self.out, key);
        self.out.push(b':');
        self.out
    }

    /// A text.
    pub fn text(&mut self, key: &str, value: Option<&str>) -> &mut Self {
        if let Some(value) = value {
            text(self.key(key), value);
        }
        self
    }

    /// A number.
    pub fn float(&mut self, key: &str, value: Option<f64>) -> &mut Self {
        if let Some(value) = value {
            float(self.key(key), value);
        }
        self
    }

    /// A whole number.
    pub fn integer(&mut self, key: &str, value: Option<i64>) -> &mut Self {
        if let Some(value) = value {
            integer(self.key(key), value);
        }
        self
    }

    /// Any value; null is left out.
    pub fn value(&mut self, key: &str, it: &Value) -> &mut Self {
        if !it.is_null() {
            value(self.key(key), it);
        }
        self
    }

    /// Ends the object.
    pub fn end(self) {
        self.out.push(b'}');
    }
}

/// A text in quotes, cut after [`TEXT_BYTES`].
pub fn text(out: &mut Vec<u8>, text: &str) {
    let mut end = text.len().min(TEXT_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let bytes = &text.as_bytes()[..end];
    out.push(b'"');
    let mut copied = 0;
    for (i, byte) in bytes.iter().enumerate() {
        if !matches!(byte, 0..=0x1f | b'"' | b'\\') {
            continue;
        }
        out.extend_from_slice(&bytes[copied..i]);
        copied = i + 1;
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            _ => {
                let digits = b"0123456789abcdef";
                out.extend_from_slice(b"\\u00");
                out.push(digits[usize::from(byte >> 4)]);
                out.push(digits[usize::from(byte & 15)]);
            }
        }
    }
    out.extend_from_slice(&bytes[copied..]);
    out.push(b'"');
}

/// A number; JSON has no word for NaN and the infinities, so they become the texts the server
/// reads as such.
pub fn float(out: &mut Vec<u8>, number: f64) {
    if number.is_finite() {
        // Writing to a vector cannot fail.
        let _ = serde_json::to_writer(out, &number);
    } else if number.is_nan() {
        out.extend_from_slice(b"\"NaN\"");
    } else if number > 0.0 {
        out.extend_from_slice(b"\"Infinity\"");
    } else {
        out.extend_from_slice(b"\"-Infinity\"");
    }
}

/// A whole number.
pub fn integer(out: &mut Vec<u8>, number: i64) {
    let _ = serde_json::to_writer(out, &number);
}

/// Any value.
pub fn value(out: &mut Vec<u8>, it: &Value) {
    match it {
        Value::String(it) => text(out, it),
        Value::Array(items) => {
            out.push(b'[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                value(out, item);
            }
            out.push(b']');
        }
        Value::Object(map) => {
            let mut object = Object::begin(out);
            for (key, item) in map {
                value(object.key(key), item);
            }
            object.end();
        }
        plain => {
            let _ = serde_json::to_writer(out, plain);
        }
    }
}

/// A number as a value: NaN and the infinities as their texts.
pub fn number(number: f64) -> Value {
    let mut out = Vec::new();
    float(&mut out, number);
    serde_json::from_slice(&out).unwrap_or(Value::Null)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_written_is_read_back() {
        let mut out = Vec::new();
        let mut object = Object::begin(&mut out);
        object
            .text("t", Some("a\"b\\c\n\u{1}é"))
            .text("none", None)
            .float("nan", Some(f64::NAN))
            .float("inf", Some(f64::NEG_INFINITY))
            .float("f", Some(1e-300))
            .integer("i", Some(-7))
            .value("v", &json!({"a": [1, null, "x"]}));
        object.end();
        let read: Value = serde_json::from_slice(&out).expect("JSON");
        let expected = json!({"t": "a\"b\\c\n\u{1}é", "nan": "NaN", "inf": "-Infinity",
            "f": 1e-300, "i": -7, "v": {"a": [1, null, "x"]}});
        assert_eq!(read, expected);
        assert!(!out.contains(&b'\n'), "an event is one line");
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        let mut out = Vec::new();
        text(&mut out, &"é".repeat(TEXT_BYTES));
        assert_eq!(out.len(), TEXT_BYTES + 2);
        assert!(std::str::from_utf8(&out).is_ok());
    }
}

//! Python values as JSON. Never raises: what has no JSON form becomes text.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};
use reporter::json::{self, Object};

/// Nesting beyond this becomes text.
const DEEPEST: usize = 12;
/// Bytes of one event's data; what would go beyond is left out, the server takes no more.
const LARGEST: usize = 192 * 1024;

/// The items of a dict as further keys of an object; `None` values are left out.
pub fn fields(object: &mut Object<'_>, dict: &Bound<'_, PyDict>) {
    for (key, value) in dict {
        if value.is_none() {
            continue;
        }
        match key.cast::<PyString>().map(|key| key.to_str()) {
            Ok(Ok(key)) => put(object, key, &value),
            _ => put(object, &text_of(&key), &value),
        }
    }
}

/// One key of an object.
pub fn put(object: &mut Object<'_>, key: &str, value: &Bound<'_, PyAny>) {
    let out = object.key(key);
    if out.len() > LARGEST {
        out.extend_from_slice(b"null");
    } else {
        write(out, value, 0);
    }
}

fn write(out: &mut Vec<u8>, value: &Bound<'_, PyAny>, depth: usize) {
    // In the order training scripts use them.
    if let Ok(number) = value.cast_exact::<PyFloat>() {
        json::float(out, number.value());
    } else if let Ok(text) = value.cast::<PyString>() {
        match text.to_str() {
            Ok(text) => json::text(out, text),
            Err(_) => json::text(out, &text.to_string_lossy()),
        }
    } else if let Ok(truth) = value.cast::<PyBool>() {
        out.extend_from_slice(if truth.is_true() { b"true" } else { b"false" });
    } else if let Ok(number) = value.cast::<PyInt>() {
        match (number.extract::<i64>(), number.extract::<f64>()) {
            (Ok(number), _) => json::integer(out, number),
            (_, Ok(number)) => json::float(out, number),
            _ => json::text(out, &text_of(value)),
        }
    } else if value.is_none() {
        out.extend_from_slice(b"null");
    } else if let Ok(number) = value.cast::<PyFloat>() {
        json::float(out, number.value());
    } else if depth >= DEEPEST || out.len() > LARGEST {
        json::text(out, &text_of(value));
    } else if let Ok(dict) = value.cast::<PyDict>() {
        let mut object = Object::begin(out);
        for (key, item) in dict {
            write(object.key(&text_of(&key)), &item, depth + 1);
        }
        object.end();
    } else if let Ok(list) = value.cast::<PyList>() {
        items(out, list.iter(), depth);
    } else if let Ok(tuple) = value.cast::<PyTuple>() {
        items(out, tuple.iter(), depth);
    } else {
        foreign(out, value, depth);
    }
}

fn items<'py>(out: &mut Vec<u8>, items: impl Iterator<Item = Bound<'py, PyAny>>, depth: usize) {
    out.push(b'[');
    for (i, item) in items.enumerate() {
        if i > 0 {
            out.push(b',');
        }
        if out.len() > LARGEST {
            out.extend_from_slice(b"null");
            break;
        }
        write(out, &item, depth + 1);
    }
    out.push(b']');
}

/// Numbers and arrays of numpy, torch, jax and the like say what they hold by `item` and `tolist`.
fn foreign(out: &mut Vec<u8>, value: &Bound<'_, PyAny>, depth: usize) {
    for method in ["item", "tolist"] {
        if let Ok(plain) = value.call_method0(method)
            && !plain.is(value)
        {
            return write(out, &plain, depth + 1);
        }
    }
    json::text(out, &text_of(value));
}

/// A number for a field that holds one; `None` when it is none.
pub fn number(value: &Bound<'_, PyAny>) -> Option<f64> {
    if let Ok(number) = value.cast_exact::<PyFloat>() {
        return Some(number.value());
    }
    value.extract::<f64>().ok()
}

/// A value's own words.
pub fn text_of(value: &Bound<'_, PyAny>) -> String {
    match value.str() {
        Ok(text) => text.to_string_lossy().into_owned(),
        Err(_) => "?".into(),
    }
}

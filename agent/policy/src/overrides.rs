//! Changed values become arguments of their own, `key=value`, written so that Hydra reads back the
//! very value and nothing in it can become an option, another key or a reference.

use serde_json::Value;

/// Why a changed value is not passed on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OverrideError {
    /// The key has characters no key has, or begins like an option.
    #[error("`{0}` is no key of a setting")]
    Key(String),
    /// The value has no form an argument could have.
    #[error("the value of `{0}` cannot be passed as an argument")]
    Value(String),
}

const LONGEST: usize = 4096;

/// One argument for one changed value.
///
/// # Errors
/// When key or value has no safe form.
pub fn argument(key: &str, value: &Value) -> Result<String, OverrideError> {
    let bare = key.trim_start_matches(['+', '~']);
    let begins = bare
        .chars()
        .next()
        .is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
    let holds = |c: char| c.is_ascii_alphanumeric() || "_.@/+~-".contains(c);
    if !begins || key.len() - bare.len() > 2 || key.len() > 256 || !key.chars().all(holds) {
        return Err(OverrideError::Key(key.chars().take(80).collect()));
    }
    let unfit = || OverrideError::Value(key.to_owned());
    let text = written(value, 0).ok_or_else(unfit)?;
    if text.len() > LONGEST {
        return Err(unfit());
    }
    Ok(format!("{key}={text}"))
}

fn written(value: &Value, depth: usize) -> Option<String> {
    match value {
        Value::Null => Some("null".to_owned()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => string(text),
        Value::Array(items) if depth < 3 => {
            let items: Option<Vec<_>> = items.iter().map(|i| written(i, depth + 1)).collect();
            Some(format!("[{}]", items?.join(",")))
        }
        // A mapping could name a class to make (`_target_`).
        Value::Array(_) | Value::Object(_) => None,
    }
}

fn string(text: &str) -> Option<String> {
    // `${…}` would be a reference, which can read the environment.
    if text.contains("${") || text.chars().any(char::is_control) {
        return None;
    }
    let plain = text
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "_./:-".contains(c));
    let begins = text
        .chars()
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '/');
    let word = matches!(
        text.to_ascii_lowercase().as_str(),
        "true"
            | "false"
            | "null"
            | "none"
            | "nan"
            | "inf"
            | "infinity"
            | "yes"
            | "no"
            | "on"
            | "off"
    );
    if plain && begins && !word {
        return Some(text.to_owned());
    }
    // Inside quotes Hydra takes everything as it is but the quote and a backslash before one.
    let mut out = String::from("'");
    let mut slashes = 0;
    for c in text.chars() {
        match c {
            '\\' => slashes += 1,
            '\'' => {
                out.push_str(&"\\".repeat(slashes * 2 + 1));
                slashes = 0;
            }
            _ => {
                out.push_str(&"\\".repeat(slashes));
                slashes = 0;
            }
        }
        if c != '\\' {
            out.push(c);
        }
    }
    out.push_str(&"\\".repeat(slashes * 2));
    out.push('\'');
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_written_for_hydra() {
        let cases = [
            ("lr", json!(0.01), "lr=0.01"),
            ("+trainer.epochs", json!(3), "+trainer.epochs=3"),
            ("name", json!("large"), "name=large"),
            ("name", json!("a b; rm -rf /"), "name='a b; rm -rf /'"),
            ("name", json!("it's"), "name='it\\'s'"),
            ("name", json!("tail\\"), "name='tail\\\\'"),
            ("name", json!("a\\b c"), "name='a\\b c'"),
            ("flag", json!("true"), "flag='true'"),
            ("n", json!("1"), "n='1'"),
            ("n", json!(""), "n=''"),
            ("x", json!(null), "x=null"),
            ("layers", json!([1, "a b", true]), "layers=[1,'a b',true]"),
            ("path", json!("/data/set-1"), "path=/data/set-1"),
        ];
        for (key, value, expected) in cases {
            assert_eq!(argument(key, &value).unwrap(), expected);
        }
    }

    #[test]
    fn nothing_becomes_an_option_or_a_reference() {
        for key in [
            "--config-dir",
            "-m",
            "",
            "a b",
            "a=b",
            "+++x",
            "a\n",
            "ä",
            "$x",
            ".x",
            "a;b",
        ] {
            assert!(argument(key, &json!(1)).is_err(), "{key}");
        }
        let long = "x".repeat(5000);
        for value in [
            json!("${oc.env:HOME}"),
            json!("a\nb"),
            json!({"_target_": "x"}),
            json!(long),
        ] {
            assert!(argument("x", &value).is_err(), "{value}");
        }
    }
}

//! Text from outside (process names, file names, answers) made fit to be shown, kept and sent.

/// Without control characters, on one line, at most `most` characters.
#[must_use]
pub fn clean(text: &str, most: usize) -> String {
    let mut out = String::with_capacity(text.len().min(most + 4));
    for (count, c) in text.chars().enumerate() {
        if count >= most {
            out.push('…');
            break;
        }
        // Besides control characters: those that reorder or hide text around them.
        let hidden = matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
        out.push(if c.is_control() || hidden { ' ' } else { c });
    }
    out
}

/// The same with what looks like a secret taken out. Blanks in a row become one.
#[must_use]
pub fn redact(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    redact::argv(&words).join(" ")
}

/// The same for every text of a JSON value.
#[must_use]
pub fn redact_all(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::String(text) => redact(&text).into(),
        Value::Array(all) => all.into_iter().map(redact_all).collect(),
        Value::Object(all) => all.into_iter().map(|(k, v)| (k, redact_all(v))).collect(),
        other => other,
    }
}

/// First sixteen hexadecimal digits of the SHA-256 of `text`.
#[must_use]
pub fn short_hash(text: &str) -> String {
    hash(text.as_bytes())[..16].to_owned()
}

/// SHA-256 in hexadecimal digits.
#[must_use]
pub fn hash(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// A random UUID.
#[must_use]
pub fn uuid() -> String {
    let mut bytes = [0_u8; 16];
    // Entropy may only be missing right after boot; a clock is better than no name then.
    if getrandom::fill(&mut bytes).is_err() {
        bytes = (probe::Clock::now().boot_s * 1e9)
            .to_bits()
            .to_be_bytes()
            .repeat(2)
            .try_into()
            .unwrap_or(bytes);
    }
    as_uuid(bytes, 4)
}

/// The UUID that belongs to `text`: the same text, the same UUID.
#[must_use]
pub fn uuid_of(text: &str) -> String {
    use sha2::{Digest, Sha256};
    let mut bytes = [0_u8; 16];
    bytes.copy_from_slice(&Sha256::digest(text.as_bytes())[..16]);
    as_uuid(bytes, 8)
}

fn as_uuid(mut bytes: [u8; 16], version: u8) -> String {
    bytes[6] = bytes[6] & 0x0f | version << 4;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!(
        "{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}

/// Bytes for people: `512 B`, `3.4 GiB`.
#[must_use]
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 {
        format!("{bytes} B")
    } else {
        format!("{value:.1} {}", UNITS[unit])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_stays_on_its_line() {
        assert_eq!(clean("a\nb\u{1b}[2J\u{202e}c", 99), "a b [2J c");
        assert_eq!(clean("abcdef", 3), "abc…");
    }

    #[test]
    fn secrets_are_hidden_and_paths_are_not() {
        for (text, secret) in [
            ("run --token hunter2 --lr 0.1", "hunter2"),
            ("API_KEY=hunter2 python a.py", "hunter2"),
            (
                "x sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789",
                "abcdefghijkl",
            ),
        ] {
            assert!(!redact(text).contains(secret), "{text}");
        }
        let plain = "/usr/lib/node_modules/a/b.js --test --lr 0.1";
        assert_eq!(redact(plain), plain);
    }

    #[test]
    fn the_documented_key_of_a_description() {
        assert_eq!(short_hash("Disk usage critical at 94%"), "d5c812b7b32b2427");
        assert_eq!(uuid().len(), 36);
    }
}

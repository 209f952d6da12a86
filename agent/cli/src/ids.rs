//! Ids made of a name (UUIDv5), so that sending something again is recognised as the same thing.

use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use std::fmt::Write;

/// Namespace of everything imported; changing it would import everything anew.
const IMPORTS: [u8; 16] = [
    0x6f, 0x1c, 0x3a, 0x52, 0x9d, 0x0e, 0x4b, 0x77, 0x8a, 0x41, 0xc2, 0x5e, 0x10, 0x7d, 0x93, 0xb8,
];

/// The UUIDv5 of `parts` among imports. Parts are joined by a byte no text holds, so that
/// ("a", "bc") and ("ab", "c") differ.
pub fn stable(parts: &[&str]) -> String {
    named(&IMPORTS, parts.join("\u{1f}").as_bytes())
}

fn named(namespace: &[u8; 16], name: &[u8]) -> String {
    let hashed = digest(
        &SHA1_FOR_LEGACY_USE_ONLY,
        &[namespace.as_slice(), name].concat(),
    );
    let mut bytes = [0_u8; 16];
    bytes.copy_from_slice(&hashed.as_ref()[..16]);
    text(bytes)
}

fn text(mut bytes: [u8; 16]) -> String {
    bytes[6] = bytes[6] & 0x0f | 0x50;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut out = String::with_capacity(36);
    for (i, byte) in bytes.iter().enumerate() {
        if [4, 6, 8, 10].contains(&i) {
            out.push('-');
        }
        // Writing to a string cannot fail.
        let _ = write!(out, "{byte:02x}");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_give_the_ids_of_the_standard() {
        // RFC 9562, appendix A.4: DNS namespace, "www.example.com".
        let dns = [
            0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4,
            0x30, 0xc8,
        ];
        assert_eq!(
            named(&dns, b"www.example.com"),
            "2ed6657d-e927-568b-95e1-2665a8aea6a2"
        );
        assert_ne!(stable(&["a", "bc"]), stable(&["ab", "c"]));
        assert_eq!(stable(&["a"]), stable(&["a"]));
    }
}

//! Names with `*`.

/// Whether `text` has the form of `pattern`; `*` stands for any characters but `/`.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return rest.is_empty();
    };
    for part in middle {
        match rest.find(part) {
            Some(at) if !rest[..at].contains('/') => rest = &rest[at + part.len()..],
            _ => return false,
        }
    }
    rest.strip_suffix(last)
        .is_some_and(|held| !held.contains('/'))
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn stars_stay_within_a_folder() {
        assert!(matches("python3.*", "python3.11"));
        assert!(matches("*", ""));
        assert!(matches("/opt/*/bin/python", "/opt/conda/bin/python"));
        assert!(!matches("/opt/*/bin/python", "/opt/a/b/bin/python"));
        assert!(!matches("python", "python3"));
        assert!(!matches("python3.*", "python3"));
        assert!(matches("a*b*c", "axxbyyc"));
        assert!(!matches("a*b*c", "axxbyy"));
    }
}

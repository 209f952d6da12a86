//! The `Range` header.

use std::ops::Range;

/// What part of a file was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// All of it.
    Whole,
    /// These bytes.
    Part(Range<u64>),
    /// Bytes it does not have.
    Outside,
}

/// Reads a `Range` header for a file of `size` bytes. What is no single byte range is ignored,
/// as the standard allows.
pub fn read(header: Option<&str>, size: u64) -> Asked {
    let Some((first, last)) = header
        .and_then(|text| text.trim().strip_prefix("bytes="))
        .filter(|list| !list.contains(','))
        .and_then(|range| range.trim().split_once('-'))
    else {
        return Asked::Whole;
    };
    let number = |text: &str| text.trim().parse::<u64>();
    let (start, end) = match (number(first), number(last)) {
        (Ok(start), Ok(last)) if start <= last => (start, size.min(last.saturating_add(1))),
        (Ok(start), Err(_)) if last.trim().is_empty() => (start, size),
        (Err(_), Ok(count)) if first.trim().is_empty() => (
            match count {
                0 => size,
                _ => size.saturating_sub(count),
            },
            size,
        ),
        _ => return Asked::Whole,
    };
    if start < end {
        Asked::Part(start..end)
    } else {
        Asked::Outside
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_ten_bytes() {
        for (header, asked) in [
            (None, Asked::Whole),
            (Some("bytes=0-3"), Asked::Part(0..4)),
            (Some("bytes=4-"), Asked::Part(4..10)),
            (Some("bytes=-3"), Asked::Part(7..10)),
            (Some("bytes=-99"), Asked::Part(0..10)),
            (Some("bytes=8-99"), Asked::Part(8..10)),
            (Some("bytes=10-"), Asked::Outside),
            (Some("bytes=-0"), Asked::Outside),
            (Some("bytes=5-2"), Asked::Whole),
            (Some("bytes=0-1,3-4"), Asked::Whole),
            (Some("lines=1-2"), Asked::Whole),
            (Some("bytes=x-y"), Asked::Whole),
        ] {
            assert_eq!(read(header, 10), asked, "{header:?}");
        }
        assert_eq!(read(Some("bytes=0-"), 0), Asked::Outside);
    }
}

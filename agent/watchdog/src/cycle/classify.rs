//! What a free text is about and how bad it sounds.

use crate::problem::{Kind, Severity};

/// Kind and severity of a text, by its words; whole words, so that `boom` is not `oom`.
#[must_use]
pub(crate) fn classify(text: &str) -> (Kind, Severity) {
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).collect();
    let any = |list: &[&str]| words.iter().any(|w| list.contains(w));
    let kind = if any(&["swap", "thrash", "thrashing"]) {
        Kind::Swap
    } else if any(&["memory", "oom", "rss", "ram"]) {
        Kind::Memory
    } else if any(&["disk", "space", "tmp", "inodes", "filesystem"]) {
        Kind::Disk
    } else if any(&["service", "systemctl", "restart", "gateway", "unit"]) {
        Kind::Service
    } else {
        Kind::Process
    };
    let denied = any(&["no", "without", "not", "resolved", "over"]);
    let severity = if any(&["critical", "failed", "fails", "down", "unreachable"]) && !denied {
        Severity::Critical
    } else if any(&["warn", "warning", "high", "error", "errors", "failing"]) && !denied {
        Severity::Warning
    } else {
        Severity::Info
    };
    (kind, severity)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_whole() {
        assert_eq!(classify("a boom in whitespace").0, Kind::Process);
        assert_eq!(
            classify("cached memory is high"),
            (Kind::Memory, Severity::Warning)
        );
        assert_eq!(classify("no errors found, download ok").1, Severity::Info);
        assert_eq!(
            classify("gateway is down"),
            (Kind::Service, Severity::Critical)
        );
    }
}

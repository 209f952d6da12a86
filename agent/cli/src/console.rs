//! stdout for data, stderr for talk; colours only where a person looks.

use crate::fault::{Exit, Fault};
use crate::variables;
use serde_json::Value;
use std::io::{self, IsTerminal, Write};

/// How this run of the program prints.
pub struct Console {
    /// Whether data is printed as JSON.
    pub json: bool,
    colours: bool,
    talks_to_person: bool,
}

impl Console {
    /// Looks at what stdout and stderr are.
    pub fn new(json: bool) -> Self {
        Self {
            json,
            colours: io::stdout().is_terminal() && variables::read(variables::NO_COLOR).is_none(),
            talks_to_person: io::stderr().is_terminal(),
        }
    }

    /// Whether a moving progress bar helps anybody.
    pub fn animates(&self) -> bool {
        self.talks_to_person && !self.json
    }

    /// Data: one line, or a text of several.
    pub fn data(&self, text: &str) -> Result<(), Fault> {
        let written = writeln!(io::stdout().lock(), "{text}");
        written.map_err(|error| match error.kind() {
            // `argus runs | head`: whoever read has enough.
            io::ErrorKind::BrokenPipe => Fault::new(Exit::Done, ""),
            _ => Fault::file("stdout", &error),
        })
    }

    /// Data as JSON when asked for, else as `table` puts it.
    pub fn answer(&self, value: &Value, table: impl FnOnce() -> String) -> Result<(), Fault> {
        match self.json {
            true => self.data(&value.to_string()),
            false => self.data(&table()),
        }
    }

    /// Talk: what happens, for whoever watches.
    pub fn say(&self, text: &str) {
        // Nobody listening is no failure.
        let _ = writeln!(io::stderr().lock(), "{text}");
    }

    /// Says what is wrong and what to do.
    pub fn complain(&self, fault: &Fault) {
        self.say(&format!("argus: {}", fault.text));
        if let Some(hint) = &fault.hint {
            self.say(&format!("  {hint}"));
        }
    }

    /// A status word in its colour.
    pub fn status(&self, word: &str) -> String {
        let code = match word {
            "running" => "36",
            "done" => "32",
            "failed" | "divergent" => "31",
            "stalled" | "stopping" | "stopped" | "requested" | "pending" => "33",
            _ => return word.to_owned(),
        };
        match self.colours {
            true => format!("\u{1b}[{code}m{word}\u{1b}[0m"),
            false => word.to_owned(),
        }
    }
}

/// Rows under a header, columns as wide as their longest cell.
pub fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let width = |text: &str| visible(text).chars().count();
    let widths: Vec<usize> = (0..header.len())
        .map(|i| {
            let cells = rows.iter().filter_map(|row| row.get(i)).map(|c| width(c));
            cells.max().unwrap_or(0).max(width(header[i]))
        })
        .collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded = cells.zip(&widths).map(|(cell, to)| {
            let blanks = " ".repeat(to.saturating_sub(width(cell)));
            format!("{cell}{blanks}")
        });
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let mut out = vec![line(&mut header.iter().copied())];
    out.extend(
        rows.iter()
            .map(|row| line(&mut row.iter().map(String::as_str))),
    );
    out.join("\n")
}

/// The text without colour codes.
fn visible(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        out.push_str(before);
        rest = after.split_once('m').map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out
}

/// Text from elsewhere as a terminal may show it: without control characters that could move the
/// cursor or retitle the window.
pub fn harmless(text: &str) -> String {
    let harmless = |c: char| !c.is_control() || c == '\t';
    text.chars().filter(|c| harmless(*c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_whatever_their_colour() {
        let rows = [
            vec![
                "a".to_owned(),
                "\u{1b}[32mdone\u{1b}[0m".to_owned(),
                "1".to_owned(),
            ],
            vec!["bbb".to_owned(), "running".to_owned(), "2".to_owned()],
        ];
        let plain = visible(&table(&["ID", "STATUS", "N"], &rows));
        assert_eq!(plain, "ID   STATUS   N\na    done     1\nbbb  running  2");
    }

    #[test]
    fn text_from_elsewhere_cannot_steer_the_terminal() {
        assert_eq!(harmless("a\u{1b}]0;x\u{7}b\tc"), "a]0;xb\tc");
    }
}

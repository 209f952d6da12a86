//! A terminal small enough for progress bars: output in, finished lines out.
//!
//! It keeps the rows a cursor can go back to. A carriage return, a cursor moved up or left, a
//! cleared line change rows that are kept. A row is told when it scrolls out of reach, or when
//! [`Fold::settle`] finds that nothing wrote to it any more; so a bar drawn a thousand times is a
//! few lines, the last of them with its final state, and several bars do not mix.

use std::collections::VecDeque;

/// Rows a cursor can go back to.
const ROWS: usize = 64;
/// Characters of one row; what comes after them is cut.
const COLUMNS: usize = 4096;
/// Calls of `settle` after which a plain row is finished.
const PLAIN: u64 = 1;
/// The same for a row that was redrawn: a bar that may move again.
const BAR: u64 = 5;

/// A finished line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its text, without colours.
    pub text: String,
    /// It was drawn more than once: a progress bar.
    pub redrawn: bool,
}

#[derive(Clone, Debug, Default)]
struct Row {
    cells: Vec<char>,
    redrawn: bool,
    touched: u64,
    /// What was told of it.
    told: Option<String>,
}

#[derive(Clone, Debug)]
enum State {
    Text,
    Escape,
    /// Control sequence with its parameters so far.
    Control(String),
    /// Operating-system command: ends with BEL or ESC \.
    Command,
}

/// Folds one stream of output.
#[derive(Clone, Debug)]
pub struct Fold {
    rows: VecDeque<Row>,
    row: usize,
    column: usize,
    clock: u64,
    state: State,
    bytes: Vec<u8>,
}

impl Default for Fold {
    fn default() -> Self {
        Self::new()
    }
}

impl Fold {
    /// An empty screen.
    pub fn new() -> Self {
        Self {
            rows: VecDeque::from([Row::default()]),
            row: 0,
            column: 0,
            clock: 0,
            state: State::Text,
            bytes: Vec::new(),
        }
    }

    /// Takes output; gives the lines that scrolled out of reach.
    pub fn feed(&mut self, output: &[u8]) -> Vec<Line> {
        let mut finished = Vec::new();
        self.bytes.extend_from_slice(output);
        let bytes = std::mem::take(&mut self.bytes);
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let error = std::str::from_utf8(rest).err();
            let valid = error.map_or(rest.len(), |error| error.valid_up_to());
            let text = std::str::from_utf8(&rest[..valid]).unwrap_or_default();
            text.chars().for_each(|c| self.put(c, &mut finished));
            rest = &rest[valid..];
            match error.map(|error| error.error_len()) {
                None => {}
                Some(Some(bad)) => {
                    self.put(char::REPLACEMENT_CHARACTER, &mut finished);
                    rest = &rest[bad..];
                }
                Some(None) => {
                    // The beginning of a character whose end is yet to come.
                    self.bytes = rest.to_owned();
                    break;
                }
            }
        }
        finished
    }

    /// Gives the rows that came to rest. Call it about once per second.
    pub fn settle(&mut self) -> Vec<Line> {
        self.clock += 1;
        let mut finished = Vec::new();
        for (at, row) in self.rows.iter_mut().enumerate() {
            // What has no line end yet may go on, and so may a bar.
            let rest = if row.redrawn || at == self.row {
                BAR
            } else {
                PLAIN
            };
            if self.clock - row.touched > rest {
                finished.extend(row.tell());
            }
        }
        finished
    }

    /// Ends the output; gives everything that was not told.
    pub fn end(&mut self) -> Vec<Line> {
        let mut rows = std::mem::take(self).rows;
        rows.iter_mut().filter_map(Row::tell).collect()
    }

    fn put(&mut self, c: char, finished: &mut Vec<Line>) {
        match std::mem::replace(&mut self.state, State::Text) {
            State::Text => self.print(c, finished),
            State::Escape => match c {
                '[' => self.state = State::Control(String::new()),
                ']' | 'P' | '_' | '^' => self.state = State::Command,
                'M' => self.up(1),
                _ => {}
            },
            State::Control(mut given) => match c {
                '\u{40}'..='\u{7e}' => self.control(c, &given),
                '\u{20}'..='\u{3f}' if given.len() < 64 => {
                    given.push(c);
                    self.state = State::Control(given);
                }
                _ => {}
            },
            State::Command => match c {
                '\u{7}' => {}
                '\u{1b}' => self.state = State::Escape,
                _ => self.state = State::Command,
            },
        }
    }

    fn print(&mut self, c: char, finished: &mut Vec<Line>) {
        match c {
            '\n' => self.down(finished),
            '\r' => self.column = 0,
            '\u{8}' => self.column = self.column.saturating_sub(1),
            '\t' => {
                let stop = (self.column / 8 + 1) * 8;
                while self.column < stop.min(COLUMNS) {
                    self.write(' ');
                }
            }
            '\u{1b}' => self.state = State::Escape,
            c if c.is_control() => {}
            c => self.write(c),
        }
    }

    fn write(&mut self, c: char) {
        if self.column >= COLUMNS {
            return;
        }
        let row = &mut self.rows[self.row];
        row.touched = self.clock;
        while row.cells.len() < self.column {
            row.cells.push(' ');
        }
        match row.cells.get_mut(self.column) {
            Some(cell) => {
                row.redrawn = true;
                *cell = c;
            }
            None => row.cells.push(c),
        }
        self.column += 1;
    }

    fn down(&mut self, finished: &mut Vec<Line>) {
        self.column = 0;
        self.row += 1;
        if self.row == self.rows.len() {
            self.rows.push_back(Row {
                touched: self.clock,
                ..Row::default()
            });
        }
        if self.rows.len() > ROWS
            && let Some(mut row) = self.rows.pop_front()
        {
            self.row -= 1;
            finished.extend(row.tell());
        }
    }

    fn up(&mut self, by: usize) {
        self.row = self.row.saturating_sub(by);
    }

    fn control(&mut self, command: char, given: &str) {
        let number = given
            .split(';')
            .next()
            .and_then(|n| n.parse::<usize>().ok());
        let by = number.unwrap_or(1).max(1);
        match command {
            'A' | 'F' => self.up(by),
            'B' | 'E' => self.row = (self.row + by).min(self.rows.len() - 1),
            'C' => self.column = (self.column + by).min(COLUMNS),
            'D' => self.column = self.column.saturating_sub(by),
            'G' => self.column = (by - 1).min(COLUMNS),
            'K' => self.clear_line(number.unwrap_or(0)),
            'J' => {
                self.clear_line(0);
                self.rows.truncate(self.row + 1);
            }
            _ => {}
        }
        if matches!(command, 'E' | 'F') {
            self.column = 0;
        }
    }

    fn clear_line(&mut self, which: usize) {
        let row = &mut self.rows[self.row];
        row.redrawn |= !row.cells.is_empty();
        row.touched = self.clock;
        match which {
            0 => row.cells.truncate(self.column),
            1 => row
                .cells
                .iter_mut()
                .take(self.column + 1)
                .for_each(|c| *c = ' '),
            _ => row.cells.clear(),
        }
    }
}

impl Row {
    /// The row as a line, unless it is empty or this was told already.
    fn tell(&mut self) -> Option<Line> {
        let text: String = self.cells.iter().collect();
        let text = text.trim_end();
        if text.is_empty() || self.told.as_deref() == Some(text) {
            return None;
        }
        self.told = Some(text.to_owned());
        Some(Line {
            text: text.to_owned(),
            redrawn: self.redrawn,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(output: &str) -> Vec<String> {
        let mut fold = Fold::new();
        let mut lines = Vec::new();
        // One byte at a time is the hardest way to get it.
        for byte in output.as_bytes() {
            lines.extend(fold.feed(&[*byte]));
        }
        lines.extend(fold.end());
        lines.into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn plain_output_stays_as_it_is() {
        let lines: Vec<String> = (0..200).map(|n| format!("line {n} é")).collect();
        assert_eq!(folded(&lines.join("\n")), lines);
        assert_eq!(
            folded("\u{1b}[31mred\u{1b}[0m\tx\u{1b}]0;title\u{7}y\n"),
            ["red     xy"]
        );
    }

    #[test]
    fn a_bar_is_its_last_state() {
        let bar: String = (0..=100).map(|n| format!("\rtrain {n}%")).collect();
        assert_eq!(
            folded(&format!("start\n{bar}\ndone\n")),
            ["start", "train 100%", "done"]
        );
        assert_eq!(folded("long text\r\u{1b}[Kshort\n"), ["short"]);
    }

    #[test]
    fn several_bars_do_not_mix() {
        let mut output = String::from("\ra 0%\n\rb 0%\u{1b}[A");
        for n in 1..=50 {
            output += &format!("\ra {n}%\n\rb {}%\u{1b}[A", n * 2);
        }
        assert_eq!(folded(&(output + "\n\n")), ["a 50%", "b 100%"]);
    }

    #[test]
    fn what_came_to_rest_is_told_once() {
        let mut fold = Fold::new();
        fold.feed(b"plain\n\rbar 10%");
        let text = |lines: Vec<Line>| lines.into_iter().map(|l| l.text).collect::<Vec<_>>();
        assert_eq!(text(fold.settle()), [""; 0]);
        assert_eq!(text(fold.settle()), ["plain"]);
        fold.feed(b"\rbar 20%");
        for _ in 0..5 {
            assert_eq!(text(fold.settle()), [""; 0]);
        }
        assert_eq!(text(fold.settle()), ["bar 20%"]);
        fold.feed(b"\rbar 99%");
        assert_eq!(text(fold.end()), ["bar 99%"]);
    }
}

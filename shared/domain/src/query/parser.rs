//! Reading a query, one character at a time.

use super::field::{Field, named, unknown};
use super::{DEPTH, Op, QUERY_CHARS, Query, QueryError, TERMS, Term};
use crate::time::Timestamp;

/// Operators, longer ones first.
const OPS: &[(&str, Op)] = &[
    ("!=", Op::Not),
    ("!~", Op::Lacks),
    ("<=", Op::AtMost),
    (">=", Op::AtLeast),
    (":", Op::Is),
    ("=", Op::Same),
    ("~", Op::Has),
    ("<", Op::Less),
    (">", Op::More),
];

pub(super) fn parse(text: &str, now: Timestamp) -> Result<Query, QueryError> {
    let chars: Vec<char> = text.chars().collect();
    if chars.len() > QUERY_CHARS {
        let problem = format!("a query has at most {QUERY_CHARS} characters");
        return Err(QueryError {
            at: QUERY_CHARS,
            problem,
        });
    }
    let mut parser = Parser {
        chars,
        at: 0,
        now,
        terms: 0,
    };
    let query = parser.any(0)?;
    match parser.peek() {
        None => Ok(query),
        Some(_) => Err(parser.error("nothing is open that \")\" could close")),
    }
}

struct Parser {
    chars: Vec<char>,
    at: usize,
    now: Timestamp,
    terms: usize,
}

impl Parser {
    fn error(&self, problem: impl Into<String>) -> QueryError {
        QueryError {
            at: self.at,
            problem: problem.into(),
        }
    }

    /// The next character that is no blank.
    fn peek(&mut self) -> Option<char> {
        while self.chars.get(self.at).is_some_and(|c| c.is_whitespace()) {
            self.at += 1;
        }
        self.chars.get(self.at).copied()
    }

    /// Takes an upper-case word that stands alone.
    fn keyword(&mut self, word: &str) -> bool {
        self.peek();
        let end = self.at + word.len();
        let is = self
            .chars
            .get(self.at..end)
            .is_some_and(|c| c.iter().copied().eq(word.chars()));
        let alone = self
            .chars
            .get(end)
            .is_none_or(|c| c.is_whitespace() || "()".contains(*c));
        if is && alone {
            self.at = end;
        }
        is && alone
    }

    fn any(&mut self, depth: usize) -> Result<Query, QueryError> {
        let mut parts = vec![self.all(depth)?];
        while self.keyword("OR") {
            if matches!(self.peek(), None | Some(')')) {
                return Err(self.error("OR needs something on its right"));
            }
            parts.push(self.all(depth)?);
        }
        let empty = |q: &Query| matches!(q, Query::All(parts) if parts.is_empty());
        if parts.len() > 1 && empty(&parts[0]) {
            return Err(QueryError {
                at: 0,
                problem: "OR needs something on its left".to_owned(),
            });
        }
        Ok(match parts.len() {
            1 => parts.remove(0),
            _ => Query::Any(parts),
        })
    }

    fn all(&mut self, depth: usize) -> Result<Query, QueryError> {
        let mut parts = Vec::new();
        loop {
            let before = self.at;
            match self.peek() {
                None | Some(')') => break,
                _ if self.keyword("OR") => {
                    self.at = before;
                    break;
                }
                _ if !parts.is_empty() && self.keyword("AND") => {
                    if matches!(self.peek(), None | Some(')')) {
                        return Err(self.error("AND needs something on its right"));
                    }
                }
                _ => parts.push(self.part(depth)?),
            }
        }
        Ok(match parts.len() {
            1 => parts.remove(0),
            _ => Query::All(parts),
        })
    }

    fn part(&mut self, depth: usize) -> Result<Query, QueryError> {
        if depth >= DEPTH {
            return Err(self.error("too many parentheses inside each other"));
        }
        if self.keyword("NOT") || self.minus() {
            if matches!(self.peek(), None | Some(')')) {
                return Err(self.error("something to negate is missing"));
            }
            return Ok(Query::Not(Box::new(self.part(depth + 1)?)));
        }
        if self.peek() == Some('(') {
            let opened = self.at;
            self.at += 1;
            let inner = self.any(depth + 1)?;
            if self.peek() != Some(')') {
                return Err(QueryError {
                    at: opened,
                    problem: "this \"(\" is never closed".to_owned(),
                });
            }
            self.at += 1;
            return Ok(inner);
        }
        self.terms += 1;
        if self.terms > TERMS {
            return Err(self.error(format!("a query has at most {TERMS} terms")));
        }
        self.term().map(Query::Term)
    }

    /// Takes a minus that negates what follows it at once.
    fn minus(&mut self) -> bool {
        let is = self.peek() == Some('-')
            && self
                .chars
                .get(self.at + 1)
                .is_some_and(|c| !c.is_whitespace());
        self.at += usize::from(is);
        is
    }

    fn term(&mut self) -> Result<Term, QueryError> {
        if self.peek() == Some('"') {
            return self.quoted().map(Term::Word);
        }
        let name_at = self.at;
        let name = self.run(|c| c.is_whitespace() || "()\":=~<>!".contains(c));
        let op_at = self.at;
        let Some(op) = self.op() else {
            if self.chars.get(self.at) == Some(&'!') || name.is_empty() {
                return Err(self.error("a field or a word is expected here"));
            }
            return Ok(Term::Word(name));
        };
        if name.is_empty() {
            self.at = op_at;
            return Err(self.error("a field name is missing before this"));
        }
        let value_at = self.at;
        let value = match self.chars.get(self.at) {
            Some('"') => self.quoted()?,
            _ => self.run(|c| c.is_whitespace() || "()".contains(c)),
        };
        if value.is_empty() && self.chars.get(value_at) != Some(&'"') {
            return Err(self.error(format!("a value for {name} is missing here")));
        }
        self.typed(Raw {
            name,
            name_at,
            op,
            op_at,
            value,
            value_at,
        })
    }

    fn op(&mut self) -> Option<Op> {
        let rest: String = self.chars[self.at..].iter().take(2).collect();
        let (text, op) = OPS.iter().find(|(text, _)| rest.starts_with(text))?;
        self.at += text.len();
        Some(*op)
    }

    fn run(&mut self, ends: impl Fn(char) -> bool) -> String {
        let from = self.at;
        while self.chars.get(self.at).is_some_and(|c| !ends(*c)) {
            self.at += 1;
        }
        self.chars[from..self.at].iter().collect()
    }

    /// A text in double quotes; `\` takes the next character as it is.
    fn quoted(&mut self) -> Result<String, QueryError> {
        let opened = self.at;
        self.at += 1;
        let mut text = String::new();
        while let Some(&c) = self.chars.get(self.at) {
            self.at += 1;
            match c {
                '"' => return Ok(text),
                '\\' => {
                    text.extend(self.chars.get(self.at));
                    self.at += 1;
                }
                _ => text.push(c),
            }
        }
        Err(QueryError {
            at: opened,
            problem: "this quotation mark is never closed".to_owned(),
        })
    }

    fn typed(&self, raw: Raw) -> Result<Term, QueryError> {
        let Raw {
            name, op, value, ..
        } = raw;
        let wrong_op = |kind: &str| QueryError {
            at: raw.op_at,
            problem: format!("{name} is {kind} and cannot be compared like this"),
        };
        let wrong_value = |problem: String| QueryError {
            at: raw.value_at,
            problem,
        };
        let contains = matches!(op, Op::Has | Op::Lacks);
        let number = value.trim().parse::<f64>().ok().filter(|n| !n.is_nan());
        match named(&name) {
            Field::Text(_) if matches!(op, Op::Less | Op::AtMost | Op::More | Op::AtLeast) => {
                Err(wrong_op("text"))
            }
            Field::Text(field) => Ok(Term::Text(field, op, value)),
            Field::Count(_) if contains => Err(wrong_op("a number")),
            Field::Count(field) => number
                .map(|number| Term::Count(field, op, number))
                .ok_or_else(|| wrong_value(format!("{name} needs a number"))),
            Field::Time(_) if contains => Err(wrong_op("a time")),
            Field::Time(field) => span(&value, self.now)
                .map(|(from, to)| Term::Time(field, op, from, to))
                .ok_or_else(|| {
                    wrong_value(format!(
                        "{name} needs a date, an instant, or a span back from now such as 7d, 12h or 30m"
                    ))
                }),
            Field::Metric(metric) => number
                .filter(|_| !contains)
                .map(|number| Term::Metric(metric, op, number))
                .ok_or_else(|| unknown(&name, raw.name_at)),
        }
    }
}

/// A comparison as written, with the places of its parts.
struct Raw {
    name: String,
    name_at: usize,
    op: Op,
    op_at: usize,
    value: String,
    value_at: usize,
}

/// A day as its span, an instant as itself, `7d` as the instant that long ago.
fn span(text: &str, now: Timestamp) -> Option<(Timestamp, Timestamp)> {
    const DAY: i64 = 86_400;
    if let Some(day) = Timestamp::parse(&format!("{text}T00:00:00Z")) {
        return Some((day, day.plus_secs(DAY)));
    }
    let instant = Timestamp::parse(text).or_else(|| Timestamp::back(text, now))?;
    Some((instant, Timestamp(instant.0 + 1)))
}

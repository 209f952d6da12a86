//! The query language of lists: `status:failed (model:patchtst OR model:dlinear) val_mse<0.4`.
//!
//! Terms stand side by side (both must hold), `OR`, `NOT` or a leading `-`, and parentheses
//! combine them. A term is `field op value` or a bare word looked for in names. Errors say at
//! which character they are.

mod compare;
mod field;
mod parser;
mod subject;

pub use field::{CountField, Field, TextField, TimeField};
pub use subject::Subject;

use crate::time::Timestamp;

/// Longest query, in characters.
pub const QUERY_CHARS: usize = 1000;
/// Terms of one query at most.
const TERMS: usize = 64;
/// Parentheses and negations inside each other at most.
const DEPTH: usize = 32;

/// A query that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryError {
    /// Character, counted from 0.
    pub at: usize,
    /// What is wrong there, for people.
    pub problem: String,
}

/// How a value is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// `:` is the same regardless of case; `*` stands for any characters.
    Is,
    /// `=` is exactly the same.
    Same,
    /// `!=` differs.
    Not,
    /// `~` contains, regardless of case.
    Has,
    /// `!~` does not contain.
    Lacks,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    More,
    /// `>=`
    AtLeast,
}

/// A comparison whose value fits its field.
#[derive(Clone, Debug, PartialEq)]
pub enum Term {
    /// A word looked for in names.
    Word(String),
    /// Text compared.
    Text(TextField, Op, String),
    /// A count compared.
    Count(CountField, Op, f64),
    /// A final metric of a job compared.
    Metric(String, Op, f64),
    /// An instant compared; `:` and `!=` mean the span from the first to before the second.
    Time(TimeField, Op, Timestamp, Timestamp),
}

/// A parsed query.
#[derive(Clone, Debug, PartialEq)]
pub enum Query {
    /// All must hold; none is always true.
    All(Vec<Query>),
    /// At least one must hold.
    Any(Vec<Query>),
    /// Must not hold.
    Not(Box<Query>),
    /// One comparison.
    Term(Term),
}

impl Query {
    /// Reads `text`; spans such as `7d` count back from `now`.
    pub fn parse(text: &str, now: Timestamp) -> Result<Self, QueryError> {
        parser::parse(text, now)
    }

    /// Whether it holds for `subject`.
    pub fn holds(&self, subject: &Subject<'_>) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(subject)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(subject)),
            Self::Not(part) => !part.holds(subject),
            Self::Term(term) => compare::holds(term, subject),
        }
    }

    /// Whether it asks about jobs, so that a batch cannot be judged without them.
    pub fn asks_about_jobs(&self) -> bool {
        self.any_term(&|term| match term {
            Term::Text(field, ..) => field.is_of_job(),
            Term::Metric(..) => true,
            _ => false,
        })
    }

    /// Whether it asks for the owner's name, which no batch carries.
    pub fn asks_about_owner(&self) -> bool {
        self.any_term(&|term| matches!(term, Term::Text(TextField::Owner, ..)))
    }

    fn any_term(&self, is: &impl Fn(&Term) -> bool) -> bool {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().any(|part| part.any_term(is)),
            Self::Not(part) => part.any_term(is),
            Self::Term(term) => is(term),
        }
    }
}

#[cfg(test)]
mod tests;

//! Cases, their failures, and running many of them.

use std::fmt;

use aws_smithy_types::error::display::DisplayErrorContext;
use futures::future::BoxFuture;
use futures::stream::{self, StreamExt};

/// Cases that run at the same time.
const PARALLEL: usize = 4;

/// What went wrong, in words.
pub struct Failure(pub String);

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<E: std::error::Error + Send + Sync + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(DisplayErrorContext(error).to_string())
    }
}

/// How a case ended.
pub type Outcome = Result<(), Failure>;

/// One behaviour to check on a place `P`, a fresh table or bucket.
pub struct Case<P> {
    /// Says the behaviour; [`crate::known`] refers to it.
    pub name: &'static str,
    /// Checks it.
    pub run: fn(P) -> BoxFuture<'static, Outcome>,
}

/// The outcome of every case, in no particular order.
pub type Report = Vec<(&'static str, Outcome)>;

/// Runs all cases, each on a place of its own made by `place`.
pub async fn run_all<P, F>(cases: Vec<Case<P>>, place: impl Fn() -> F) -> Report
where
    F: Future<Output = Result<P, Failure>>,
{
    let run = |case: Case<P>| {
        let place = place();
        async move {
            let outcome = match place.await {
                Ok(place) => (case.run)(place).await,
                Err(failure) => Err(failure),
            };
            (case.name, outcome)
        }
    };
    let running = stream::iter(cases).map(run).buffer_unordered(PARALLEL);
    running.collect().await
}

/// A name nobody else uses, valid for tables and buckets.
pub fn unique(prefix: &str) -> String {
    let mut bytes = [0_u8; 8];
    getrandom::fill(&mut bytes).expect("the system has randomness");
    format!("{prefix}-{}", hex::encode(bytes))
}

/// The named functions as cases.
macro_rules! cases {
    ($($module:ident :: $name:ident),* $(,)?) => {
        vec![$($crate::Case {
            name: stringify!($name),
            run: |place| Box::pin($module::$name(place)),
        }),*]
    };
}
pub(crate) use cases;

/// Fails the case unless the condition holds.
macro_rules! ensure {
    ($condition:expr, $($text:tt)+) => {
        if !$condition {
            return Err($crate::Failure(format!($($text)+)));
        }
    };
}
pub(crate) use ensure;

/// Fails the case unless both are equal.
macro_rules! ensure_eq {
    ($left:expr, $right:expr, $what:literal) => {
        // A match keeps temporaries of both sides alive.
        match (&$left, &$right) {
            (left, right) => {
                if left != right {
                    return Err($crate::Failure(format!(
                        "{}: {left:?} is not {right:?}",
                        $what
                    )));
                }
            }
        }
    };
}
pub(crate) use ensure_eq;

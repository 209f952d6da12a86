//! What an application on one table and one bucket relies on, as runnable cases.
//!
//! The same cases run against the embedded engines and against any endpoint that speaks the
//! DynamoDB or the S3 API (`tests/it`). A case asserts what AWS documents, not what an engine
//! happens to do; where an engine differs, [`known`] says so and why.

mod case;
pub mod dynamodb;
pub mod known;
pub mod s3;

pub use case::{Case, Failure, Outcome, Report, run_all, unique};

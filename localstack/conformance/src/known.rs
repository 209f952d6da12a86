//! Where the embedded engines differ from AWS, case by case, with the reason.
//!
//! A case named here must fail on the embedded engine: if it passes, the entry is out of date
//! and the test says so. Differences that no case can show (nothing throttles, indexes are
//! consistent at once, TTL deletes only when swept) are listed in this crate's README.

/// A case an embedded engine does not satisfy.
#[derive(Debug, Clone, Copy)]
pub struct Difference {
    /// Name of the case.
    pub case: &'static str,
    /// Why, and what follows for applications.
    pub reason: &'static str,
}

/// Cases the embedded DynamoDB does not satisfy.
pub const DYNAMODB: &[Difference] = &[];

/// Cases the embedded S3 does not satisfy.
pub const S3: &[Difference] = &[];

//! What a request costs: read and write units, as DynamoDB counts and bills them, operations, and
//! whether it scanned.

use aws_sdk_dynamodb::Client;
use store::capacity::Capacity;
pub use store::capacity::{ReadTotals, Totals};

/// Adds up the write units of every write one client makes.
#[derive(Clone, Debug, Default)]
pub struct WriteUnits(Capacity);

impl WriteUnits {
    /// Units since the last call.
    pub fn take(&self) -> f64 {
        self.0.take().write_units
    }

    /// Everything since the last call.
    pub fn totals(&self) -> Totals {
        self.0.take()
    }

    /// `client`, counted.
    pub fn count(&self, client: &Client) -> Client {
        self.0.count(client)
    }
}

/// Adds up every read one client makes.
#[derive(Clone, Debug, Default)]
pub struct ReadUnits(Capacity);

impl ReadUnits {
    /// Reads since the last call.
    pub fn take(&self) -> ReadTotals {
        self.0.take().reads
    }

    /// `client`, counted.
    pub fn count(&self, client: &Client) -> Client {
        self.0.count(client)
    }
}

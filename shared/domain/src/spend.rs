//! What an installation has done and what that costs, whoever asked for it: counted where it happens.

use crate::price::{GB, list};
use serde::{Deserialize, Serialize};
use std::ops::AddAssign;

/// What was counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Spent {
    /// Requests answered, and runs of scheduled work.
    pub requests: u64,
    /// Seconds functions were busy with them.
    pub busy_secs: f64,
    /// Seconds live streams were open.
    pub stream_secs: f64,
    /// Bytes answered, as far as their number was known beforehand.
    pub bytes_out: u64,
    /// Write units of the table.
    pub write_units: f64,
    /// Read units of the table.
    pub read_units: f64,
}

impl Spent {
    /// Whether nothing was counted.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

impl AddAssign for Spent {
    fn add_assign(&mut self, other: Self) {
        self.requests += other.requests;
        self.busy_secs += other.busy_secs;
        self.stream_secs += other.stream_secs;
        self.bytes_out += other.bytes_out;
        self.write_units += other.write_units;
        self.read_units += other.read_units;
    }
}

/// Dollars, by what they are for.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bill {
    /// Front door, gateway and logs.
    pub requests: f64,
    /// Functions at work.
    pub functions: f64,
    /// Open streams.
    pub streams: f64,
    /// Reads and writes of the table.
    pub table: f64,
    /// Bytes to the world.
    pub transfer: f64,
}

impl Bill {
    /// What `spent` costs at list prices, without what is free every month.
    pub fn of(spent: &Spent) -> Self {
        let prices = list();
        Self {
            requests: spent.requests as f64 * prices.request,
            functions: spent.busy_secs * prices.function_gb * prices.gb_second,
            streams: spent.stream_secs * prices.stream_gb * prices.gb_second,
            table: spent.write_units * prices.write_unit + spent.read_units * prices.read_unit,
            transfer: spent.bytes_out as f64 / GB * prices.gb_out,
        }
    }

    /// All of it.
    pub fn total(&self) -> f64 {
        self.requests + self.functions + self.streams + self.table + self.transfer
    }
}

/// Dollars a month for keeping so many bytes in the table and in the bucket.
pub fn kept(table: u64, bucket: u64) -> f64 {
    let prices = list();
    table as f64 / GB * prices.table_gb_month + bucket as f64 / GB * prices.bucket_gb_month
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bill_has_a_line_for_each_thing() {
        let spent = Spent {
            requests: 1_000_000,
            busy_secs: 4_000.0,
            stream_secs: 8_000.0,
            bytes_out: 1_000_000_000,
            write_units: 1e6,
            read_units: 1e6,
        };
        let bill = Bill::of(&spent);
        // A thousand gigabyte seconds each.
        assert!((bill.functions - bill.streams).abs() < 1e-9, "{bill:?}");
        assert!((bill.table - 0.75).abs() < 1e-9, "{bill:?}");
        assert!((2.0..4.0).contains(&(bill.total() - 0.75)), "{bill:?}");
        let mut twice = spent;
        twice += spent;
        assert!((Bill::of(&twice).total() - 2.0 * bill.total()).abs() < 1e-9);
        assert_eq!(Bill::of(&Spent::default()).total(), 0.0);
        assert!((kept(1_000_000_000, 0) - 0.45).abs() < 1e-9);
    }
}

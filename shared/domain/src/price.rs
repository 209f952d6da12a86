//! The price list of AWS, which `make cost` reads too: what a request, a unit and a gigabyte cost.

use std::sync::LazyLock;

/// The one list; see there for what it leaves out.
const LIST: &str = include_str!("../../../infra/cost/prices.toml");

/// Prices in US dollars, and what a request takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prices {
    /// A request's way through the front door and the gateway to a function, and its line in the log.
    pub request: f64,
    /// A gigabyte of a function's memory for a second.
    pub gb_second: f64,
    /// A write unit of the table.
    pub write_unit: f64,
    /// A read unit of the table.
    pub read_unit: f64,
    /// A gigabyte to the world.
    pub gb_out: f64,
    /// A gigabyte in the table for a month, with its backup.
    pub table_gb_month: f64,
    /// A gigabyte in the bucket for a month.
    pub bucket_gb_month: f64,
    /// Gigabytes of memory of a function.
    pub function_gb: f64,
    /// Gigabytes of memory of the streaming function.
    pub stream_gb: f64,
    /// Seconds a report keeps its function busy.
    pub report_seconds: f64,
}

/// Calls of the table one after the other while a report is taken in.
const ROUNDS_OF_A_REPORT: f64 = 3.0;

static PRICES: LazyLock<Prices> = LazyLock::new(|| {
    let price = |section: &str, name: &str| {
        find(LIST, section, name).unwrap_or_else(|| panic!("no price of {section}.{name}"))
    };
    let log = price("request", "log_bytes") / GB * price("logs", "gb");
    let door = price("cloudfront", "request") + price("cloudfront", "function");
    let millis = price("request", "own_ms") + ROUNDS_OF_A_REPORT * price("request", "round_ms");
    Prices {
        request: door + price("api", "request") + price("lambda", "request") + log,
        gb_second: price("lambda", "gb_second"),
        write_unit: price("dynamodb", "write_unit"),
        read_unit: price("dynamodb", "read_unit"),
        gb_out: price("cloudfront", "gb_out"),
        table_gb_month: price("dynamodb", "gb_month") + price("dynamodb", "backup_gb_month"),
        bucket_gb_month: price("s3", "gb_month"),
        function_gb: price("request", "memory_gb"),
        stream_gb: price("request", "stream_gb"),
        report_seconds: millis / 1000.0,
    }
});

/// Bytes of a gigabyte.
pub const GB: f64 = 1e9;

/// The prices.
pub fn list() -> &'static Prices {
    &PRICES
}

/// A number of the list: `name = 1_000  # words` below `[section]`.
fn find(list: &str, section: &str, name: &str) -> Option<f64> {
    let lines = list.lines().map(|line| match line.split_once('#') {
        Some((before, _)) => before.trim(),
        None => line.trim(),
    });
    let begin = format!("[{section}]");
    let inside = lines.skip_while(|line| *line != begin).skip(1);
    let mut inside = inside.take_while(|line| !line.starts_with('['));
    let value = inside.find_map(|line| {
        let (found, value) = line.split_once('=')?;
        (found.trim() == name).then(|| value.trim().replace('_', ""))
    });
    value?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_whole_and_read_as_written() {
        let prices = list();
        assert_eq!(prices.write_unit, 0.625e-6);
        assert_eq!(find(LIST, "lambda", "free_requests"), Some(1e6));
        assert_eq!(find(LIST, "lambda", "gb_month"), None);
        // Dollars for a million.
        assert!((2.0..4.0).contains(&(prices.request * 1e6)), "{prices:?}");
    }
}

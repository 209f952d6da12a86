//! Commands that only look.

pub mod export;
pub mod runs;
pub mod show;
pub mod tail;
pub mod whoami;

use serde_json::Value;

/// A field as a cell: texts bare, null as nothing.
pub fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => crate::console::harmless(text),
        Value::Number(number) => short(number.as_f64().unwrap_or(f64::NAN), number),
        other => crate::console::harmless(&other.to_string()),
    }
}

/// Integers whole, fractions with five digits that matter.
fn short(value: f64, number: &serde_json::Number) -> String {
    if number.is_i64() || number.is_u64() || value == 0.0 {
        return number.to_string();
    }
    let digits = 4 - value.abs().log10().floor() as i32;
    match digits {
        0..=8 => format!("{value:.*}", digits as usize),
        _ => format!("{value:.4e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn cells_are_short_and_harmless() {
        let cells = [
            json!(12),
            json!(0.123_456_7),
            json!(1e-12),
            json!("a\u{1b}b"),
            json!(null),
        ];
        let cells: Vec<String> = cells.iter().map(cell).collect();
        assert_eq!(cells, ["12", "0.12346", "1.0000e-12", "ab", ""]);
    }
}

//! The notice of an upload, as the bucket sends it directly or through the event bus.

use serde_json::Value;
use store::spills::id_of_object;

/// The spill uploads a notice speaks of.
pub fn spills(notice: &Value) -> Vec<u64> {
    let direct = notice["Records"].as_array().into_iter().flatten();
    let direct = direct.map(|record| &record["s3"]["object"]["key"]);
    direct
        .chain([&notice["detail"]["object"]["key"]])
        .filter_map(Value::as_str)
        .filter_map(id_of_object)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn both_kinds_of_notices() {
        let key = "spill/0000000000000007.jsonl";
        let direct = json!({"Records": [
            {"s3": {"object": {"key": key}}},
            {"s3": {"object": {"key": "artifacts/x"}}},
        ]});
        assert_eq!(spills(&direct), [7]);
        assert_eq!(spills(&json!({"detail": {"object": {"key": key}}})), [7]);
        assert!(spills(&json!({"detail": {}})).is_empty());
    }
}

//! The record of what administrators and owners did, as stored.

use crate::TestApp;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::Value;
use store::keys;

impl TestApp {
    /// The audit rows of the month it is on the server's clock, oldest first.
    pub async fn audit(&self) -> Vec<Value> {
        let today = self.services.clock.now().to_text();
        let month = keys::audit(&today[..7], 0).pk;
        let table = &self.services.store.table;
        let query = table.client().query().table_name(table.name());
        let rows = query
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", AttributeValue::S(month))
            .send()
            .await
            .expect("the table answers");
        let row = |item: &store::item::Item| {
            let json = item["d"].as_s().expect("a text");
            serde_json::from_str(json).expect("a row")
        };
        rows.items().iter().map(row).collect()
    }
}

//! Sizes, and the TTL attribute.

use aws_sdk_dynamodb::types::{TimeToLiveSpecification, TimeToLiveStatus};

use super::table::{Table, code, item, n, s, with};
use crate::Outcome;
use crate::case::{ensure, ensure_eq};

/// The largest item: names and values together.
const LARGEST: usize = 400 * 1024;

pub(super) async fn an_item_of_400_kb_is_taken_and_a_larger_one_refused(table: Table) -> Outcome {
    // pk + "p", sk + "s", v + text
    let room = LARGEST - 3 - 3 - 1;
    table
        .put(with(item("p", "s"), "v", s("x".repeat(room))))
        .await?;
    let put = table.client.put_item().table_name(&table.name);
    let larger = with(item("p", "t"), "v", s("x".repeat(room + 1)));
    let refused = put.set_item(Some(larger)).send().await;
    ensure_eq!(code(&refused), "ValidationException", "a larger put");
    let update = table.client.update_item().table_name(&table.name);
    let update = update
        .set_key(Some(item("p", "s")))
        .update_expression("SET w = :w");
    let refused = update.expression_attribute_values(":w", n(1)).send().await;
    ensure_eq!(
        code(&refused),
        "ValidationException",
        "an update beyond the limit"
    );
    Ok(())
}

pub(super) async fn keys_have_a_largest_size(table: Table) -> Outcome {
    let (pk, sk) = ("p".repeat(2048), "s".repeat(1024));
    table.put(item(&pk, &sk)).await?;
    ensure!(table.get(&pk, &sk).await?.is_some(), "the item is missing");
    for (pk, sk) in [
        ("p".repeat(2049), "s".to_owned()),
        ("p".to_owned(), "s".repeat(1025)),
    ] {
        let put = table.client.put_item().table_name(&table.name);
        let refused = put.set_item(Some(item(&pk, &sk))).send().await;
        ensure_eq!(code(&refused), "ValidationException", "a longer key");
    }
    Ok(())
}

pub(super) async fn the_ttl_attribute_is_defined_and_described(table: Table) -> Outcome {
    let ttl = TimeToLiveSpecification::builder()
        .attribute_name("ttl")
        .enabled(true);
    table
        .client
        .update_time_to_live()
        .table_name(&table.name)
        .time_to_live_specification(ttl.build()?)
        .send()
        .await?;
    let described = table.client.describe_time_to_live().table_name(&table.name);
    let ttl = described.send().await?.time_to_live_description;
    let status = ttl.as_ref().and_then(|ttl| ttl.time_to_live_status.clone());
    let on = [TimeToLiveStatus::Enabled, TimeToLiveStatus::Enabling];
    ensure!(
        status.as_ref().is_some_and(|s| on.contains(s)),
        "status {status:?}"
    );
    ensure_eq!(
        ttl.and_then(|ttl| ttl.attribute_name),
        Some("ttl".to_owned()),
        "attribute"
    );
    Ok(())
}

//! Global secondary indexes. They may lag on AWS, so every check looks again for a while.

use std::collections::BTreeSet;

use super::table::{Item, Table, code, item, n, pause, s, with};
use crate::case::{ensure, ensure_eq};
use crate::{Failure, Outcome};

/// Looks before an index is called wrong.
const LOOKS: usize = 50;

/// All items of `value` in the index, in pages of `limit`.
async fn read(table: &Table, index: &str, value: &str, limit: i32) -> Result<Vec<Item>, Failure> {
    let key = if index == "all" { "g1 = :v" } else { "g2 = :v" };
    let mut found = Vec::new();
    let mut start: Option<Item> = None;
    loop {
        let query = table
            .client
            .query()
            .table_name(&table.name)
            .index_name(index);
        let query = query.key_condition_expression(key).limit(limit);
        let query = query.expression_attribute_values(":v", s(value));
        let page = query.set_exclusive_start_key(start).send().await?;
        found.extend(page.items.unwrap_or_default());
        start = page.last_evaluated_key;
        if start.is_none() {
            return Ok(found);
        }
    }
}

/// The same, once it has `count` items or all looks are over.
async fn settled(
    table: &Table,
    (index, value): (&str, &str),
    limit: i32,
    count: usize,
) -> Result<Vec<Item>, Failure> {
    let mut found = read(table, index, value, limit).await?;
    for _ in 0..LOOKS {
        if found.len() == count {
            break;
        }
        pause().await;
        found = read(table, index, value, limit).await?;
    }
    Ok(found)
}

pub(super) async fn an_index_pages_through_ties_without_loss(table: Table) -> Outcome {
    for number in 0..25 {
        let tied = with(
            item(&format!("p{}", number % 3), &format!("{number:02}")),
            "g1",
            s("g"),
        );
        table.put(with(tied, "s1", s("same"))).await?;
    }
    let found = settled(&table, ("all", "g"), 4, 25).await?;
    let different: BTreeSet<String> = found
        .iter()
        .filter_map(|item| item.get("sk").and_then(|sk| sk.as_s().ok()).cloned())
        .collect();
    ensure_eq!(found.len(), 25, "items over all pages");
    ensure_eq!(different.len(), 25, "different items");
    Ok(())
}

pub(super) async fn an_index_is_sparse(table: Table) -> Outcome {
    table
        .put(with(with(item("p", "in"), "g1", s("g")), "s1", s("1")))
        .await?;
    table.put(with(item("p", "half"), "g1", s("g"))).await?;
    table.put(item("p", "out")).await?;
    let found = settled(&table, ("all", "g"), 10, 1).await?;
    ensure_eq!(super::table::sort_keys(&found), ["in"], "indexed items");
    Ok(())
}

pub(super) async fn a_keys_only_index_projects_keys(table: Table) -> Outcome {
    for number in [10, 9, -1] {
        let entry = with(item("p", &format!("{number}")), "g2", s("g"));
        table
            .put(with(with(entry, "n2", n(number)), "body", s("x")))
            .await?;
    }
    let found = settled(&table, ("keys", "g"), 10, 3).await?;
    ensure_eq!(
        super::table::sort_keys(&found),
        ["-1", "9", "10"],
        "numeric order"
    );
    let names: BTreeSet<&str> = found
        .iter()
        .flat_map(|i| i.keys().map(String::as_str))
        .collect();
    ensure_eq!(
        names,
        BTreeSet::from(["g2", "n2", "pk", "sk"]),
        "attributes"
    );
    Ok(())
}

pub(super) async fn an_index_refuses_consistent_reads(table: Table) -> Outcome {
    let query = table
        .client
        .query()
        .table_name(&table.name)
        .index_name("all");
    let query = query
        .key_condition_expression("g1 = :v")
        .consistent_read(true);
    let refused = query.expression_attribute_values(":v", s("g")).send().await;
    ensure_eq!(code(&refused), "ValidationException", "code");
    Ok(())
}

pub(super) async fn an_item_moves_in_the_index_when_its_attribute_changes(table: Table) -> Outcome {
    let entry = |value: &str| with(with(item("p", "a"), "g1", s(value)), "s1", s("1"));
    table.put(entry("before")).await?;
    ensure_eq!(
        settled(&table, ("all", "before"), 10, 1).await?.len(),
        1,
        "before"
    );
    table.put(entry("after")).await?;
    ensure_eq!(
        settled(&table, ("all", "after"), 10, 1).await?.len(),
        1,
        "after"
    );
    ensure_eq!(
        settled(&table, ("all", "before"), 10, 0).await?.len(),
        0,
        "left behind"
    );
    let delete = table.client.delete_item().table_name(&table.name);
    delete.set_key(Some(item("p", "a"))).send().await?;
    let left = settled(&table, ("all", "after"), 10, 0).await?;
    ensure!(left.is_empty(), "a deleted item is still indexed");
    Ok(())
}

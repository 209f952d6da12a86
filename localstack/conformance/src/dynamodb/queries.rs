//! Queries on the table.

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::Select;

use super::table::{Item, Table, item, n, s, sort_keys, with};
use crate::case::{ensure, ensure_eq};
use crate::{Failure, Outcome};

fn query(table: &Table, condition: &str) -> QueryFluentBuilder {
    let query = table.client.query().table_name(&table.name);
    let query = query.key_condition_expression(condition);
    query.expression_attribute_values(":pk", s("p"))
}

async fn keys(query: QueryFluentBuilder) -> Result<Vec<String>, Failure> {
    Ok(sort_keys(&query.send().await?.items.unwrap_or_default()))
}

pub(super) async fn sort_keys_are_ordered_by_bytes(table: Table) -> Outcome {
    let ordered = [
        "#", "-1", "0", "10", "9", "A", "Z", "a", "~", "é", "日", "🙂",
    ];
    for sk in ordered.iter().rev() {
        table.put(item("p", sk)).await?;
    }
    ensure_eq!(keys(query(&table, "pk = :pk")).await?, ordered, "order");
    Ok(())
}

pub(super) async fn begins_with_and_between_select(table: Table) -> Outcome {
    for sk in ["job#1", "job#2", "jobs", "log#1", "log#2", "log#3"] {
        table.put(item("p", sk)).await?;
    }
    let begins = query(&table, "pk = :pk AND begins_with(sk, :a)");
    let begins = begins.expression_attribute_values(":a", s("job#"));
    ensure_eq!(keys(begins).await?, ["job#1", "job#2"], "begins_with");
    let between = query(&table, "pk = :pk AND sk BETWEEN :a AND :b");
    let between = between.expression_attribute_values(":a", s("jobs"));
    let between = between.expression_attribute_values(":b", s("log#2"));
    ensure_eq!(keys(between).await?, ["jobs", "log#1", "log#2"], "BETWEEN");
    let greater = query(&table, "pk = :pk AND sk > :a");
    let greater = greater.expression_attribute_values(":a", s("log#2"));
    ensure_eq!(keys(greater).await?, ["log#3"], "greater");
    Ok(())
}

pub(super) async fn a_prefix_is_no_pattern(table: Table) -> Outcome {
    for sk in ["a%b", "a_b", "axb", "a*b", "a?b"] {
        table.put(item("p", sk)).await?;
    }
    for prefix in ["a%", "a_", "a*", "a?"] {
        let begins = query(&table, "pk = :pk AND begins_with(sk, :a)");
        let begins = begins.expression_attribute_values(":a", s(prefix));
        ensure_eq!(keys(begins).await?, [format!("{prefix}b")], "begins_with");
    }
    Ok(())
}

async fn paged(table: &Table, forward: bool) -> Result<Vec<String>, Failure> {
    let mut found = Vec::new();
    let mut start: Option<Item> = None;
    loop {
        let page = query(table, "pk = :pk")
            .limit(7)
            .scan_index_forward(forward);
        let page = page.set_exclusive_start_key(start).send().await?;
        found.extend(sort_keys(page.items()));
        ensure_page(page.count())?;
        start = page.last_evaluated_key;
        if start.is_none() {
            return Ok(found);
        }
    }
}

fn ensure_page(count: i32) -> Outcome {
    ensure!(count <= 7, "a page has {count} items");
    Ok(())
}

pub(super) async fn pages_forward_and_backward_meet_every_item_once(table: Table) -> Outcome {
    table.fill("p", 30).await?;
    table.put(item("other", "0005")).await?;
    let mut expected: Vec<String> = (0..30).map(|number| format!("{number:04}")).collect();
    ensure_eq!(paged(&table, true).await?, expected, "forward");
    expected.reverse();
    ensure_eq!(paged(&table, false).await?, expected, "backward");
    Ok(())
}

pub(super) async fn a_filter_counts_after_the_limit(table: Table) -> Outcome {
    for number in 0..10 {
        let item = with(item("p", &format!("{number}")), "v", n(number % 2));
        table.put(item).await?;
    }
    let page = query(&table, "pk = :pk")
        .limit(6)
        .filter_expression("v = :v");
    let page = page.expression_attribute_values(":v", n(1)).send().await?;
    ensure_eq!(page.scanned_count(), 6, "scanned");
    ensure_eq!(page.count(), 3, "matched");
    ensure!(
        page.last_evaluated_key.is_some(),
        "the page claims to be the last"
    );
    Ok(())
}

pub(super) async fn a_page_ends_at_1_mb(table: Table) -> Outcome {
    for number in 0..4 {
        let bulky = with(item("p", &format!("{number}")), "v", s("x".repeat(390_000)));
        table.put(bulky).await?;
    }
    let page = query(&table, "pk = :pk").send().await?;
    ensure!(
        (2..=3).contains(&page.count()),
        "{} items of 390 kB in a page",
        page.count()
    );
    let next = query(&table, "pk = :pk").set_exclusive_start_key(page.last_evaluated_key.clone());
    let rest = next.send().await?;
    ensure_eq!(page.count() + rest.count(), 4, "items in both pages");
    Ok(())
}

pub(super) async fn a_projection_returns_only_what_it_names(table: Table) -> Outcome {
    table
        .put(with(with(item("p", "a"), "v", n(1)), "w", n(2)))
        .await?;
    let page = query(&table, "pk = :pk")
        .projection_expression("v")
        .send()
        .await?;
    ensure_eq!(
        page.items(),
        [Item::from([("v".to_owned(), n(1))])],
        "items"
    );
    Ok(())
}

pub(super) async fn a_count_returns_no_items(table: Table) -> Outcome {
    table.fill("p", 5).await?;
    let page = query(&table, "pk = :pk")
        .select(Select::Count)
        .send()
        .await?;
    ensure_eq!(page.count(), 5, "count");
    ensure!(page.items().is_empty(), "items were returned");
    Ok(())
}

//! Update expressions.

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use futures::future::join_all;

use super::table::{Item, Table, code, item, n, s, with};
use crate::Outcome;
use crate::case::{ensure, ensure_eq};

fn update(table: &Table, expression: &str) -> UpdateItemFluentBuilder {
    let update = table.client.update_item().table_name(&table.name);
    update
        .set_key(Some(item("p", "s")))
        .update_expression(expression)
}

async fn value(table: &Table, name: &str) -> Result<Option<AttributeValue>, crate::Failure> {
    Ok(table
        .get("p", "s")
        .await?
        .and_then(|mut item| item.remove(name)))
}

pub(super) async fn set_add_remove_in_one_update(table: Table) -> Outcome {
    let before = with(with(item("p", "s"), "count", n(40)), "former", s("x"));
    table.put(before).await?;
    update(
        &table,
        "SET #n = :n, twice = #c + :two REMOVE former ADD #c :two",
    )
    .expression_attribute_names("#n", "name")
    .expression_attribute_names("#c", "count")
    .expression_attribute_values(":n", s("new"))
    .expression_attribute_values(":two", n(2))
    .send()
    .await?;
    ensure_eq!(value(&table, "name").await?, Some(s("new")), "SET");
    ensure_eq!(value(&table, "count").await?, Some(n(42)), "ADD");
    ensure_eq!(
        value(&table, "twice").await?,
        Some(n(42)),
        "arithmetic on the old value"
    );
    ensure_eq!(value(&table, "former").await?, None, "REMOVE");
    Ok(())
}

pub(super) async fn if_not_exists_keeps_the_first_value(table: Table) -> Outcome {
    for number in [1, 2] {
        update(
            &table,
            "SET v = if_not_exists(v, :v), c = if_not_exists(c, :zero) + :one",
        )
        .expression_attribute_values(":v", n(number))
        .expression_attribute_values(":zero", n(0))
        .expression_attribute_values(":one", n(1))
        .send()
        .await?;
    }
    ensure_eq!(value(&table, "v").await?, Some(n(1)), "first value");
    ensure_eq!(value(&table, "c").await?, Some(n(2)), "counter");
    Ok(())
}

pub(super) async fn concurrent_adds_lose_nothing(table: Table) -> Outcome {
    let adds = (0..50).map(|_| {
        let add = update(&table, "ADD hits :one");
        add.expression_attribute_values(":one", n(1)).send()
    });
    for added in join_all(adds).await {
        added?;
    }
    ensure_eq!(value(&table, "hits").await?, Some(n(50)), "hits");
    Ok(())
}

pub(super) async fn an_update_makes_the_item_it_misses(table: Table) -> Outcome {
    let set = update(&table, "SET v = :v");
    set.expression_attribute_values(":v", n(1)).send().await?;
    ensure_eq!(
        table.get("p", "s").await?,
        Some(with(item("p", "s"), "v", n(1))),
        "item"
    );
    let guarded = update(&table, "SET v = :v").condition_expression("attribute_exists(gone)");
    let refused = guarded.expression_attribute_values(":v", n(2)).send().await;
    ensure_eq!(
        code(&refused),
        "ConditionalCheckFailedException",
        "guarded update"
    );
    Ok(())
}

pub(super) async fn returned_values_are_the_ones_asked_for(table: Table) -> Outcome {
    table
        .put(with(with(item("p", "s"), "v", n(1)), "w", n(9)))
        .await?;
    let wanted = [
        (ReturnValue::UpdatedOld, Item::from([("v".into(), n(1))])),
        (ReturnValue::UpdatedNew, Item::from([("v".into(), n(3))])),
        (
            ReturnValue::AllNew,
            with(with(item("p", "s"), "v", n(4)), "w", n(9)),
        ),
        (
            ReturnValue::AllOld,
            with(with(item("p", "s"), "v", n(4)), "w", n(9)),
        ),
    ];
    for (kind, expected) in wanted {
        let add = update(&table, "SET v = v + :one").return_values(kind.clone());
        let got = add.expression_attribute_values(":one", n(1)).send().await?;
        ensure!(
            got.attributes.as_ref() == Some(&expected),
            "{kind}: {:?}",
            got.attributes
        );
    }
    Ok(())
}

pub(super) async fn sets_and_lists_grow_and_shrink(table: Table) -> Outcome {
    let list = AttributeValue::L(vec![n(1)]);
    table.put(with(item("p", "s"), "list", list)).await?;
    update(&table, "SET #l = list_append(#l, :more) ADD tags :tags")
        .expression_attribute_names("#l", "list")
        .expression_attribute_values(":more", AttributeValue::L(vec![n(2), n(3)]))
        .expression_attribute_values(":tags", AttributeValue::Ss(vec!["a".into(), "b".into()]))
        .send()
        .await?;
    update(&table, "REMOVE #l[0] DELETE tags :tags")
        .expression_attribute_names("#l", "list")
        .expression_attribute_values(":tags", AttributeValue::Ss(vec!["a".into()]))
        .send()
        .await?;
    let list = AttributeValue::L(vec![n(2), n(3)]);
    ensure_eq!(value(&table, "list").await?, Some(list), "list");
    let tags = AttributeValue::Ss(vec!["b".into()]);
    ensure_eq!(value(&table, "tags").await?, Some(tags), "set");
    Ok(())
}

pub(super) async fn nested_paths_and_reserved_words_need_names(table: Table) -> Outcome {
    let map = AttributeValue::M(Item::from([("a".to_owned(), n(1))]));
    table.put(with(item("p", "s"), "m", map)).await?;
    update(&table, "SET m.#status = :v, m.a = m.a + :v")
        .expression_attribute_names("#status", "status")
        .expression_attribute_values(":v", n(1))
        .send()
        .await?;
    let map = Item::from([("a".to_owned(), n(2)), ("status".to_owned(), n(1))]);
    ensure_eq!(
        value(&table, "m").await?,
        Some(AttributeValue::M(map)),
        "map"
    );
    let refused = update(&table, "SET status = :v");
    let refused = refused.expression_attribute_values(":v", n(1)).send().await;
    ensure_eq!(code(&refused), "ValidationException", "a reserved word");
    Ok(())
}

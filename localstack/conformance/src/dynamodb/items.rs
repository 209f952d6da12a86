//! Values of single items.

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity, ReturnValue};

use super::table::{Item, Table, code, item, n, s, with};
use crate::Outcome;
use crate::case::{ensure, ensure_eq};

pub(super) async fn all_types_come_back_as_they_were_put(table: Table) -> Outcome {
    let map = Item::from([("inner".to_owned(), n(1))]);
    let attributes = [
        ("text", s("grüße 🙂")),
        ("number", n("-12.5")),
        ("bytes", AttributeValue::B(Blob::new([0, 255, 10, 0]))),
        ("yes", AttributeValue::Bool(true)),
        ("nothing", AttributeValue::Null(true)),
        ("list", AttributeValue::L(vec![s("a"), n(2)])),
        ("map", AttributeValue::M(map)),
        ("texts", AttributeValue::Ss(vec!["a".into(), "b".into()])),
        (
            "blobs",
            AttributeValue::Bs(vec![Blob::new([1]), Blob::new([2])]),
        ),
    ];
    let mut whole = item("p", "s");
    for (name, value) in attributes {
        whole = with(whole, name, value);
    }
    table.put(whole.clone()).await?;
    let Some(found) = table.get("p", "s").await? else {
        return Err(crate::Failure("the item is missing".into()));
    };
    for (name, value) in &whole {
        ensure!(
            found.get(name) == Some(value),
            "{name}: {:?}",
            found.get(name)
        );
    }
    ensure_eq!(found.len(), whole.len(), "number of attributes");
    Ok(())
}

pub(super) async fn numbers_to_2_53_are_exact(table: Table) -> Outcome {
    let largest: i64 = 1 << 53;
    for (sk, number) in [
        ("a", largest),
        ("b", -largest),
        ("c", largest - 1),
        ("d", 0),
    ] {
        table.put(with(item("p", sk), "v", n(number))).await?;
        let found = table.get("p", sk).await?.and_then(|mut i| i.remove("v"));
        ensure_eq!(found, Some(n(number)), "number");
    }
    Ok(())
}

pub(super) async fn an_empty_text_is_a_value_but_not_a_key(table: Table) -> Outcome {
    table.put(with(item("p", "s"), "v", s(""))).await?;
    let found = table.get("p", "s").await?.and_then(|mut i| i.remove("v"));
    ensure_eq!(found, Some(s("")), "value");
    let put = table.client.put_item().table_name(&table.name);
    let refused = put.set_item(Some(item("p", ""))).send().await;
    ensure_eq!(code(&refused), "ValidationException", "empty sort key");
    Ok(())
}

pub(super) async fn the_old_item_is_returned_when_asked(table: Table) -> Outcome {
    table.put(with(item("p", "s"), "v", n(1))).await?;
    let put = table.client.put_item().table_name(&table.name);
    let put = put.set_item(Some(with(item("p", "s"), "v", n(2))));
    let old = put.return_values(ReturnValue::AllOld).send().await?;
    let value = old.attributes.and_then(|mut i| i.remove("v"));
    ensure_eq!(value, Some(n(1)), "replaced value");
    let delete = table.client.delete_item().table_name(&table.name);
    let delete = delete.set_key(Some(item("p", "s")));
    let old = delete.return_values(ReturnValue::AllOld).send().await?;
    let value = old.attributes.and_then(|mut i| i.remove("v"));
    ensure_eq!(value, Some(n(2)), "deleted value");
    ensure!(
        table.get("p", "s").await?.is_none(),
        "the item is still there"
    );
    Ok(())
}

pub(super) async fn capacity_is_reported_when_asked(table: Table) -> Outcome {
    let bulky = with(item("p", "s"), "v", s("x".repeat(3000)));
    let put = table.client.put_item().table_name(&table.name);
    let put = put.set_item(Some(bulky));
    let put = put.return_consumed_capacity(ReturnConsumedCapacity::Total);
    let units = put
        .send()
        .await?
        .consumed_capacity
        .and_then(|c| c.capacity_units);
    ensure_eq!(units, Some(3.0), "units of a 3 kB write");
    let get = table.client.get_item().table_name(&table.name);
    let get = get.set_key(Some(item("p", "s"))).consistent_read(true);
    let get = get.return_consumed_capacity(ReturnConsumedCapacity::Total);
    let units = get
        .send()
        .await?
        .consumed_capacity
        .and_then(|c| c.capacity_units);
    ensure_eq!(units, Some(1.0), "units of a consistent 3 kB read");
    Ok(())
}

pub(super) async fn reading_from_a_missing_table_says_so(table: Table) -> Outcome {
    let get = table
        .client
        .get_item()
        .table_name("conformance-missing-table");
    let refused = get.set_key(Some(item("p", "s"))).send().await;
    ensure_eq!(code(&refused), "ResourceNotFoundException", "missing table");
    Ok(())
}

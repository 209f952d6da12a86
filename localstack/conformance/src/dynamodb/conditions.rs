//! Conditional writes, alone and racing.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use futures::future::join_all;

use super::table::{Table, code, item, n, with};
use crate::case::{ensure, ensure_eq};
use crate::{Failure, Outcome};

pub(super) async fn of_20_racers_one_creates(table: Table) -> Outcome {
    let racers = (0..20).map(|number| {
        let put = table.client.put_item().table_name(&table.name);
        let put = put.set_item(Some(with(item("p", "s"), "v", n(number))));
        put.condition_expression("attribute_not_exists(pk)").send()
    });
    let outcomes = join_all(racers).await;
    let winners: Vec<usize> = (0..20).filter(|i| outcomes[*i].is_ok()).collect();
    ensure_eq!(winners.len(), 1, "winners");
    let losers = outcomes
        .iter()
        .filter(|o| code(o) == "ConditionalCheckFailedException");
    ensure_eq!(losers.count(), 19, "losers");
    let stored = table.get("p", "s").await?.and_then(|mut i| i.remove("v"));
    ensure_eq!(stored, Some(n(winners[0])), "stored value");
    Ok(())
}

pub(super) async fn a_failed_condition_shows_the_old_item_when_asked(table: Table) -> Outcome {
    table.put(with(item("p", "s"), "v", n(7))).await?;
    let put = table.client.put_item().table_name(&table.name);
    let refused = put
        .set_item(Some(item("p", "s")))
        .condition_expression("attribute_not_exists(pk)")
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .send()
        .await;
    ensure_eq!(code(&refused), "ConditionalCheckFailedException", "code");
    let old =
        refused.err().and_then(|error| {
            match error.into_service_error() {
        aws_sdk_dynamodb::operation::put_item::PutItemError::ConditionalCheckFailedException(
            failed,
        ) => failed.item,
        _ => None,
    }
        });
    ensure_eq!(old.and_then(|mut i| i.remove("v")), Some(n(7)), "old value");
    Ok(())
}

async fn step(table: &Table, from: i32, to: i32) -> Result<String, Failure> {
    let update = table.client.update_item().table_name(&table.name);
    let outcome = update
        .set_key(Some(item("p", "s")))
        .update_expression("SET version = :to")
        .condition_expression("version = :from")
        .expression_attribute_values(":from", n(from))
        .expression_attribute_values(":to", n(to))
        .send()
        .await;
    Ok(code(&outcome).to_owned())
}

pub(super) async fn a_version_check_keeps_one_of_two_updates(table: Table) -> Outcome {
    table.put(with(item("p", "s"), "version", n(1))).await?;
    ensure_eq!(step(&table, 1, 2).await?, "", "the first update");
    let failed = "ConditionalCheckFailedException";
    ensure_eq!(step(&table, 1, 3).await?, failed, "the second update");
    let version = table
        .get("p", "s")
        .await?
        .and_then(|mut i| i.remove("version"));
    ensure_eq!(version, Some(n(2)), "version");
    Ok(())
}

pub(super) async fn a_conditional_delete_spares_the_other(table: Table) -> Outcome {
    table
        .put(with(item("p", "s"), "owner", AttributeValue::S("a".into())))
        .await?;
    let delete = |owner: &str| {
        let delete = table.client.delete_item().table_name(&table.name);
        let delete = delete.set_key(Some(item("p", "s")));
        let delete = delete.condition_expression("#o = :owner");
        let delete = delete.expression_attribute_names("#o", "owner");
        delete.expression_attribute_values(":owner", AttributeValue::S(owner.into()))
    };
    let refused = delete("b").send().await;
    ensure_eq!(code(&refused), "ConditionalCheckFailedException", "code");
    ensure!(table.get("p", "s").await?.is_some(), "the item is gone");
    delete("a").send().await?;
    ensure!(
        table.get("p", "s").await?.is_none(),
        "the item is still there"
    );
    Ok(())
}

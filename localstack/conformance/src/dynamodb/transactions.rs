//! Transactions: all or nothing, with the reason at its position.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    CancellationReason, ConditionCheck, Delete, Get, Put, ReturnValuesOnConditionCheckFailure,
    TransactGetItem, TransactWriteItem, Update,
};
use futures::future::join_all;

use super::table::{Item, Table, code, item, n, with};
use crate::case::{ensure, ensure_eq};
use crate::{Failure, Outcome};

fn put(table: &Table, item: Item, condition: Option<&str>) -> TransactWriteItem {
    let put = Put::builder()
        .table_name(&table.name)
        .set_item(Some(item))
        .set_condition_expression(condition.map(str::to_owned))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .build();
    TransactWriteItem::builder()
        .put(put.expect("complete"))
        .build()
}

fn add(table: &Table, sk: &str) -> TransactWriteItem {
    let update = Update::builder()
        .table_name(&table.name)
        .set_key(Some(item("p", sk)))
        .update_expression("ADD v :one")
        .expression_attribute_values(":one", n(1))
        .build();
    TransactWriteItem::builder()
        .update(update.expect("complete"))
        .build()
}

fn check(table: &Table, sk: &str, condition: &str) -> TransactWriteItem {
    let check = ConditionCheck::builder()
        .table_name(&table.name)
        .set_key(Some(item("p", sk)))
        .condition_expression(condition)
        .build();
    TransactWriteItem::builder()
        .condition_check(check.expect("complete"))
        .build()
}

fn delete(table: &Table, sk: &str) -> TransactWriteItem {
    let delete = Delete::builder()
        .table_name(&table.name)
        .set_key(Some(item("p", sk)));
    TransactWriteItem::builder()
        .delete(delete.build().expect("complete"))
        .build()
}

type Written = Result<(), SdkError<TransactWriteItemsError>>;

async fn write(table: &Table, actions: Vec<TransactWriteItem>) -> Written {
    let write = table.client.transact_write_items();
    write
        .set_transact_items(Some(actions))
        .send()
        .await
        .map(|_| ())
}

fn reasons(written: Written) -> Result<Vec<CancellationReason>, Failure> {
    let text = format!("{written:?}");
    match written.map_err(SdkError::into_service_error) {
        Err(TransactWriteItemsError::TransactionCanceledException(canceled)) => {
            Ok(canceled.cancellation_reasons.unwrap_or_default())
        }
        _ => Err(Failure(format!("not cancelled but {text}"))),
    }
}

fn codes(reasons: &[CancellationReason]) -> Vec<&str> {
    reasons
        .iter()
        .map(|reason| reason.code.as_deref().unwrap_or("None"))
        .collect()
}

pub(super) async fn a_failed_transaction_changes_nothing_and_says_where(table: Table) -> Outcome {
    table.put(with(item("p", "b"), "v", n(1))).await?;
    table.put(item("p", "d")).await?;
    let absent = Some("attribute_not_exists(pk)");
    let written = write(
        &table,
        vec![
            put(&table, item("p", "a"), absent),
            put(&table, item("p", "b"), absent),
            add(&table, "c"),
            delete(&table, "d"),
        ],
    );
    let reasons = reasons(written.await)?;
    let expected = ["None", "ConditionalCheckFailed", "None", "None"];
    ensure_eq!(codes(&reasons), expected, "reasons");
    for missing in ["a", "c"] {
        ensure!(
            table.get("p", missing).await?.is_none(),
            "{missing} was written"
        );
    }
    ensure!(table.get("p", "d").await?.is_some(), "d was deleted");
    Ok(())
}

pub(super) async fn a_reason_shows_the_old_item_when_asked(table: Table) -> Outcome {
    table.put(with(item("p", "a"), "v", n(5))).await?;
    let absent = Some("attribute_not_exists(pk)");
    let written = write(&table, vec![put(&table, item("p", "a"), absent)]).await;
    let old = reasons(written)?.pop().and_then(|reason| reason.item);
    ensure_eq!(old.and_then(|mut i| i.remove("v")), Some(n(5)), "old value");
    Ok(())
}

pub(super) async fn a_condition_check_guards_other_writes(table: Table) -> Outcome {
    let actions = || {
        vec![
            check(&table, "guard", "attribute_exists(pk)"),
            add(&table, "a"),
        ]
    };
    let refused = reasons(write(&table, actions()).await)?;
    ensure_eq!(
        codes(&refused),
        ["ConditionalCheckFailed", "None"],
        "reasons"
    );
    table.put(item("p", "guard")).await?;
    write(&table, actions()).await?;
    let value = table.get("p", "a").await?.and_then(|mut i| i.remove("v"));
    ensure_eq!(value, Some(n(1)), "guarded value");
    Ok(())
}

pub(super) async fn a_repeated_token_applies_once(table: Table) -> Outcome {
    let token = crate::unique("token");
    let write = |sk: &str| {
        let write = table
            .client
            .transact_write_items()
            .client_request_token(&token);
        write.transact_items(add(&table, sk)).send()
    };
    write("a").await?;
    write("a").await?;
    let value = table.get("p", "a").await?.and_then(|mut i| i.remove("v"));
    ensure_eq!(value, Some(n(1)), "value after a repeat");
    let refused = write("b").await;
    let expected = "IdempotentParameterMismatchException";
    ensure_eq!(code(&refused), expected, "the token with other content");
    Ok(())
}

pub(super) async fn a_transaction_naming_an_item_twice_is_refused(table: Table) -> Outcome {
    let written = write(&table, vec![add(&table, "a"), delete(&table, "a")]).await;
    ensure_eq!(code(&written), "ValidationException", "code");
    Ok(())
}

pub(super) async fn a_transaction_of_100_is_taken_and_101_refused(table: Table) -> Outcome {
    let actions = |count| {
        (0..count)
            .map(|i| add(&table, &format!("{i:03}")))
            .collect()
    };
    write(&table, actions(100)).await?;
    let refused = write(&table, actions(101)).await;
    ensure_eq!(code(&refused), "ValidationException", "101 actions");
    ensure!(
        table.get("p", "100").await?.is_none(),
        "a refused action was written"
    );
    ensure!(
        table.get("p", "099").await?.is_some(),
        "the last action is missing"
    );
    Ok(())
}

pub(super) async fn a_transactional_read_is_in_order(table: Table) -> Outcome {
    table.put(item("p", "a")).await?;
    table.put(item("p", "b")).await?;
    let mut read = table.client.transact_get_items();
    for sk in ["b", "missing", "a"] {
        let get = Get::builder()
            .table_name(&table.name)
            .set_key(Some(item("p", sk)));
        let get = get.build().expect("complete");
        read = read.transact_items(TransactGetItem::builder().get(get).build());
    }
    let found = read.send().await?.responses.unwrap_or_default();
    let found: Vec<Option<Item>> = found.into_iter().map(|r| r.item).collect();
    ensure_eq!(
        found,
        [Some(item("p", "b")), None, Some(item("p", "a"))],
        "items"
    );
    Ok(())
}

pub(super) async fn of_20_racing_transactions_one_wins(table: Table) -> Outcome {
    let absent = Some("attribute_not_exists(pk)");
    let racers = (0..20).map(|number| {
        let mark = with(item("p", "mark"), "winner", n(number));
        write(
            &table,
            vec![put(&table, mark, absent), add(&table, "count")],
        )
    });
    let mut wins = 0;
    for outcome in join_all(racers).await {
        match code(&outcome) {
            "" => wins += 1,
            "TransactionCanceledException" | "TransactionInProgressException" => {}
            other => return Err(Failure(format!("a racer got {other}"))),
        }
    }
    ensure_eq!(wins, 1, "winners");
    let count = table
        .get("p", "count")
        .await?
        .and_then(|mut i| i.remove("v"));
    ensure_eq!(count, Some(n(1)), "writes of the winners");
    Ok(())
}

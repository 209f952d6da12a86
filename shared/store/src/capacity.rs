//! What calls of the table cost: read and write units, as DynamoDB counts and bills them, operations, and
//! whether they scan.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::interceptors::{
    AfterDeserializationInterceptorContextRef, BeforeSerializationInterceptorContextMut,
};
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_sdk_dynamodb::operation::batch_get_item::{BatchGetItemInput, BatchGetItemOutput};
use aws_sdk_dynamodb::operation::batch_write_item::{BatchWriteItemInput, BatchWriteItemOutput};
use aws_sdk_dynamodb::operation::delete_item::{DeleteItemInput, DeleteItemOutput};
use aws_sdk_dynamodb::operation::get_item::{GetItemInput, GetItemOutput};
use aws_sdk_dynamodb::operation::put_item::{PutItemInput, PutItemOutput};
use aws_sdk_dynamodb::operation::query::{QueryInput, QueryOutput};
use aws_sdk_dynamodb::operation::scan::ScanInput;
use aws_sdk_dynamodb::operation::transact_write_items::{
    TransactWriteItemsInput, TransactWriteItemsOutput,
};
use aws_sdk_dynamodb::operation::update_item::{UpdateItemInput, UpdateItemOutput};
use aws_sdk_dynamodb::types::{ConsumedCapacity, ReturnConsumedCapacity};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Reads of one client.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ReadTotals {
    /// Read units.
    pub units: f64,
    /// GetItem, BatchGetItem and Query calls.
    pub operations: u64,
    /// Scan calls; a request must never make one.
    pub scans: u64,
}

/// What was counted.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Totals {
    /// Write units.
    pub write_units: f64,
    /// Calls that write.
    pub write_operations: u64,
    /// Reads.
    pub reads: ReadTotals,
}

/// Adds up what every call of the clients it counts costs.
#[derive(Clone, Debug, Default)]
pub struct Capacity(Arc<Mutex<Totals>>);

impl Capacity {
    fn lock(&self) -> MutexGuard<'_, Totals> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `client`, counted.
    pub fn count(&self, client: &Client) -> Client {
        let config = client.config().to_builder().interceptor(self.clone());
        Client::from_conf(config.build())
    }

    /// What was counted since the last time somebody asked.
    pub fn take(&self) -> Totals {
        std::mem::take(&mut *self.lock())
    }
}

fn units<'a>(consumed: impl IntoIterator<Item = &'a ConsumedCapacity>) -> f64 {
    consumed.into_iter().filter_map(|c| c.capacity_units).sum()
}

impl Intercept for Capacity {
    fn name(&self) -> &'static str {
        "Capacity"
    }

    fn modify_before_serialization(
        &self,
        context: &mut BeforeSerializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let input = context.input_mut();
        // Every call says what it cost, once it is asked to; reads are counted as well.
        macro_rules! ask {
            ($totals:ident => $count:expr; $($input:ty),*) => {$(
                if let Some(input) = input.downcast_mut::<$input>() {
                    input.return_consumed_capacity = Some(ReturnConsumedCapacity::Total);
                    let mut $totals = self.lock();
                    $count += 1;
                }
            )*};
        }
        ask!(totals => totals.reads.operations; GetItemInput, BatchGetItemInput, QueryInput);
        ask!(
            totals => totals.write_operations; PutItemInput,
            UpdateItemInput,
            DeleteItemInput,
            BatchWriteItemInput,
            TransactWriteItemsInput
        );
        if input.downcast_mut::<ScanInput>().is_some() {
            self.lock().reads.scans += 1;
        }
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Ok(output) = context.output_or_error() else {
            return Ok(());
        };
        let mut totals = self.lock();
        macro_rules! hear {
            ($sum:expr; $($output:ty),*) => {$(
                if let Some(output) = output.downcast_ref::<$output>() {
                    $sum += units(output.consumed_capacity());
                }
            )*};
        }
        hear!(totals.reads.units; GetItemOutput, BatchGetItemOutput, QueryOutput);
        hear!(
            totals.write_units; PutItemOutput,
            UpdateItemOutput,
            DeleteItemOutput,
            BatchWriteItemOutput,
            TransactWriteItemsOutput
        );
        Ok(())
    }
}

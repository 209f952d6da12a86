//! What a request costs: read units, operations, and whether it scanned.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::interceptors::{
    AfterDeserializationInterceptorContextRef, BeforeSerializationInterceptorContextMut,
};
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_sdk_dynamodb::operation::batch_get_item::{BatchGetItemInput, BatchGetItemOutput};
use aws_sdk_dynamodb::operation::get_item::{GetItemInput, GetItemOutput};
use aws_sdk_dynamodb::operation::query::{QueryInput, QueryOutput};
use aws_sdk_dynamodb::operation::scan::ScanInput;
use aws_sdk_dynamodb::types::ReturnConsumedCapacity;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Reads of one client.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ReadTotals {
    /// Read units, as DynamoDB counts and bills them.
    pub units: f64,
    /// GetItem, BatchGetItem and Query calls.
    pub operations: u64,
    /// Scan calls; a request must never make one.
    pub scans: u64,
}

/// Adds up every read one client makes.
#[derive(Clone, Debug, Default)]
pub struct ReadUnits(Arc<Mutex<ReadTotals>>);

impl ReadUnits {
    /// Reads since the last call.
    pub fn take(&self) -> ReadTotals {
        std::mem::take(&mut *self.lock())
    }

    /// `client`, counted.
    pub fn count(&self, client: &Client) -> Client {
        let config = client.config().to_builder().interceptor(self.clone());
        Client::from_conf(config.build())
    }

    fn lock(&self) -> MutexGuard<'_, ReadTotals> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Intercept for ReadUnits {
    fn name(&self) -> &'static str {
        "ReadUnits"
    }

    fn modify_before_serialization(
        &self,
        context: &mut BeforeSerializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let input = context.input_mut();
        macro_rules! ask {
            ($($input:ty),*) => {$(
                if let Some(input) = input.downcast_mut::<$input>() {
                    input.return_consumed_capacity = Some(ReturnConsumedCapacity::Total);
                    self.lock().operations += 1;
                }
            )*};
        }
        ask!(GetItemInput, BatchGetItemInput, QueryInput);
        if input.downcast_mut::<ScanInput>().is_some() {
            self.lock().scans += 1;
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
        macro_rules! hear {
            ($($output:ty),*) => {$(
                if let Some(output) = output.downcast_ref::<$output>() {
                    let consumed = output.consumed_capacity().into_iter();
                    let units: f64 = consumed.filter_map(|c| c.capacity_units).sum();
                    self.lock().units += units;
                }
            )*};
        }
        hear!(GetItemOutput, BatchGetItemOutput, QueryOutput);
        Ok(())
    }
}

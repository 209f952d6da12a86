//! A storage that dies in the middle of something: from one write on, all are refused.

use aws_sdk_dynamodb::config::interceptors::BeforeSerializationInterceptorContextRef;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_sdk_dynamodb::operation::batch_write_item::BatchWriteItemInput;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemInput;
use aws_sdk_dynamodb::operation::put_item::PutItemInput;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsInput;
use aws_sdk_dynamodb::operation::update_item::UpdateItemInput;
use aws_sdk_s3::operation::delete_object::DeleteObjectInput;
use aws_sdk_s3::operation::put_object::PutObjectInput;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts the writes of clients to table and bucket, and refuses them once told to.
#[derive(Clone, Debug, Default)]
pub struct Refusals(Arc<State>);

#[derive(Debug)]
struct State {
    seen: AtomicU64,
    allowed: AtomicU64,
}

impl Default for State {
    fn default() -> Self {
        Self {
            seen: AtomicU64::new(0),
            allowed: AtomicU64::new(u64::MAX),
        }
    }
}

impl Refusals {
    /// Lets `writes` more writes through and none after them.
    pub fn after(&self, writes: u64) {
        let seen = self.0.seen.load(Ordering::SeqCst);
        self.0.allowed.store(seen + writes, Ordering::SeqCst);
    }

    /// Refuses nothing any more.
    pub fn lift(&self) {
        self.0.allowed.store(u64::MAX, Ordering::SeqCst);
    }

    /// Writes so far, refused ones included.
    pub fn seen(&self) -> u64 {
        self.0.seen.load(Ordering::SeqCst)
    }

    /// `client`, watched.
    pub fn table(&self, client: &aws_sdk_dynamodb::Client) -> aws_sdk_dynamodb::Client {
        let config = client.config().to_builder().interceptor(self.clone());
        aws_sdk_dynamodb::Client::from_conf(config.build())
    }

    /// `client`, watched.
    pub fn bucket(&self, client: &aws_sdk_s3::Client) -> aws_sdk_s3::Client {
        let config = client.config().to_builder().interceptor(self.clone());
        aws_sdk_s3::Client::from_conf(config.build())
    }
}

impl Intercept for Refusals {
    fn name(&self) -> &'static str {
        "Refusals"
    }

    fn read_before_serialization(
        &self,
        context: &BeforeSerializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let input = context.input();
        macro_rules! writes {
            ($($input:ty),*) => { false $(|| input.downcast_ref::<$input>().is_some())* };
        }
        let is_write = writes!(
            PutItemInput,
            UpdateItemInput,
            DeleteItemInput,
            BatchWriteItemInput,
            TransactWriteItemsInput,
            PutObjectInput,
            DeleteObjectInput
        );
        if !is_write {
            return Ok(());
        }
        let number = self.0.seen.fetch_add(1, Ordering::SeqCst);
        match number < self.0.allowed.load(Ordering::SeqCst) {
            true => Ok(()),
            false => Err("the storage died".into()),
        }
    }
}

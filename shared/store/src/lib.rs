//! The only crate that talks to DynamoDB and S3. One method per access pattern.
//!
//! Knows nothing of HTTP, of who may do what, or of which engine sits below the SDK. Reading
//! order: [`keys`] (what lies where), [`table`] (the few operations everything is made of), then
//! the access patterns by noun.

pub mod accounts;
pub mod admins;
pub mod agents;
pub mod artifacts;
pub mod audit;
pub mod backups;
pub mod batch_lists;
pub mod batches;
pub mod blobs;
pub mod capacity;
pub mod channels;
pub mod chunks;
pub mod closing;
pub mod commands;
pub mod cull;
pub mod deleted;
pub mod digests;
pub mod dropped;
pub mod error;
pub mod feed;
pub mod flows;
pub mod gates;
pub mod grants;
pub mod hosts;
pub mod hub;
pub mod item;
pub mod keys;
pub mod limits;
pub mod links;
pub mod locks;
pub mod mail_templates;
pub mod marks;
pub mod notices;
pub mod notifications;
pub mod outbox;
pub mod outbox_counts;
pub mod packed;
pub mod parked;
pub mod pause;
pub mod persons;
pub mod places;
pub mod projects;
pub mod purge;
mod queues;
mod range;
pub mod rates;
pub mod recipients;
pub mod review;
pub mod row_ids;
pub mod runs;
pub mod schema;
pub mod secrets;
pub mod session_keys;
pub mod sessions;
pub mod settings;
pub mod spend;
pub mod spills;
pub mod sweep;
pub mod table;
pub mod tidy;
pub mod tokens;
pub mod unsubscribe;
pub mod watchdogs;
pub mod watches;
pub mod whole;
pub mod whole_runs;
pub mod wishes;

pub use blobs::Blobs;
pub use error::StoreError;
pub use hub::FeedHub;
pub use item::Versioned;
pub use table::Table;

use std::sync::Arc;

/// Handle on all stored state. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    /// The single table.
    pub table: Table,
    /// The bucket, for whoever moves large objects.
    pub blobs: Blobs,
    /// Wakes live readers of this process when a feed grew.
    pub hub: Arc<FeedHub>,
    /// Jobs of batches, as last read.
    pub digests: Arc<digests::Digests>,
    /// Chunks of detail, as last read.
    pub recent: Arc<chunks::Recent>,
    /// Row ids of this process.
    pub row_ids: Arc<row_ids::RowIds>,
    /// What this process did, as it will be billed.
    pub spending: Arc<spend::Spending>,
}

impl Store {
    /// A store over ready clients.
    pub fn new(
        dynamodb: aws_sdk_dynamodb::Client,
        table: String,
        s3: aws_sdk_s3::Client,
        bucket: String,
    ) -> Self {
        let spending = spend::Spending::default();
        Self {
            table: Table::new(spending.counted(&dynamodb), table),
            blobs: Blobs { client: s3, bucket },
            hub: Arc::new(FeedHub::default()),
            digests: Arc::default(),
            recent: Arc::default(),
            row_ids: Arc::default(),
            spending: Arc::new(spending),
        }
    }
}

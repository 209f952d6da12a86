//! Buckets: names that must exist before objects can be put.

use rusqlite::params;
use s3s::dto::{Bucket, CreateBucketOutput, ListBucketsOutput};
use s3s::{S3Result, s3_error};

use crate::backend::Backend;
use crate::failure::storage;
use crate::rows::{need_bucket, now, timestamp};

impl Backend {
    pub(crate) async fn make_bucket(&self, bucket: String) -> S3Result<CreateBucketOutput> {
        let location = Some(format!("/{bucket}"));
        self.index
            .write(move |tx| {
                let made = tx
                    .execute(
                        "INSERT OR IGNORE INTO bucket (name, created) VALUES (?1, ?2)",
                        params![bucket, now()],
                    )
                    .map_err(storage)?;
                match made {
                    0 => Err(s3_error!(BucketAlreadyOwnedByYou)),
                    _ => Ok(()),
                }
            })
            .await?;
        Ok(CreateBucketOutput { location })
    }

    pub(crate) async fn check_bucket(&self, bucket: String) -> S3Result<()> {
        self.index.read(move |tx| need_bucket(tx, &bucket)).await
    }

    pub(crate) async fn all_buckets(&self) -> S3Result<ListBucketsOutput> {
        let buckets = self.index.read(|tx| {
            tx.prepare("SELECT name, created FROM bucket ORDER BY name")
                .and_then(|mut statement| {
                    let rows = statement.query_map([], |row| {
                        Ok(Bucket {
                            name: Some(row.get(0)?),
                            creation_date: Some(timestamp(row.get(1)?)),
                            ..Bucket::default()
                        })
                    })?;
                    rows.collect::<rusqlite::Result<Vec<Bucket>>>()
                })
                .map_err(storage)
        });
        Ok(ListBucketsOutput {
            buckets: Some(buckets.await?),
            ..ListBucketsOutput::default()
        })
    }

    pub(crate) async fn drop_bucket(&self, bucket: String) -> S3Result<()> {
        let write = self.index.write(move |tx| {
            need_bucket(tx, &bucket)?;
            let full = tx
                .prepare("SELECT 1 FROM object WHERE bucket = ?1 LIMIT 1")
                .and_then(|mut statement| statement.exists([&bucket]))
                .map_err(storage)?;
            if full {
                return Err(s3_error!(BucketNotEmpty));
            }
            let unused = tx
                .prepare(
                    "DELETE FROM part WHERE upload IN (SELECT id FROM upload WHERE bucket = ?1)
                     RETURNING blob",
                )
                .and_then(|mut statement| {
                    let rows = statement.query_map([&bucket], |row| row.get(0))?;
                    rows.collect::<rusqlite::Result<Vec<String>>>()
                })
                .map_err(storage)?;
            for table in [
                "DELETE FROM upload WHERE bucket = ?1",
                "DELETE FROM bucket WHERE name = ?1",
            ] {
                tx.execute(table, [&bucket]).map_err(storage)?;
            }
            Ok(unused)
        });
        self.write_and_discard(write).await
    }
}

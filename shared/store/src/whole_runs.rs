//! A run written as a whole, in the place of what was there: sample data of an installation.
//!
//! It has no owner, no members and no feed, and is not among the active batches, so nothing that
//! watches runs comes across it.

use crate::Store;
use crate::batches::{batch_write, job_write, project_entry};
use crate::chunks::Chunk;
use crate::error::StoreError;
use crate::item::text;
use crate::keys::{self, Key};
use crate::projects::project_write;
use crate::table::{Expect, Write};
use domain::batch::Batch;
use domain::job::Job;
use domain::project::Project;
use futures::stream::{StreamExt, TryStreamExt, iter};
use std::collections::BTreeSet;

/// Rows read at once.
const PAGE: usize = 500;
/// Rows written at the same time.
const AT_ONCE: usize = 16;

/// Everything of a run and its project.
pub struct WholeRun {
    /// Settings of the project.
    pub project: Project,
    /// The batch; enrolled, so that readers of the project find it.
    pub batch: Batch,
    /// Its jobs.
    pub jobs: Vec<Job>,
    /// Its detail.
    pub chunks: Vec<Chunk>,
}

impl Store {
    /// Removes everything stored of the batch and what its project lists, then writes `run`. May
    /// be interrupted and repeated; readers see the batch throughout, with few jobs for a moment.
    pub async fn replace_run(&self, run: WholeRun) -> Result<(), StoreError> {
        let id = &run.batch.id;
        let known = self.jobs_of_batch(id).await?;
        let mut partitions: BTreeSet<String> = run.chunks.iter().map(chunk_partition).collect();
        for job in known.iter().chain(&run.jobs) {
            partitions.extend(DETAIL.map(|kind| keys::chunk_partition(kind, id, &job.id)));
        }
        partitions.insert(keys::project_batches(&run.project.slug));
        for partition in &partitions {
            self.clear(partition, None).await?;
        }
        let batch_key = keys::batch(id);
        self.clear(&batch_key.pk, Some(&batch_key.sk)).await?;
        let settings = self.project(&run.project.slug).await?;
        let rev = settings.map(|found| found.rev);
        let mut writes = vec![project_write(&run.project, rev)?, project_entry(&run.batch)];
        for job in &run.jobs {
            writes.push(job_write(job, None)?);
        }
        self.write_all(writes).await?;
        self.put_chunks(run.chunks).await?;
        // Last: its new revision tells readers that everything below it is new.
        let rev = self.batch(id).await?.map(|found| found.rev);
        self.table.write(batch_write(&run.batch, rev)?).await
    }

    /// Deletes the rows of a partition, but that with the sort key `keep`.
    async fn clear(&self, pk: &str, keep: Option<&str>) -> Result<(), StoreError> {
        let mut after = String::new();
        loop {
            let rows = self.table.partition(pk).after(&after).take(PAGE).await?;
            let mut writes = Vec::with_capacity(rows.len());
            for row in &rows {
                let sk = text(row, "sk")?.to_owned();
                after.clone_from(&sk);
                if keep != Some(sk.as_str()) {
                    let key = Key {
                        pk: pk.to_owned(),
                        sk,
                    };
                    writes.push(Write::Delete(key, Expect::Anything));
                }
            }
            self.write_all(writes).await?;
            if rows.len() < PAGE {
                return Ok(());
            }
        }
    }

    async fn write_all(&self, writes: Vec<Write>) -> Result<(), StoreError> {
        let sent = writes.into_iter().map(|write| self.table.write(write));
        let sent = iter(sent.collect::<Vec<_>>()).buffer_unordered(AT_ONCE);
        sent.try_collect().await
    }
}

/// Kinds of detail that lie per job.
const DETAIL: [domain::event::Detail; 2] =
    [domain::event::Detail::Epochs, domain::event::Detail::Logs];

fn chunk_partition(chunk: &Chunk) -> String {
    let stream = &chunk.stream;
    keys::chunk_partition(stream.kind, &stream.batch, &stream.job)
}

//! Batches and jobs through the real router over fresh engines.

mod attempts;
mod compare;
mod deletes;
mod edits;
mod estimates;
mod job_tags;
mod kept_jobs;
mod list_cursors;
mod lists;
mod log_order;
mod logs;
mod sample;
mod studies;

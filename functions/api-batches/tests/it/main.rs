//! Batches and jobs through the real router over fresh engines.

mod attempts;
mod compare;
mod deletes;
mod edits;
mod estimates;
mod lists;
mod logs;
mod sample;
mod studies;

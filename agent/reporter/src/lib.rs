//! Reports a training run to an Argus server: every event kept on disk until the server has it,
//! nothing that blocks or fails inside the training loop.
//!
//! ```no_run
//! use argus_reporter::{Epoch, Reporter};
//!
//! let batch = Reporter::builder("sweep").project("demo").n_total(1).start();
//! let job = batch.job("patchtst").model("patchtst").dataset("etth1").start();
//! for epoch in 0..100 {
//!     if job.stopped() {
//!         break;
//!     }
//!     let loss = 1.0 / (epoch + 1) as f64;
//!     job.epoch(Epoch { epoch, train_loss: Some(loss), ..Epoch::default() });
//! }
//! job.metric("MSE", 0.1);
//! job.done();
//! batch.finish();
//! ```
//!
//! One background thread writes events to disk every 100 ms and sends them every second; see
//! `spool` for what survives what. Calls that may hang for ever (name lookups, connecting, GPU
//! drivers, `git`, `fsync`) run in threads that live for that one call. After a fork the child
//! reports on its own, into a spool of its own; it does not end its parent's batch. Processes of a
//! rank other than 0 stay silent. This crate knows the wire, not the server: the original server
//! works as well.
//!
//! Reading order: [`Reporter`], `inbox`, `worker`, `spool`, `sender`, [`send`].

mod artifact;
mod aside;
mod backlog;
mod builder;
mod chores;
mod clock;
mod complaint;
pub mod console;
mod core;
pub mod credentials;
mod environment;
mod event;
mod git;
pub mod http;
mod ids;
mod inbox;
mod installed;
mod job;
pub mod json;
mod notice;
mod rank;
mod run;
mod sampler;
pub mod send;
mod sender;
mod settings;
mod shared;
mod signals;
mod spool;
pub mod sync;
pub mod vars;
mod worker;

pub use artifact::{Artifact, Owner, Uploader};
pub use builder::Builder;
pub use event::{Event, Fields, Kind, Middle, SCHEMA_VERSION, Source};
pub use git::Checkout;
pub use ids::{derive_batch_id, new_batch_id};
pub use inbox::FLUSH;
pub use job::{Epoch, Job, JobBuilder, Stream};
pub use notice::{Notice, Notices, Voice, Weight};
pub use rank::{is_silent, rank};
pub use run::{CLOSE, Reporter};
pub use settings::{Mode, Settings, default_dir};
pub use shared::{Intervals, Stats};
pub use spool::Label;

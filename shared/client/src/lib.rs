//! How programs on a training host talk to an Argus server: one small blocking HTTP client and the
//! shapes of the agent protocol. Knows nothing of processes, policies or files of a host, and
//! brings no async runtime, because a host daemon has to fit into a few megabytes.

mod agents;
mod backoff;
mod error;
mod http;
mod settings;
mod tls;

pub use agents::{
    Ack, Acked, Event, Exit, ExitReason, Exited, Heartbeat, Ingested, Job, Jobs, PolicyNote,
    Refusal, Registered, Registration, RunNote, Source,
};
pub use backoff::Backoff;
pub use error::{Error, SetupError};
pub use http::{Client, Fresh, segment};
pub use settings::{Address, CA_BUNDLE, PROXY, Secret, Settings, TOKEN, URL};

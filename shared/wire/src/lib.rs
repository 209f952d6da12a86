//! Shapes a second program speaks: the event on the wire and the errors of the API.
//!
//! Shapes only one handler uses stand beside that handler.

pub mod coerce;
pub mod envelope;
pub mod error;
pub mod gpus;
pub mod invalid;
pub mod payload;
pub mod processes;
pub mod project;
pub mod snapshot;
pub mod tags;
pub mod usage;

pub use envelope::Envelope;
pub use error::{Code, Locale};
pub use invalid::{Invalid, Reject};

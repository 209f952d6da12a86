//! Mails: their words in both languages, their form on the wire, and the ways they leave that
//! need no cloud.
//!
//! Knows nothing of who gets a mail, of storage or of waiting. Reading order: [`template`],
//! [`render`], [`message`], then the transports.

pub mod directory;
pub mod error;
pub mod message;
pub mod render;
pub mod smtp;
pub mod template;

pub use error::SendError;
pub use message::{Outgoing, Sender};
pub use render::{Override, RenderError, Rendered, render};
pub use smtp::{Smtp, SmtpSettings};
pub use template::Template;

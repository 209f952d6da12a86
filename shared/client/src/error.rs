//! What can go wrong on the way to the server, sorted by what a daemon does about it.

use std::time::Duration;

/// Why a call brought no answer one can use.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Error {
    /// Nobody answered: no route, no name, no TLS session, or too slow. Try again later.
    #[error("the server did not answer: {0}")]
    Offline(String),
    /// The server asks for patience (429) or has trouble of its own (5xx). Try again later.
    #[error("the server answered {status} and wants to be asked later")]
    RetryAfter {
        /// HTTP status.
        status: u16,
        /// How long it wants to be left alone, at most an hour; none when it did not say.
        after: Option<Duration>,
    },
    /// The server understood and said no. Asking the same again will not help.
    #[error("the server refused with {status} ({code}): {detail}")]
    Refused {
        /// HTTP status; a redirect counts as refusal, since the token must not travel on.
        status: u16,
        /// Stable code of the error, empty when the server gave none.
        code: String,
        /// Text for people.
        detail: String,
    },
    /// The answer is not what the protocol says, or is larger than allowed.
    #[error("the server's answer makes no sense: {0}")]
    Garbled(String),
    /// The request could not even be written.
    #[error("the request could not be made: {0}")]
    Unsendable(String),
}

impl Error {
    /// HTTP status, when there was an answer at all.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::RetryAfter { status, .. } | Self::Refused { status, .. } => Some(*status),
            Self::Offline(_) | Self::Garbled(_) | Self::Unsendable(_) => None,
        }
    }

    /// Whether the very same call may succeed later.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Offline(_) | Self::RetryAfter { .. })
    }
}

/// Why a client could not be made from its settings.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The address is none.
    #[error("`{0}` is not an address such as https://argus.example.org")]
    Address(String),
    /// Plain HTTP to another machine would show the token to everybody on the way.
    #[error("`{0}` is plain http to another machine: use https (http is for loopback only)")]
    Plain(String),
    /// The proxy's address is none.
    #[error("`{0}` is not a proxy's address such as http://proxy.example.org:3128")]
    Proxy(String),
    /// The file of certificates does not help.
    #[error("certificates in {path}: {reason}")]
    Certificates {
        /// File, or the system's store.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The token has characters no header may have.
    #[error("the token has characters that no token has")]
    Token,
}

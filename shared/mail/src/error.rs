//! Why a mail did not leave.

/// A mail that did not leave. The text holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct SendError {
    /// What happened, for the person who looks after the installation.
    pub text: String,
    /// Trying again cannot help.
    pub is_final: bool,
}

impl SendError {
    /// A failure that may pass.
    pub fn passing(text: impl ToString) -> Self {
        let text = text.to_string();
        let is_final = false;
        Self { text, is_final }
    }

    /// A failure that stays.
    pub fn lasting(text: impl ToString) -> Self {
        let text = text.to_string();
        let is_final = true;
        Self { text, is_final }
    }
}

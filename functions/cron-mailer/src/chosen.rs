//! The way mails leave at the moment: administrators change it while the mailer runs.

use crate::transport::Transport;
use mail::{Outgoing, SendError};
use runtime::Services;
use runtime::mail::MailConfig;
use std::sync::{Arc, PoisonError, RwLock};
use store::StoreError;

/// What the settings name, else a fallback.
pub struct Chosen {
    fallback: Arc<Transport>,
    current: RwLock<Option<(MailConfig, Arc<Transport>)>>,
}

impl Chosen {
    /// The fallback, until the settings are looked at.
    pub fn new(fallback: Transport) -> Self {
        Self {
            fallback: Arc::new(fallback),
            current: RwLock::new(None),
        }
    }

    /// Follows the settings.
    ///
    /// # Errors
    /// When storage fails.
    pub async fn refresh(&self, services: &Services) -> Result<(), StoreError> {
        let wanted = services.settings().await?.mail.clone();
        if self.made_of(&wanted) {
            return Ok(());
        }
        let transport = match Box::pin(Transport::configured(&wanted)).await {
            Ok(Some(transport)) => Arc::new(transport),
            Ok(None) => Arc::clone(&self.fallback),
            Err(problem) => Arc::new(Transport::Unusable(problem)),
        };
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        *current = Some((wanted, transport));
        Ok(())
    }

    fn made_of(&self, wanted: &MailConfig) -> bool {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        current
            .as_ref()
            .is_some_and(|(made_of, _)| made_of == wanted)
    }

    /// Sends a mail; it has been accepted when this returns.
    pub async fn send(&self, mail: &Outgoing<'_>) -> Result<(), SendError> {
        let transport = {
            let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
            let current = current.as_ref().map(|(_, transport)| transport);
            Arc::clone(current.unwrap_or(&self.fallback))
        };
        transport.send(mail).await
    }
}

//! Deleting expired items.
//!
//! The engine does nothing by itself; a timer calls [`Engine::sweep_ttl`]. Readers of the table
//! must drop expired items themselves in any case, because AWS deletes them late too.

use crate::{Engine, EngineError};

impl Engine {
    /// Deletes items whose TTL has passed, in all tables, and returns how many.
    ///
    /// Runs on the writer's own handle, page by page, and lets waiting writes go first
    /// between pages.
    ///
    /// # Errors
    /// [`EngineError::Closed`] after [`Engine::close`], [`EngineError::Storage`] if SQLite failed.
    pub async fn sweep_ttl(&self) -> Result<u64, EngineError> {
        let db = self.inner.lend().await?;
        let swept = tokio::task::spawn_blocking(move || db.sweep_ttl())
            .await
            .map_err(|error| EngineError::Storage(error.to_string()))?;
        swept
            .map(|deleted| deleted as u64)
            .map_err(|error| EngineError::Storage(error.to_string()))
    }
}

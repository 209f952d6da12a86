//! Sealing where channels lead to.

use crate::entropy;
use crate::services::Services;
use domain::channel::{Channel, Target};

impl Services {
    /// `target` as it is stored with the channel `id`.
    pub fn seal_target(&self, id: u64, target: &Target) -> String {
        let text = serde_json::to_string(target).expect("texts are JSON");
        let seal = self.config.seal();
        seal.close(&label(id), &text, entropy::bytes())
    }

    /// Where a channel leads to; `None` when the key of the installation changed since.
    pub fn open_target(&self, channel: &Channel) -> Option<Target> {
        let text = self
            .config
            .seal()
            .open(&label(channel.id), &channel.target)?;
        serde_json::from_str(&text).ok()
    }
}

/// Name a target is sealed under, so that none can be put in the place of another.
fn label(id: u64) -> String {
    format!("channel {id}")
}

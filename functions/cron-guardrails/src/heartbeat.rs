//! A sign of life to an outside service, which notices when it stays away.

use reach::Client;
use url::Url;

/// Asks the address. What it holds is a secret, so no line names it; and nothing depends on it.
pub(crate) async fn send(client: &Client, address: &str) {
    if address.is_empty() {
        return;
    }
    let Ok(url) = Url::parse(address) else {
        tracing::warn!("the heartbeat address is no address");
        return;
    };
    match client.get(&url).await {
        Ok(answer) if answer.status < 400 => {}
        Ok(answer) => tracing::warn!(status = answer.status, "the heartbeat was refused"),
        Err(error) => tracing::warn!(cause = %error, "the heartbeat did not get through"),
    }
}

//! Which watchdogs a caller believes. Anybody may register one under any host's name, so that is
//! their own and those of administrators.

use crate::{ApiResult, known_hosts};
use domain::watchdog::Watchdog;
use runtime::{Identity, Services};
use store::StoreError;

/// The watchdogs on a host that the caller believes.
pub async fn on_host(
    services: &Services,
    who: &Identity,
    host: &str,
) -> Result<Vec<Watchdog>, StoreError> {
    let mut believed = vec![];
    for dog in services.store.watchdogs_on(host).await? {
        let is_believed = dog.owner == who.user.id || who.user.is_admin || {
            let owner = services.store.user(dog.owner).await?;
            owner.is_some_and(|owner| owner.value.is_admin)
        };
        if is_believed {
            believed.push(dog);
        }
    }
    Ok(believed)
}

/// The watchdogs on a host that the caller is shown: on hosts they know, or have a watchdog on.
///
/// # Errors
/// That there is no such host, for everybody else.
pub async fn seen(services: &Services, who: &Identity, host: &str) -> ApiResult<Vec<Watchdog>> {
    let believed = on_host(services, who, host).await?;
    if !believed.iter().any(|dog| dog.owner == who.user.id) {
        known_hosts::one(services, who, host).await?;
    }
    Ok(believed)
}

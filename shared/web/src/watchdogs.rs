//! Which watchdogs a caller believes. Anybody may register one under any host's name, so that is
//! their own and those of administrators.

use crate::{ApiResult, Caller};
use domain::watchdog::Watchdog;
use runtime::Services;

/// The watchdogs on a host that the caller believes.
pub async fn on_host(services: &Services, caller: &Caller, host: &str) -> ApiResult<Vec<Watchdog>> {
    let mut believed = vec![];
    for dog in services.store.watchdogs_on(host).await? {
        let is_believed = dog.owner == caller.user().id || caller.user().is_admin || {
            let owner = services.store.user(dog.owner).await?;
            owner.is_some_and(|owner| owner.value.is_admin)
        };
        if is_believed {
            believed.push(dog);
        }
    }
    Ok(believed)
}

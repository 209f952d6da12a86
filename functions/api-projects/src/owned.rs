//! Loading a project for whoever may change it, and changing it.

use domain::access::Role;
use domain::project::Project;
use runtime::Services;
use store::grants::Grant;
use store::table::Write;
use store::{StoreError, Versioned};
pub use web::membership::project as load;
use web::{ApiError, ApiResult, Caller};
use wire::Code;

/// Rounds after lost races with other owners.
const ROUNDS: usize = 8;

/// Lets `decide` change a project in which the caller is at least `role`, knowing its members, and
/// stores it with the writes it names; `decide` is asked again after a lost race.
pub async fn change<T>(
    services: &Services,
    caller: &Caller,
    slug: &str,
    role: Role,
    mut decide: impl FnMut(&mut Project, &[Grant]) -> ApiResult<(T, Vec<Write>)>,
) -> ApiResult<(Project, T)> {
    for _ in 0..ROUNDS {
        let Versioned { mut value, rev } = load(services, caller, slug, role).await?;
        let members = services.store.members(slug).await?;
        let (out, also) = decide(&mut value, &members)?;
        match services.store.save_project(&value, rev, also).await {
            Ok(()) => return Ok((value, out)),
            Err(StoreError::ConditionAt(_) | StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(ApiError::new(Code::StorageBusy).retry_after(1))
}

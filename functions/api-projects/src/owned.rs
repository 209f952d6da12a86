//! Loading a project for whoever may change it, and changing it.

use domain::access::Role;
use domain::project::Project;
use runtime::Services;
use store::grants::Grant;
use store::table::Write;
use store::{StoreError, Versioned};
use web::{ApiError, ApiResult, Caller, Scope, Sight, visible};
use wire::Code;

/// Rounds after lost races with other owners.
const ROUNDS: usize = 8;

/// The settings of a project in which its caller is at least `role`, or an administrator.
pub async fn load(
    services: &Services,
    caller: &Caller,
    slug: &str,
    role: Role,
) -> ApiResult<Versioned<Project>> {
    let (found, has) = seen(services, caller, slug).await?;
    match caller.user().is_admin || has >= Some(role) {
        true => Ok(found),
        false => Err(ApiError::new(match role {
            Role::Editor => Code::ProjectEditorRequired,
            Role::Owner | Role::Viewer => Code::ProjectOwnerRequired,
        })),
    }
}

async fn seen(
    services: &Services,
    caller: &Caller,
    slug: &str,
) -> ApiResult<(Versioned<Project>, Option<Role>)> {
    let mut sight = Sight::load(&services.store, Some(caller.actor())).await?;
    if let Some(found) = visible::project(services, caller, &mut sight, slug).await? {
        return Ok((found, sight.role_in(slug)));
    }
    // Whoever uses the name knows of it, but has no say in it.
    let own = visible::batches_in(services, &mut sight, Some(slug), Scope::Mine, None).await?;
    match own.is_empty() {
        true => Err(ApiError::new(Code::ProjectNotFound)),
        false => Err(ApiError::new(Code::ProjectOwnerRequired)),
    }
}

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

//! A project for whoever takes part in it.

use crate::caller::Caller;
use crate::error::{ApiError, ApiResult};
use crate::sight::{Scope, Sight};
use crate::visible;
use domain::access::Role;
use domain::project::Project;
use runtime::Services;
use store::Versioned;
use wire::Code;

/// The settings of a project in which its caller is at least `role`, or an administrator.
pub async fn project(
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

//! Whom something is shared with, and as what.

use domain::access::Role;
use domain::account::{User, UserId};
use runtime::Services;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use store::grants::Grant;
use store::notices::share_write;
use utoipa::ToSchema;
use web::{ApiError, ApiResult, Caller, ClientInfo, Deed};
use wire::Code;

/// What a share allows.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Permission {
    /// Reads.
    #[default]
    Viewer,
    /// Also reports, renames, tags and stops.
    Editor,
}

impl From<Permission> for Role {
    fn from(permission: Permission) -> Self {
        match permission {
            Permission::Viewer => Self::Viewer,
            Permission::Editor => Self::Editor,
        }
    }
}

/// That something ended.
#[derive(Debug, Serialize, ToSchema)]
pub struct RevokedOut {
    /// Always true.
    pub ok: bool,
    /// `revoked`.
    pub detail: &'static str,
}

impl RevokedOut {
    /// The one there is.
    pub const DONE: Self = Self {
        ok: true,
        detail: "revoked",
    };
}

/// The person of that name, whatever its case, if something of `owner` can be shared with them.
pub async fn find(
    services: &Services,
    caller: &Caller,
    owner: Option<UserId>,
    name: &str,
) -> ApiResult<User> {
    let found = services.store.user_named(name.trim()).await?;
    let user = found
        .ok_or_else(|| ApiError::new(Code::UserNotFound))?
        .value;
    if !user.is_active {
        return Err(ApiError::new(Code::UserInactive));
    }
    if user.id == caller.user().id || Some(user.id) == owner {
        return Err(ApiError::new(Code::ShareSelf));
    }
    Ok(user)
}

/// Names of the people some grants are to.
pub async fn names(services: &Services, grants: &[Grant]) -> ApiResult<HashMap<UserId, String>> {
    let mut names = HashMap::new();
    for grant in grants {
        if let Some(user) = services.store.user(grant.to).await? {
            names.insert(grant.to, user.value.username);
        }
    }
    Ok(names)
}

/// Stores a grant with its audit row; `before` is the one it replaces. Whoever gets it for the
/// first time is told.
pub async fn give(
    services: &Services,
    caller: &Caller,
    client: &ClientInfo,
    grant: &Grant,
    before: Option<&Grant>,
    deed: Deed,
) -> ApiResult<()> {
    let deed = Deed {
        action: match before {
            None => "share_add",
            Some(_) => "share_update",
        },
        ..deed
    };
    let deed = deed
        .with("grantee_id", grant.to)
        .with("permission", grant.role.as_str());
    let mut writes = grant.give()?.to_vec();
    writes.push(deed.row(services, caller, client)?);
    if before.is_none() {
        let id = services.store.row_ids.take(grant.at, 1);
        writes.push(share_write(id, grant, &caller.user().username)?);
    }
    services.store.table.transact(writes).await?;
    Ok(())
}

/// Takes a grant away, with its audit row.
pub async fn take(
    services: &Services,
    caller: &Caller,
    client: &ClientInfo,
    grant: &Grant,
    deed: Deed,
) -> ApiResult<()> {
    let mut writes = grant.take().to_vec();
    let deed = deed.with("grantee_id", grant.to);
    writes.push(deed.row(services, caller, client)?);
    services.store.table.transact(writes).await?;
    Ok(())
}

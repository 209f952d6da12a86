//! `POST /api/admin/projects/bulk-delete` and `/api/admin/hosts/bulk-delete`: many at once, with the
//! rules and audit rows of one.

use axum::Json;
use axum::extract::State;
use runtime::Services;
use serde::Deserialize;
use store::batch_lists::BatchList;
use utoipa::ToSchema;
use web::bulk::{self, BulkDeletedOut};
use web::change::Hand;
use web::{Admin, ApiResult, Body, Caller, ClientInfo, Deed};
use wire::Code;

/// Word in the audit rows.
const VIA: &str = "bulk";

/// Projects to delete.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AdminBulkProjectsIn {
    projects: Vec<String>,
}

/// Hosts to delete.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AdminBulkHostsIn {
    hosts: Vec<String>,
}

/// Deletes many projects with all their batches; each stands for itself.
#[utoipa::path(post, path = "/api/admin/projects/bulk-delete", tag = "admin", request_body = AdminBulkProjectsIn,
    responses((status = 200, body = BulkDeletedOut), (status = 400, description = "empty list"),
        (status = 403, description = "not an administrator"), (status = 422, description = "more than 500")))]
pub async fn bulk_delete_projects(
    State(services): State<Services>,
    Admin(admin): Admin,
    client: ClientInfo,
    Body(wish): Body<AdminBulkProjectsIn>,
) -> ApiResult<Json<BulkDeletedOut>> {
    bulk::check("projects", wish.projects.len())?;
    let caller = Caller(admin);
    let hand = Hand {
        services: &services,
        caller: &caller,
        client: &client,
    };
    let mut out = BulkDeletedOut::default();
    for project in wish.projects {
        let outcome = match api_projects::delete::remove(&hand, &project, Some(VIA)).await {
            Ok(_) => Ok(()),
            Err(error) if error.code() == Code::ProjectNotFound => {
                Err(absence(&services, &project).await?)
            }
            Err(error) => return Err(error),
        };
        out.note(project, outcome);
    }
    Ok(Json(out))
}

/// Why there is no such project: its batches were deleted, or it never had any.
async fn absence(services: &Services, project: &str) -> ApiResult<String> {
    let list = [BatchList::In(project.to_owned())];
    let (rows, _) = services.store.list_batches(&list, None, 1).await?;
    let gone = rows
        .first()
        .is_some_and(|(_, row)| row.value.deleted_at.is_some());
    Ok(if gone { "already_deleted" } else { "not_found" }.to_owned())
}

/// Hides many hosts for good; each stands for itself, and those that just reported stay.
#[utoipa::path(post, path = "/api/admin/hosts/bulk-delete", tag = "admin", request_body = AdminBulkHostsIn,
    responses((status = 200, body = BulkDeletedOut), (status = 400, description = "empty list"),
        (status = 403, description = "not an administrator"), (status = 422, description = "more than 500")))]
pub async fn bulk_delete_hosts(
    State(services): State<Services>,
    Admin(admin): Admin,
    client: ClientInfo,
    Body(wish): Body<AdminBulkHostsIn>,
) -> ApiResult<Json<BulkDeletedOut>> {
    bulk::check("hosts", wish.hosts.len())?;
    let mut out = BulkDeletedOut::default();
    for host in wish.hosts {
        if host.is_empty() {
            out.note(host, Err("not_found".to_owned()));
            continue;
        }
        if services.store.is_host_hidden(&host).await? {
            out.note(host, Err("already_deleted".to_owned()));
            continue;
        }
        let deed = Deed::new("host_deleted", "host", &host).with("via", VIA);
        let row = deed.row(&services, &admin, &client)?;
        let outcome = match api_hosts::delete::hide(&services, &host, row).await {
            Ok(()) => Ok(()),
            Err(error) if error.code() == Code::HostActive => Err("active".to_owned()),
            Err(error) => return Err(error),
        };
        out.note(host, outcome);
    }
    Ok(Json(out))
}

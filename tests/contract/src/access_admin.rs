//! Rows of what administrators do.

use crate::row::*;

/// Changes only administrators make, and no token that may only read.
const fn admin_write(operation: &'static str, path: &'static str) -> Row {
    Row {
        owner_viewer: READ_ONLY,
        ..admin(operation, path)
    }
}

/// Part of the table in [`crate::access`].
pub const ADMIN_ROWS: &[Row] = &[
    admin("GET /api/admin/users", "/api/admin/users"),
    admin("GET /api/admin/costs", "/api/admin/costs"),
    admin_write(
        "POST /api/admin/users/{user_id}/ban",
        "/api/admin/users/1/ban",
    ),
    admin_write(
        "POST /api/admin/users/{user_id}/unban",
        "/api/admin/users/1/unban",
    ),
    admin_write(
        "POST /api/admin/users/{user_id}/promote",
        "/api/admin/users/1/promote",
    ),
    admin_write(
        "POST /api/admin/users/{user_id}/demote",
        "/api/admin/users/1/demote",
    ),
    admin_write(
        "POST /api/admin/users/{user_id}/unlock",
        "/api/admin/users/1/unlock",
    ),
    admin_write(
        "POST /api/admin/users/{user_id}/password-reset",
        "/api/admin/users/1/password-reset",
    ),
    admin("GET /api/admin/system-config", "/api/admin/system-config"),
    admin(
        "GET /api/admin/system-config/{group}",
        "/api/admin/system-config/smtp",
    ),
    admin_write(
        "PUT /api/admin/system-config/{group}/{key}",
        "/api/admin/system-config/smtp/port",
    ),
    admin_write(
        "DELETE /api/admin/system-config/{group}/{key}",
        "/api/admin/system-config/smtp/port",
    ),
    admin("GET /api/admin/feature-flags", "/api/admin/feature-flags"),
    admin_write(
        "PUT /api/admin/feature-flags/{key}",
        "/api/admin/feature-flags/x",
    ),
    admin("GET /api/admin/email/smtp", "/api/admin/email/smtp"),
    admin_write("PUT /api/admin/email/smtp", "/api/admin/email/smtp"),
    admin_write(
        "POST /api/admin/email/smtp/test",
        "/api/admin/email/smtp/test",
    ),
    admin("GET /api/admin/email/stats", "/api/admin/email/stats"),
    admin(
        "GET /api/admin/email/dead-letter",
        "/api/admin/email/dead-letter",
    ),
    admin_write(
        "POST /api/admin/email/dead-letter/retry",
        "/api/admin/email/dead-letter/retry",
    ),
    admin_write(
        "DELETE /api/admin/email/dead-letter/{message_id}",
        "/api/admin/email/dead-letter/1",
    ),
    admin(
        "GET /api/admin/email/templates",
        "/api/admin/email/templates",
    ),
    admin(
        "GET /api/admin/email/templates/{template_id}",
        "/api/admin/email/templates/1",
    ),
    admin_write(
        "PUT /api/admin/email/templates/{template_id}",
        "/api/admin/email/templates/1",
    ),
    admin_write(
        "POST /api/admin/email/templates/{template_id}/preview",
        "/api/admin/email/templates/1/preview",
    ),
    admin_write(
        "POST /api/admin/email/templates/{template_id}/reset",
        "/api/admin/email/templates/1/reset",
    ),
    admin("GET /api/admin/audit-log", "/api/admin/audit-log"),
    admin(
        "GET /api/admin/audit-log/export.csv",
        "/api/admin/audit-log/export.csv",
    ),
    admin_write(
        "POST /api/admin/projects/{project}/publish",
        "/api/admin/projects/p/publish",
    ),
    admin_write(
        "POST /api/admin/projects/{project}/unpublish",
        "/api/admin/projects/p/unpublish",
    ),
    admin(
        "GET /api/admin/projects/public",
        "/api/admin/projects/public",
    ),
    admin_write(
        "POST /api/admin/projects/bulk-delete",
        "/api/admin/projects/bulk-delete",
    ),
    admin_write(
        "POST /api/admin/hosts/bulk-delete",
        "/api/admin/hosts/bulk-delete",
    ),
    admin_write("POST /api/admin/demo/reset", "/api/admin/demo/reset"),
    admin("GET /api/admin/health", "/api/admin/health"),
    admin(
        "GET /api/admin/retention/status",
        "/api/admin/retention/status",
    ),
    admin(
        "GET /api/admin/retention/preview",
        "/api/admin/retention/preview",
    ),
    admin_write(
        "POST /api/admin/retention/sweep",
        "/api/admin/retention/sweep",
    ),
    admin("GET /api/admin/backup-status", "/api/admin/backup-status"),
];

//! Rows of shares and of what is open to everybody.

use crate::row::*;
use serde_json::json;

/// A page of a public project; the one of the seed is private to everybody.
const fn published(operation: &'static str, path: &'static str) -> Row {
    Row {
        operation,
        path,
        body: nothing,
        anonymous: HIDDEN_PROJECT,
        owner_session: HIDDEN_PROJECT,
        owner_reporter: HIDDEN_PROJECT,
        owner_viewer: HIDDEN_PROJECT,
        stranger: HIDDEN_PROJECT,
        admin: HIDDEN_PROJECT,
    }
}

/// A read of how a batch is shared: its owner's business.
const fn sharing(operation: &'static str, path: &'static str) -> Row {
    Row {
        owner_viewer: In,
        ..act(operation, path, nothing)
    }
}

/// Part of the table in [`crate::access`].
pub const SHARING_ROWS: &[Row] = &[
    sharing(
        "GET /api/batches/{batch_id}/shares",
        "/api/batches/b/shares",
    ),
    act(
        "POST /api/batches/{batch_id}/shares",
        "/api/batches/b/shares",
        || json!({"grantee_username": "stranger-2"}),
    ),
    act(
        "DELETE /api/batches/{batch_id}/shares/{grantee_id}",
        "/api/batches/b/shares/1",
        nothing,
    ),
    own("GET /api/projects/shares", "/api/projects/shares"),
    Row {
        body: || json!({"project": "proj", "grantee_username": "nobody-here"}),
        ..own_write("POST /api/projects/shares", "/api/projects/shares")
    },
    own_write(
        "DELETE /api/projects/shares/{project}/{grantee_id}",
        "/api/projects/shares/proj/1",
    ),
    act(
        "POST /api/batches/{batch_id}/public-share",
        "/api/batches/b/public-share",
        || json!({}),
    ),
    sharing(
        "GET /api/batches/{batch_id}/public-shares",
        "/api/batches/b/public-shares",
    ),
    act(
        "DELETE /api/batches/{batch_id}/public-share/{slug}",
        "/api/batches/b/public-share/x",
        nothing,
    ),
    own("GET /api/public-shares/mine", "/api/public-shares/mine"),
    public("GET /api/public/{slug}", "/api/public/x"),
    public("GET /api/public/{slug}/jobs", "/api/public/x/jobs"),
    public(
        "GET /api/public/{slug}/jobs/{job_id}",
        "/api/public/x/jobs/j",
    ),
    public(
        "GET /api/public/{slug}/jobs/{job_id}/epochs",
        "/api/public/x/jobs/j/epochs",
    ),
    public(
        "GET /api/public/{slug}/epochs/latest",
        "/api/public/x/epochs/latest",
    ),
    public(
        "GET /api/public/{slug}/log-lines",
        "/api/public/x/log-lines",
    ),
    public(
        "GET /api/public/{slug}/resources",
        "/api/public/x/resources",
    ),
    public("GET /api/public/{slug}/env", "/api/public/x/env"),
    public("GET /api/public/projects", "/api/public/projects"),
    published(
        "GET /api/public/projects/{project}",
        "/api/public/projects/proj",
    ),
    published(
        "GET /api/public/projects/{project}/batches",
        "/api/public/projects/proj/batches",
    ),
    published(
        "GET /api/public/projects/{project}/active-batches",
        "/api/public/projects/proj/active-batches",
    ),
    published(
        "GET /api/public/projects/{project}/leaderboard",
        "/api/public/projects/proj/leaderboard",
    ),
    published(
        "GET /api/public/projects/{project}/matrix",
        "/api/public/projects/proj/matrix",
    ),
    published(
        "GET /api/public/projects/{project}/resources",
        "/api/public/projects/proj/resources",
    ),
];

//! The table: what each kind of caller gets from each operation.

use serde_json::{Value, json};
use test_kit::build::batch_start;

/// What a caller gets: a refusal's status and code, or "whatever the route answers".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gets {
    In,
    Refused(u16, &'static str),
}
use Gets::{In, Refused};

/// Expectations of one operation, in the order of [`callers`].
pub(super) struct Row {
    pub operation: &'static str,
    pub path: &'static str,
    pub body: fn() -> Value,
    pub anonymous: Gets,
    pub owner_session: Gets,
    pub owner_reporter: Gets,
    pub owner_viewer: Gets,
    pub stranger: Gets,
    pub admin: Gets,
}

const LOGIN: Gets = Refused(401, "auth_required");
const HIDDEN: Gets = Refused(404, "batch_not_found");
const HIDDEN_JOB: Gets = Refused(404, "job_not_found");
const READ_ONLY: Gets = Refused(403, "read_only_token");
pub(super) const BROWSER: Gets = Refused(403, "session_required");
const REPORTER: Gets = Refused(403, "reporter_required");

fn nothing() -> Value {
    Value::Null
}

/// Open to everybody; credentials change nothing.
const fn public(operation: &'static str, path: &'static str) -> Row {
    Row {
        operation,
        path,
        body: nothing,
        anonymous: In,
        owner_session: In,
        owner_reporter: In,
        owner_viewer: In,
        stranger: In,
        admin: In,
    }
}

/// A read of something the owner has.
const fn read(operation: &'static str, path: &'static str, hidden: Gets) -> Row {
    Row {
        operation,
        path,
        body: nothing,
        anonymous: LOGIN,
        owner_session: In,
        owner_reporter: In,
        owner_viewer: In,
        stranger: hidden,
        admin: In,
    }
}

/// Anybody with a credential, about themselves.
const fn own(operation: &'static str, path: &'static str) -> Row {
    Row {
        operation,
        path,
        body: nothing,
        anonymous: LOGIN,
        owner_session: In,
        owner_reporter: In,
        owner_viewer: In,
        stranger: In,
        admin: In,
    }
}

/// A change of something the owner has.
const fn owner(operation: &'static str, path: &'static str) -> Row {
    Row {
        owner_viewer: READ_ONLY,
        ..read(operation, path, Refused(403, "owner_required"))
    }
}

/// Browser sessions only.
const fn session(operation: &'static str, path: &'static str) -> Row {
    Row {
        operation,
        path,
        body: nothing,
        anonymous: LOGIN,
        owner_session: In,
        owner_reporter: BROWSER,
        owner_viewer: BROWSER,
        stranger: In,
        admin: In,
    }
}

pub(super) const ROWS: &[Row] = &[
    public("GET /health", "/health"),
    public("POST /api/auth/register", "/api/auth/register"),
    public("POST /api/auth/login", "/api/auth/login"),
    public("POST /api/auth/verify-email", "/api/auth/verify-email"),
    own("GET /api/auth/me", "/api/auth/me"),
    own("GET /api/auth/sessions", "/api/auth/sessions"),
    session("GET /api/tokens", "/api/tokens"),
    session("POST /api/tokens", "/api/tokens"),
    session("DELETE /api/tokens/{token_id}", "/api/tokens/1"),
    own("GET /api/batches", "/api/batches"),
    own("GET /api/batches/compact", "/api/batches/compact"),
    read("GET /api/batches/{batch_id}", "/api/batches/b", HIDDEN),
    read(
        "GET /api/batches/{batch_id}/jobs",
        "/api/batches/b/jobs",
        HIDDEN,
    ),
    read(
        "GET /api/batches/{batch_id}/resources",
        "/api/batches/b/resources",
        HIDDEN,
    ),
    read(
        "GET /api/batches/{batch_id}/log-lines",
        "/api/batches/b/log-lines",
        HIDDEN,
    ),
    read(
        "GET /api/batches/{batch_id}/epochs",
        "/api/batches/b/epochs",
        HIDDEN,
    ),
    read(
        "GET /api/batches/{batch_id}/epochs/latest",
        "/api/batches/b/epochs/latest",
        HIDDEN,
    ),
    read(
        "GET /api/batches/{batch_id}/stop-requested",
        "/api/batches/b/stop-requested",
        HIDDEN,
    ),
    read(
        "GET /api/jobs/{batch_id}/{job_id}",
        "/api/jobs/b/j",
        HIDDEN_JOB,
    ),
    read(
        "GET /api/jobs/{batch_id}/{job_id}/epochs",
        "/api/jobs/b/j/epochs",
        HIDDEN,
    ),
    read(
        "GET /api/jobs/{batch_id}/{job_id}/log-lines",
        "/api/jobs/b/j/log-lines",
        HIDDEN,
    ),
    Row {
        body: || json!({}),
        ..owner("POST /api/batches/{batch_id}/stop", "/api/batches/b/stop")
    },
    Row {
        operation: "POST /api/events",
        path: "/api/events",
        body: || batch_start("b"),
        anonymous: LOGIN,
        owner_session: REPORTER,
        owner_reporter: In,
        owner_viewer: REPORTER,
        stranger: Refused(403, "batch_foreign"),
        admin: In,
    },
    Row {
        operation: "POST /api/events/batch",
        path: "/api/events/batch",
        body: || json!({"events": [batch_start("b")]}),
        anonymous: LOGIN,
        owner_session: REPORTER,
        owner_reporter: In,
        owner_viewer: REPORTER,
        stranger: In,
        admin: In,
    },
    Row {
        stranger: In,
        owner_viewer: READ_ONLY,
        ..read(
            "POST /api/jobs/{job_id}/artifacts",
            "/api/jobs/j/artifacts",
            In,
        )
    },
    read(
        "GET /api/jobs/{job_id}/artifacts",
        "/api/jobs/j/artifacts",
        HIDDEN_JOB,
    ),
    owner(
        "POST /api/batches/{batch_id}/artifacts",
        "/api/batches/b/artifacts",
    ),
    read(
        "GET /api/batches/{batch_id}/artifacts",
        "/api/batches/b/artifacts",
        HIDDEN,
    ),
    Row {
        body: || json!({"filename": "a", "size_bytes": 1, "sha256": "0".repeat(64)}),
        ..owner(
            "POST /api/batches/{batch_id}/artifacts/uploads",
            "/api/batches/b/artifacts/uploads",
        )
    },
    own("GET /api/artifacts/{artifact_id}", "/api/artifacts/1"),
    own(
        "GET /api/artifacts/{artifact_id}/url",
        "/api/artifacts/1/url",
    ),
    Row {
        owner_viewer: READ_ONLY,
        ..own("DELETE /api/artifacts/{artifact_id}", "/api/artifacts/1")
    },
    Row {
        owner_viewer: READ_ONLY,
        ..own(
            "POST /api/artifacts/{artifact_id}/complete",
            "/api/artifacts/1/complete",
        )
    },
    Row {
        operation: "POST /api/events/spill",
        path: "/api/events/spill",
        body: || json!({"filename": "a.jsonl", "size_bytes": 2}),
        anonymous: LOGIN,
        owner_session: REPORTER,
        owner_reporter: In,
        owner_viewer: REPORTER,
        stranger: In,
        admin: In,
    },
    own("GET /api/events/spill/{spill_id}", "/api/events/spill/1"),
    // Streams are judged before they start, so a refused one has a body to read.
    Row {
        operation: "GET /api/sse",
        path: "/api/sse?channels=batch:b",
        body: nothing,
        anonymous: LOGIN,
        owner_session: In,
        owner_reporter: In,
        owner_viewer: In,
        stranger: Refused(403, "stream_no_access"),
        admin: In,
    },
    // Each call ends the credential it was made with, so they come last.
    Row {
        owner_viewer: READ_ONLY,
        ..own(
            "POST /api/auth/sessions/{jti}/revoke",
            "/api/auth/sessions/nobody/revoke",
        )
    },
    Row {
        owner_reporter: LOGIN,
        owner_viewer: LOGIN,
        stranger: LOGIN,
        admin: LOGIN,
        ..own("POST /api/auth/refresh", "/api/auth/refresh")
    },
    own("POST /api/auth/logout", "/api/auth/logout"),
];

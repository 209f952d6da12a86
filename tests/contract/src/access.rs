//! Every operation × every kind of caller: the table. `matrix.rs` asks every question in it.

use crate::access_account::ACCOUNT_ROWS;
use crate::access_admin::ADMIN_ROWS;
use crate::access_hosts::HOST_ROWS;
use crate::access_projects::PROJECT_ROWS;
use crate::access_sharing::SHARING_ROWS;
use crate::row::*;
use serde_json::json;
use test_kit::build::batch_start;

const MAIL_PREFS: &str = "/api/me/notification_prefs";
const PREFERENCES: &str = "/api/users/me/preferences";

/// A link nobody was given.
const NO_LINK: Gets = Refused(404, "unsubscribe_unknown");

/// A link that acts, but none of ours.
const NO_ACT: Gets = Refused(404, "act_link_invalid");
const NO_ACT_AT: &str = "/api/guardrails/act?token=unknown";

/// What nobody gets in with.
const fn refused(operation: &'static str, path: &'static str, gets: Gets) -> Row {
    Row {
        anonymous: gets,
        owner_session: gets,
        owner_reporter: gets,
        owner_viewer: gets,
        stranger: gets,
        admin: gets,
        ..public(operation, path)
    }
}

/// The table.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    ROWS.iter()
        .chain(ACCOUNT_ROWS)
        .chain(ADMIN_ROWS)
        .chain(HOST_ROWS)
        .chain(PROJECT_ROWS)
        .chain(SHARING_ROWS)
}

const ROWS: &[Row] = &[
    public("GET /health", "/health"),
    public("GET /health/ready", "/health/ready"),
    refused("GET /api/guardrails/act", NO_ACT_AT, NO_ACT),
    refused("POST /api/guardrails/act", NO_ACT_AT, NO_ACT),
    own("GET /api/auth/sessions", "/api/auth/sessions"),
    session("GET /api/tokens", "/api/tokens"),
    session("POST /api/tokens", "/api/tokens"),
    session("DELETE /api/tokens/{token_id}", "/api/tokens/1"),
    own("GET /api/pins", "/api/pins"),
    Row {
        body: || json!({"batch_id": "b"}),
        stranger: HIDDEN,
        ..own_write("POST /api/pins", "/api/pins")
    },
    own_write("DELETE /api/pins/{batch_id}", "/api/pins/b"),
    own("GET /api/stars", "/api/stars"),
    Row {
        body: || json!({"target_type": "batch", "target_id": "b"}),
        ..own_write("POST /api/stars", "/api/stars")
    },
    own_write(
        "DELETE /api/stars/{target_type}/{target_id}",
        "/api/stars/batch/b",
    ),
    own("GET /api/users/me/preferences", PREFERENCES),
    Row {
        body: || json!({"hide_demo": true}),
        ..own_write("PATCH /api/users/me/preferences", PREFERENCES)
    },
    own("GET /api/me/channels", "/api/me/channels"),
    Row {
        body: || json!({"kind": "slack", "name": "lab", "url": "https://hooks.slack.com/x"}),
        ..own_write("POST /api/me/channels", "/api/me/channels")
    },
    Row {
        body: || json!({"enabled": false}),
        ..own_write("PATCH /api/me/channels/{channel_id}", "/api/me/channels/1")
    },
    own_write("DELETE /api/me/channels/{channel_id}", "/api/me/channels/1"),
    own_write(
        "POST /api/me/channels/{channel_id}/test",
        "/api/me/channels/1/test",
    ),
    own(
        "GET /api/me/channels/{channel_id}/messages",
        "/api/me/channels/1/messages",
    ),
    own_write(
        "POST /api/me/channels/{channel_id}/replay",
        "/api/me/channels/1/replay",
    ),
    own("GET /api/notifications", "/api/notifications"),
    own_write(
        "POST /api/notifications/mark_all_read",
        "/api/notifications/mark_all_read",
    ),
    own_write(
        "POST /api/notifications/{notification_id}/ack",
        "/api/notifications/1/ack",
    ),
    own_write(
        "DELETE /api/notifications/{notification_id}",
        "/api/notifications/1",
    ),
    own("GET /api/me/notification_prefs", MAIL_PREFS),
    own_write("PUT /api/me/notification_prefs", MAIL_PREFS),
    own("GET /api/me/subscriptions", "/api/me/subscriptions"),
    Row {
        body: || json!({"subscriptions": []}),
        ..own_write("PATCH /api/me/subscriptions", "/api/me/subscriptions")
    },
    // An administrator has no say in an owner's mails.
    Row {
        owner_viewer: In,
        ..mails("GET /api/batches/{batch_id}/email-subscription")
    },
    Row {
        body: || json!({}),
        ..mails("PUT /api/batches/{batch_id}/email-subscription")
    },
    mails("DELETE /api/batches/{batch_id}/email-subscription"),
    public("GET /api/unsubscribe", "/api/unsubscribe?token=unknown"),
    public("POST /api/unsubscribe", "/api/unsubscribe?token=unknown"),
    refused(
        "GET /api/unsubscribe/recipient/{token}",
        "/api/unsubscribe/recipient/unknown",
        NO_LINK,
    ),
    refused(
        "POST /api/unsubscribe/recipient/{token}",
        "/api/unsubscribe/recipient/unknown",
        NO_LINK,
    ),
    own("GET /api/me/mail_schedule", "/api/me/mail_schedule"),
    own_write("PUT /api/me/mail_schedule", "/api/me/mail_schedule"),
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
    own("GET /api/dashboard", "/api/dashboard"),
    own(
        "GET /api/stats/gpu-hours-by-user",
        "/api/stats/gpu-hours-by-user",
    ),
    public("GET /api/meta/hints", "/api/meta/hints"),
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
    read(
        "GET /api/batches/{batch_id}/health",
        "/api/batches/b/health",
        HIDDEN,
    ),
    read(
        "GET /api/batches/{batch_id}/eta",
        "/api/batches/b/eta",
        HIDDEN,
    ),
    read(
        "GET /api/batches/{batch_id}/jobs/eta-all",
        "/api/batches/b/jobs/eta-all",
        HIDDEN,
    ),
    read(
        "GET /api/batches/{batch_id}/export.csv",
        "/api/batches/b/export.csv",
        HIDDEN,
    ),
    read(
        "GET /api/jobs/{batch_id}/{job_id}/eta",
        "/api/jobs/b/j/eta",
        HIDDEN_JOB,
    ),
    read(
        "GET /api/jobs/{batch_id}/{job_id}/metrics",
        "/api/jobs/b/j/metrics",
        HIDDEN_JOB,
    ),
    own("GET /api/jobs", "/api/jobs"),
    own("GET /api/studies", "/api/studies"),
    own("GET /api/studies/{study_name}", "/api/studies/s"),
    own(
        "GET /api/studies/{study_name}/trials/{trial_id}",
        "/api/studies/s/trials/1",
    ),
    // The seed has one batch only, so whoever sees it lacks the other.
    own("GET /api/compare", "/api/compare?batches=b"),
    own(
        "GET /api/compare/export.csv",
        "/api/compare/export.csv?batches=b",
    ),
    act(
        "PATCH /api/batches/{batch_id}",
        "/api/batches/b",
        || json!({"name": "n"}),
    ),
    act("DELETE /api/batches/{batch_id}", "/api/batches/b", nothing),
    // It is not deleted, as whoever may bring it back is told.
    Row {
        stranger: HIDDEN,
        ..act(
            "POST /api/batches/{batch_id}/restore",
            "/api/batches/b/restore",
            || json!({}),
        )
    },
    act(
        "DELETE /api/jobs/{batch_id}/{job_id}",
        "/api/jobs/b/j",
        nothing,
    ),
    // Each entry stands for itself: what is somebody else's is skipped, not refused.
    Row {
        stranger: In,
        ..act(
            "POST /api/batches/bulk-delete",
            "/api/batches/bulk-delete",
            || json!({"batch_ids": ["b"]}),
        )
    },
    Row {
        stranger: In,
        ..act(
            "POST /api/jobs/bulk-delete",
            "/api/jobs/bulk-delete",
            || json!({"items": [{"batch_id": "b", "job_id": "j"}]}),
        )
    },
    act(
        "POST /api/batches/{batch_id}/stop",
        "/api/batches/b/stop",
        || json!({}),
    ),
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
    act(
        "POST /api/batches/{batch_id}/artifacts",
        "/api/batches/b/artifacts",
        nothing,
    ),
    read(
        "GET /api/batches/{batch_id}/artifacts",
        "/api/batches/b/artifacts",
        HIDDEN,
    ),
    act(
        "POST /api/batches/{batch_id}/artifacts/uploads",
        "/api/batches/b/artifacts/uploads",
        || json!({"filename": "a", "size_bytes": 1, "sha256": "0".repeat(64)}),
    ),
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

//! Rows of projects and of who takes part in them.

use crate::row::*;
use serde_json::json;

const PROJECT: &str = "/api/projects/proj";

/// Part of the table in [`crate::access`].
pub const PROJECT_ROWS: &[Row] = &[
    own("GET /api/projects", "/api/projects"),
    read("GET /api/projects/{project}", PROJECT, HIDDEN_PROJECT),
    read(
        "GET /api/projects/{project}/active-batches",
        "/api/projects/proj/active-batches",
        HIDDEN_PROJECT,
    ),
    read(
        "GET /api/projects/{project}/leaderboard",
        "/api/projects/proj/leaderboard",
        HIDDEN_PROJECT,
    ),
    read(
        "GET /api/projects/{project}/matrix",
        "/api/projects/proj/matrix",
        HIDDEN_PROJECT,
    ),
    read(
        "GET /api/projects/{project}/resources",
        "/api/projects/proj/resources",
        HIDDEN_PROJECT,
    ),
    read(
        "GET /api/projects/{project}/usage",
        "/api/projects/proj/usage",
        HIDDEN_PROJECT,
    ),
    read(
        "GET /api/batches/{batch_id}/usage",
        "/api/batches/b/usage",
        HIDDEN,
    ),
    read(
        "GET /api/projects/{project}/export.csv",
        "/api/projects/proj/export.csv",
        HIDDEN_PROJECT,
    ),
    read(
        "GET /api/projects/{project}/export-raw.csv",
        "/api/projects/proj/export-raw.csv",
        HIDDEN_PROJECT,
    ),
    Row {
        body: || json!({"slug": "another"}),
        ..own_write("POST /api/projects", "/api/projects")
    },
    manage(
        "PATCH /api/projects/{project}",
        PROJECT,
        || json!({"name": "n"}),
    ),
    manage(
        "POST /api/projects/{project}/guardrails/replay",
        "/api/projects/proj/guardrails/replay",
        || json!({}),
    ),
    // Whoever asks first deletes it; the administrator and the owner's session find it gone.
    Row {
        owner_session: HIDDEN_PROJECT,
        admin: HIDDEN_PROJECT,
        ..manage("DELETE /api/projects/{project}", PROJECT, nothing)
    },
    // Nothing of it is deleted, so there is nothing for anybody to bring back.
    Row {
        owner_session: HIDDEN_PROJECT,
        owner_reporter: HIDDEN_PROJECT,
        admin: HIDDEN_PROJECT,
        ..manage(
            "POST /api/projects/{project}/restore",
            "/api/projects/proj/restore",
            || json!({}),
        )
    },
    read(
        "GET /api/projects/{project}/members",
        "/api/projects/proj/members",
        HIDDEN_PROJECT,
    ),
    manage(
        "POST /api/projects/{project}/members",
        "/api/projects/proj/members",
        || json!({"username": "root", "role": "viewer"}),
    ),
    manage(
        "PATCH /api/projects/{project}/members/{user_id}",
        "/api/projects/proj/members/1",
        || json!({"role": "viewer"}),
    ),
    manage(
        "DELETE /api/projects/{project}/members/{user_id}",
        "/api/projects/proj/members/1",
        nothing,
    ),
    read(
        "GET /api/projects/{project}/recipients",
        "/api/projects/proj/recipients",
        HIDDEN_PROJECT,
    ),
    manage(
        "POST /api/projects/{project}/recipients",
        "/api/projects/proj/recipients",
        || json!({"email": "team@example.com"}),
    ),
    manage(
        "PATCH /api/projects/{project}/recipients/{recipient_id}",
        "/api/projects/proj/recipients/1",
        || json!({"enabled": true}),
    ),
    manage(
        "DELETE /api/projects/{project}/recipients/{recipient_id}",
        "/api/projects/proj/recipients/1",
        nothing,
    ),
    read(
        "GET /api/projects/{project}/channels",
        "/api/projects/proj/channels",
        HIDDEN_PROJECT,
    ),
    read(
        "GET /api/projects/{project}/channels/{channel_id}/messages",
        "/api/projects/proj/channels/1/messages",
        HIDDEN_PROJECT,
    ),
    manage(
        "POST /api/projects/{project}/channels",
        "/api/projects/proj/channels",
        || json!({"kind": "slack", "name": "x", "url": "https://a.example/x"}),
    ),
    manage(
        "PATCH /api/projects/{project}/channels/{channel_id}",
        "/api/projects/proj/channels/1",
        || json!({"name": "y"}),
    ),
    manage(
        "DELETE /api/projects/{project}/channels/{channel_id}",
        "/api/projects/proj/channels/1",
        nothing,
    ),
    manage(
        "POST /api/projects/{project}/channels/{channel_id}/test",
        "/api/projects/proj/channels/1/test",
        nothing,
    ),
    manage(
        "POST /api/projects/{project}/channels/{channel_id}/replay",
        "/api/projects/proj/channels/1/replay",
        || json!({"ids": [1]}),
    ),
];
